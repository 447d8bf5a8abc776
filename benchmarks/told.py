"""Is everything that people were told to be done really there, once? The log and the tables, against the book.

A write whose answer never came may be there or not: at most so many more than told may stand in the tables.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks.book import Book
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.leads.models import Lead
from labapp.oplog.models import Operation
from labapp.oplog.verify import Broken, checked
from labapp.people.models import Sandbox


@dataclass(frozen=True)
class Before:
    """What was there before anybody came: the number of the last step, and of the last lead."""

    step: int
    lead: int


@dataclass(frozen=True)
class Row:
    """A lead as it stands in its table now."""

    serial: int
    mobile: str
    customer: int | None


@dataclass(frozen=True)
class Done:
    """A step of the log that says a create or a conversion was done."""

    member: str
    verb: str
    serial: int


@dataclass(frozen=True)
class Count:
    """How many were told, and what is wrong with them or beside them; `broken` says where the chain is broken."""

    told: int
    lost: int
    double: int
    broken: str = ""

    @property
    def whole(self) -> bool:
        return not (self.lost or self.double or self.broken)

    @property
    def line(self) -> str:
        wrong = f"; the log is broken: {self.broken}" if self.broken else ""
        return f"{self.told:,} writes told, {self.lost} lost, {self.double} double{wrong}"


def compared(book: Book, rows: Mapping[int, Row], steps: Iterable[Done]) -> Count:
    """The book against the new leads by id and the steps that were done since."""
    done = Counter(steps)
    lost = double = 0
    for one in book.made:
        row = rows.get(one.lead)
        count = done[Done(one.member, "create", row.serial)] if row is not None else 0
        lost += row is None or row.mobile != one.mobile or count < 1
        double += count > 1
    for other in book.converted:
        row = rows.get(other.lead)
        count = done[Done(other.member, "convert", row.serial)] if row is not None else 0
        lost += row is None or row.customer != other.customer or count < 1
        double += count > 1
    told = len(book.made) + len(book.converted)
    twice = len(rows) - len({row.mobile for row in rows.values()})
    more = max(0, sum(done.values()) - told - book.unknown)
    return Count(told, lost, max(double, twice, more))


def before() -> Before:
    """What is there now. In an application's context."""
    step = db.session.scalars(select(Sandbox.last_step).where(Sandbox.id == 1)).one()
    lead = db.session.scalar(select(func.max(Lead.id)), execution_options={"seen_by": EVERYONE})
    return Before(step, lead or 0)


def counted(book: Book, first: Before) -> Count:
    """The book against the database of this application, and the chain of its log from the first step to the last."""
    db.session.rollback()
    leads = select(Lead.id, Lead.serial, Lead.mobile, Lead.customer_id).where(Lead.id > first.lead)
    rows = {
        row.id: Row(row.serial, row.mobile or "", row.customer_id)
        for row in db.session.execute(leads, execution_options={"seen_by": EVERYONE})
    }
    steps = select(Operation.member, Operation.verb, Operation.record).where(
        Operation.sandbox_id == 1,
        Operation.id > first.step,
        Operation.kind == "lead",
        Operation.verb.in_(("create", "convert")),
        Operation.outcome == "done",
    )
    done = [Done(row.member or "", row.verb, row.record or 0) for row in db.session.execute(steps)]
    count = compared(book, rows, done)
    try:
        for _step in checked(db.session.get_one(Sandbox, 1)):
            pass
    except Broken as error:
        return Count(count.told, count.lost, count.double, str(error))
    return count
