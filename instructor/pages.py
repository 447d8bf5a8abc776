"""The console, page by page."""

from instructor.common import bp

__all__ = ["bp"]
