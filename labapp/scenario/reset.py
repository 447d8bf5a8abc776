"""One member of a class begins anew: what they own goes to the bin, their seat is dealt its records again.

All of it is one request of the log, and happens at once or not at all.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.everyone import EVERYONE
from labapp.db import Record, db
from labapp.modules.exams.sitting import put_aside
from labapp.oplog.models import Operation
from labapp.people.models import ACTIVE, CLASS, STUDENT, Course, Membership, Sandbox
from labapp.records.catalog import catalog
from labapp.records.dependents import hanging_types
from labapp.records.describe import RecordType
from labapp.records.places import course_of
from labapp.records.seating import require_instructor
from labapp.records.work import Source, Work, writing
from labapp.scenario.deal import by_time, dealer_of
from labapp.scenario.late import position_key, shared_records
from labapp.scenario.library import scenario_of
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Seat
from labapp.scenario.write import Writer


def resets_of(actor: Actor, serial: int) -> int:
    """How often this member, named by serial, was reset."""
    query = select(func.count(Operation.id)).where(
        Operation.sandbox_id == actor.sandbox_id,
        Operation.kind == "membership",
        Operation.verb == "reset",
        Operation.record == serial,
        Operation.outcome == "done",
    )
    return int(db.session.execute(query).scalar_one())


def counted(actor: Actor, membership_id: int) -> dict[str, int]:
    """How many records of each kind a reset of this member would put into the bin."""
    found = {name: len(rows) for name, rows in _belongings(actor.sandbox_id, membership_id).items()}
    return {name: count for name, count in found.items() if count}


def reset_member(
    actor: Actor, membership_id: int, source: Source, *, seen: int | None = None
) -> tuple[int, int]:
    """Reset a member of a class. Returns how many records went to the bin and how many were dealt.

    `seen` is how often they had been reset when the instructor decided: of two who do it at once, one is told. Raises
    Refused, Invalid, NotFound.
    """
    source = source if source.request else Source(source.origin, secrets.token_hex(8), source.address)
    with writing():
        with Work(actor, "membership.reset", source=source) as work:
            require_instructor(actor, "reset")
            sandbox = work.sandbox()  # locks it
            member = work.on(Membership, membership_id)
            _check(actor, member)
            if seen is not None and seen != resets_of(actor, member.serial or 0):
                raise Invalid(
                    _l("%(name)s was reset by somebody else meanwhile.", name=member.name or member.key)
                )
            scenario = _scenario(sandbox)
            put_aside(member.id)
            work.header.answers = {"member": member.key}
            work.header.label = member.name or member.key or ""
        dealer = dealer_of(sandbox, scenario)
        writer = Writer(sandbox, actor.lab_now, source.request, {str(member.key): member.id})
        gone = _belongings(sandbox.id, member.id)
        for rows in gone.values():
            writer.bin(rows, actor.lab_now)
        writer.made = dict(shared_records(sandbox, dealer))
        plans = by_time(dealer.seat(Seat(str(member.key), position_key(scenario, member))))
        writer.records(plans)
        if writer.steps:
            writer.keep()
    return sum(map(len, gone.values())), len(plans)


def _check(actor: Actor, member: Membership) -> None:
    """Raises Invalid for whoever has no seat that could be dealt anew."""
    if course_of(actor).mode != CLASS:
        raise Invalid(_l("In this course a team or student begins anew by resetting the whole sandbox."))
    if member.role != STUDENT or member.state != ACTIVE or member.key is None:
        raise Invalid(_l("Only students who work here begin anew."))


def _scenario(sandbox: Sandbox) -> Scenario:
    found = scenario_of(db.session.get_one(Course, sandbox.course_id))
    if found is None:
        raise Invalid(_l("The scenario of this course is not here any more; no seat can be dealt from it."))
    return found


def _belongings(sandbox_id: int, membership_id: int) -> dict[str, list[Any]]:
    """What the member owns and what is part of it or hangs on it, whoever owns that; parts first. By kind."""
    known = catalog()
    found: dict[str, dict[int, Any]] = {}
    for record_type in known.values():
        model: Any = record_type.model
        query = _alive(model, sandbox_id).where(model.owner_id == membership_id)
        found[record_type.name] = {row.id: row for row in _rows(query)}
    for record_type in known.values():
        if record_type.parent is not None:
            found[record_type.name] |= _parts(record_type, sandbox_id, found)
    for record_type in hanging_types():
        found[record_type.name] |= _hanging(record_type, sandbox_id, found)
    order = sorted(found, key=lambda name: (known[name] not in hanging_types(), known[name].parent is None))
    return {name: [row for _id, row in sorted(found[name].items())] for name in order}


def _parts(record_type: RecordType, sandbox_id: int, found: dict[str, dict[int, Any]]) -> dict[int, Any]:
    """The rows of a kind that are part of these records: lines of an opportunity."""
    model: Any = record_type.model
    field = record_type.fields[record_type.parent or ""]
    ids = list(found.get(field.target or "", ()))
    query = _alive(model, sandbox_id).where(getattr(model, field.name).in_(ids))
    return {row.id: row for row in _rows(query)} if ids else {}


def _hanging(record_type: RecordType, sandbox_id: int, found: dict[str, dict[int, Any]]) -> dict[int, Any]:
    """The notes, attachments or activities on these records."""
    model: Any = record_type.model
    rows: dict[int, Any] = {}
    for kind, ids in list(found.items()):
        if ids:
            on_them = model.related_kind == kind, model.related_id.in_(list(ids))
            rows |= {row.id: row for row in _rows(_alive(model, sandbox_id).where(*on_them))}
    return rows


def _alive(model: Any, sandbox_id: int) -> Any:
    return select(model).where(model.sandbox_id == sandbox_id, model.deleted_at.is_(None))


def _rows(query: Any) -> Iterable[Record]:
    return db.session.scalars(query, execution_options={"seen_by": EVERYONE})
