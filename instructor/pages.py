"""The console, page by page."""

from instructor import administration, grades, log, registrations, users
from instructor.common import bp

__all__ = ["administration", "bp", "grades", "log", "registrations", "users"]
