"""The console, page by page."""

from instructor import administration, grades, log, positions, registrations, sharing, users
from instructor.common import bp

__all__ = ["administration", "bp", "grades", "log", "positions", "registrations", "sharing", "users"]
