"""The console, page by page."""

from instructor import (
    administration,
    codes,
    courses,
    fields,
    grades,
    groups,
    log,
    matrix,
    member,
    organisation,
    positions,
    registrations,
    service,
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
    "fields",
    "grades",
    "groups",
    "log",
    "matrix",
    "member",
    "organisation",
    "positions",
    "registrations",
    "service",
    "sharing",
    "staff",
    "users",
]
