"""The console, page by page."""

from instructor import (
    administration,
    codes,
    courses,
    grades,
    groups,
    log,
    matrix,
    member,
    organisation,
    positions,
    registrations,
    sharing,
    staff,
    users,
)
from instructor.common import bp

__all__ = [
    "administration",
    "bp",
    "codes",
    "courses",
    "grades",
    "groups",
    "log",
    "matrix",
    "member",
    "organisation",
    "positions",
    "registrations",
    "sharing",
    "staff",
    "users",
]
