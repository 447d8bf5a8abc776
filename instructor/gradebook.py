"""What the pages of grades share: the book of the sandbox, a member's line, the way back."""

from typing import Any

from flask import abort, g, request
from flask_babel import gettext as _

from instructor.common import me
from labapp.gradebook.book import Book, Line, book_of


def everybody() -> bool:
    """Whether vacant seats are asked for too."""
    return request.args.get("seats") == "all"


def book() -> Book | None:
    """The gradebook of the sandbox in which the reader stands: those who have taken a seat, or all seats."""
    students = [member for member in me().directory.members.values() if member.role == "student"]
    taken = students if everybody() else [member for member in students if member.account_id is not None]
    return book_of(g.sandbox, {member.key: member.id for member in taken})


def line_or_404(key: str) -> tuple[Book, Line]:
    """The book with nobody but this member in it, and the line."""
    member = me().directory.by_key.get(key) or abort(404)
    found = book_of(g.sandbox, {member.key: member.id})
    if found is None or not found.lines:
        abort(404)
    return found, found.lines[0]


def crumbs(*more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
    return [(_("Grades"), "/instructor/grades" if more else None), *more]
