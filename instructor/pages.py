"""The console, page by page."""

from instructor import administration, grades, log
from instructor.common import bp

__all__ = ["administration", "bp", "grades", "log"]
