"""What the pages of grades share: the book of the sandbox, a member's line, the way back."""

from typing import Any

from flask import abort, g, request
from flask_babel import gettext as _

from instructor.common import me
from labapp.access.errors import Invalid
from labapp.gradebook.book import Book, Line, book_of
from labapp.grading import BadRubric


def everybody() -> bool:
    """Whether vacant seats are asked for too."""
    return request.args.get("seats") == "all"


def book() -> Book | None:
    """The gradebook of the sandbox: those who have taken a seat, or all seats. Raises BadRubric."""
    return book_of(g.sandbox, members_asked())


def members_asked() -> dict[str, int]:
    """Ids of the students who are shown, by key."""
    students = [member for member in me().directory.members.values() if member.role == "student"]
    taken = students if everybody() else [member for member in students if member.account_id is not None]
    return {member.key: member.id for member in taken}


def readable_book(members: dict[str, int]) -> Book | None:
    """The book of these members (ids by key). Raises Invalid where the rubric cannot be read."""
    try:
        return book_of(g.sandbox, members)
    except BadRubric as error:
        raise Invalid(_("The rubric of this course cannot be read: %(why)s", why=str(error))) from error


def line_or_404(key: str) -> tuple[Book, Line]:
    """The book with nobody but this member in it, and the line."""
    member = me().directory.by_key.get(key) or abort(404)
    found = readable_book({member.key: member.id})
    if found is None or not found.lines:
        abort(404)
    return found, found.lines[0]


def crumbs(*more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
    return [(_("Grades"), "/instructor/grades" if more else None), *more]
