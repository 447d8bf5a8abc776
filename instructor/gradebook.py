"""What the pages of grades share: the book of the course, a member's line, the way between the pages."""

from collections.abc import Sequence
from typing import Any, NoReturn

from flask import abort, g, redirect, request
from flask_babel import gettext as _
from sqlalchemy import select

from instructor.common import me
from labapp.access.actor import Actor, actor_of
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.gradebook.book import Book, Line, book_of_course, lines_of
from labapp.gradebook.rubrics import rubric_of
from labapp.grading import BadRubric
from labapp.grading.rubric import Task
from labapp.people.directory import Member, directory_of, sandboxes_of
from labapp.people.models import SIMULATED, STUDENT, Membership, Sandbox
from labapp.people.words import language

HERE = "/instructor/grades"
Seats = Sequence[tuple[Sandbox, dict[str, int]]]


def everybody() -> bool:
    """Whether vacant seats are asked for too."""
    return request.args.get("seats") == "all"


def sandboxes() -> list[Sandbox]:
    """The sandboxes of the course: one, or one per team or student."""
    found: list[Sandbox] = g.get("course_sandboxes") or sandboxes_of(g.sandbox.course_id)
    g.course_sandboxes = found
    return found


def students(sandbox: Sandbox, vacant: bool) -> dict[str, int]:
    """Ids of the students of a sandbox who are shown, by key; the simulated company is not."""
    members = directory_of(sandbox).members.values()
    real = [member for member in members if member.role == STUDENT and member.state != SIMULATED]
    return {member.key: member.id for member in real if vacant or member.is_somebody}


def members_asked() -> Seats:
    """The students who are shown, sandbox by sandbox; those of one position and below where that is asked for."""
    vacant, place = everybody(), place_asked()
    found = [(sandbox, students(sandbox, vacant)) for sandbox in sandboxes()]
    if place is None:
        return found
    below = me().directory.people_in(place)
    return [(sandbox, {key: one for key, one in own.items() if one in below}) for sandbox, own in found]


def place_asked() -> int | None:
    """The position whose people alone are shown."""
    text = request.args.get("place", "")
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    return place if place in me().directory.places else None


def places() -> list[tuple[int, str]]:
    """The positions one can ask for, by their names from the top; none where a course has several sandboxes."""
    if len(sandboxes()) > 1:
        return []
    directory = me().directory
    named = ((place, [*reversed(directory.above(place.id)), place]) for place in directory.tree())
    return [(place.id, " / ".join(one.name(language()) for one in chain)) for place, chain in named]


def book() -> Book | None:
    """The gradebook of the course: those who have taken a seat, or all seats. Raises BadRubric."""
    rubric = rubric_of(g.sandbox)
    return None if rubric is None else book_of_course(rubric, members_asked())


def tasks_by_key() -> dict[str, Task]:
    """The tasks of the rubric in force, by key; none where it cannot be read, or there is none."""
    try:
        rubric = rubric_of(g.sandbox)
    except BadRubric:
        rubric = None
    return {task.key: task for task in rubric.tasks} if rubric is not None else {}


def readable_book() -> Book:
    """The same. Raises Invalid where the rubric cannot be read; elsewhere where there is none."""
    try:
        found = book()
    except BadRubric as error:
        raise unreadable(error) from error
    return found or without_rubric()


def without_rubric() -> NoReturn:
    """There is nothing to grade by: the page of grades says so. 404 for what was sent."""
    abort(redirect(HERE) if request.method == "GET" else 404)


def unreadable(error: BadRubric) -> Invalid:
    return Invalid(_("The rubric of this course cannot be read: %(why)s", why=str(error)))


def member_or_404(key: str) -> tuple[Sandbox, Member]:
    """A student of the course, and where. Keys are unique in a course."""
    for sandbox in sandboxes():
        member = directory_of(sandbox).by_key.get(key)
        if member is not None and member.role == STUDENT and member.state != SIMULATED:
            return sandbox, member
    abort(404)


def line_or_404(key: str) -> tuple[Book, Line, Sandbox]:
    """The book with nobody but this member in it, the line, and the sandbox."""
    sandbox, member = member_or_404(key)
    try:
        rubric = rubric_of(sandbox)
        lines = lines_of(sandbox, rubric, {member.key: member.id}) if rubric is not None else []
    except BadRubric as error:
        raise unreadable(error) from error
    if rubric is None:
        without_rubric()
    if not lines:
        abort(404)
    return Book(rubric, tuple(lines)), lines[0], sandbox


def reader_in(sandbox: Sandbox) -> Actor:
    """Who reads, as a member of that sandbox of the course; where they are none, as they are here."""

    if sandbox.id == g.sandbox.id:
        return me()
    found = db.session.scalar(
        select(Membership.id).where(
            Membership.sandbox_id == sandbox.id, Membership.account_id == g.account.id
        )
    )
    return actor_of(sandbox, found) if found is not None else me()


def crumbs(*more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
    return [(_("Grades"), HERE if more else None), *more]


def ways(page: str) -> list[tuple[Any, str, bool]]:
    """The pages of grades, for the row of tabs."""
    pages = (
        ("", _("Matrix")),
        ("statistics", _("Statistics")),
        ("marking", _("Mark by hand")),
        ("comments", _("Comments")),
        ("rubric", _("Rubric")),
        ("history", _("History")),
        ("files", _("Files")),
    )
    return [(label, f"{HERE}/{name}" if name else HERE, name == page) for name, label in pages]
