"""The sandboxes of a course of teams or single students: who sits where, and more of them for late joiners."""

from collections.abc import Sequence
from datetime import datetime

from flask import g, request
from sqlalchemy import func, select

from labapp.clock import lab_now
from labapp.db import db
from labapp.people.directory import sandboxes_of
from labapp.people.enrol import entrances, names_in
from labapp.people.models import ACTIVE, CLASS, STUDENT, Course, Membership, Sandbox
from labapp.values import dataclass

AT_ONCE = 30


@dataclass(frozen=True)
class Row:
    """A sandbox in the list. `entry`: the membership by which the reader goes there, None where there is none."""

    sandbox: Sandbox
    names: Sequence[str]
    free: int
    lab_now: datetime
    entry: int | None


@dataclass(frozen=True)
class Shown:
    """A page of the list: of how many, how many seats are free, and what was asked for."""

    rows: Sequence[Row]
    total: int
    free: int
    words: str
    page: int
    pages: int


def shown_sandboxes(course: Course) -> Shown | None:
    """The sandboxes that match `?q=` (a number or a name), page `?page=`; None in mode class."""
    if course.mode == CLASS:
        return None
    words = request.args.get("q", "").strip()[:60]
    boxes = sandboxes_of(course.id)
    names = names_in([box.id for box in boxes])
    free = free_in([box.id for box in boxes])
    asked = words.casefold()
    found = [
        box for box in boxes if asked in " ".join([box.unit or box.name, *names.get(box.id, [])]).casefold()
    ]
    pages = max(-(-len(found) // AT_ONCE), 1)
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    entries = {one.sandbox_id: one.membership_id for one in entrances(g.account.id)}
    rows = [
        Row(box, names.get(box.id, []), free.get(box.id, 0), lab_now(box), entries.get(box.id))
        for box in found[(page - 1) * AT_ONCE : page * AT_ONCE]
    ]
    return Shown(rows, len(boxes), sum(free.values()), words, page, pages)


def free_in(sandbox_ids: Sequence[int]) -> dict[int, int]:
    """How many seats of each sandbox nobody has yet."""
    query = (
        select(Membership.sandbox_id, func.count())
        .where(
            Membership.sandbox_id.in_(sandbox_ids),
            Membership.role == STUDENT,
            Membership.state == ACTIVE,
            Membership.account_id.is_(None),
        )
        .group_by(Membership.sandbox_id)
    )
    return {row[0] or 0: row[1] for row in db.session.execute(query)}
