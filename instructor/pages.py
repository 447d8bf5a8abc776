"""The console, page by page."""

from instructor import administration, log
from instructor.common import bp

__all__ = ["administration", "bp", "log"]
