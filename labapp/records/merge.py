"""Two records that are one thing become one: what points at the other moves, its history stays (003 two-3).

All in one step. The other goes to the recycle bin, with the serial of the one that stays under `extra.merged_into`.
Whoever may merge two records moves all that hangs on the other one, also what they do not see themselves: it
follows its record, and nothing of it is shown or named.
"""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.access.everyone import EVERYONE
from labapp.db import Record, db
from labapp.db.fields import Field
from labapp.oplog.models import Operation
from labapp.records import custom, past
from labapp.records.catalog import catalog
from labapp.records.dependents import hanging_types
from labapp.records.describe import RecordType
from labapp.records.links import getter
from labapp.records.snapshot import kind_of

MARK = "merged_into"
VERB = "merge"
THIS, OTHER = "this", "other"
FARTHEST = 20


def merge(work: Any, record_type: RecordType, record: Any, answers: dict[str, Any]) -> Any:
    """Make one of two: `other_id` goes into the record; `keep_<field>` says whose value stays.

    Raises Invalid or Refused with the rule; needs the standing to delete on both. Returns the record.
    """
    other = other_of(work, record_type, record, answers.get("other_id"))
    check_versions(record, other, answers.get("versions"))
    not_between(work, record_type, record, other)
    record_type.rules.merging(work, record, other)
    values = values_kept(work.actor, record_type, (record, other), answers)
    record_type.rules.check(work, record, values)
    work.header.answers["other"] = other.serial
    moved = work.update(record, **values)
    if moved:
        record_type.rules.changed(work, record, moved)
    for link, row in list(pointing(record_type, other)):
        move(work, row, link, record)
    work.update(other, extra={**(other.extra or {}), MARK: record.serial})
    work.delete(other)
    return record


def other_of(work: Any, record_type: RecordType, record: Any, other_id: Any) -> Any:
    """The record that goes into this one. Raises Invalid, Refused."""
    if not other_id:
        raise Invalid(_l("Choose the record to merge in."))
    if other_id == record.id:
        raise Invalid(_l("These are the same record twice. Choose another one to merge in."))
    try:
        other = work.get(record_type.model, other_id)
    except NotFound as error:
        gone = merged_into(record_type.model, work.actor.sandbox_id, other_id)
        if gone is not None and gone.id == record.id:
            sentence = _l("The other record was merged into this one already. There is nothing left to do.")
            raise Invalid(sentence) from error
        sentence = _l("The other record is not there any more, or it is not visible to you.")
        raise Invalid(sentence) from error
    work.require(VERB, other)
    return other


def check_versions(record: Any, other: Any, versions: Any) -> None:
    """Raises Invalid where one of the two was changed since the person saw them."""
    if versions and str(versions) != versions_of(record, other):
        raise Invalid(
            _l(
                "One of the two records was changed meanwhile. Below they stand as they are now: choose again."
            )
        )


def versions_of(record: Any, other: Any) -> str:
    return f"{record.version}-{other.version}"


# -- which values stay -----------------------------------------------------------------------------------------------


def asked(actor: Actor, record_type: RecordType, record: Any, other: Any) -> list[Field]:
    """The fields in which the two differ and that a person may set, custom ones too: those one chooses."""
    shapes = custom.fields_in(actor, record_type).values()
    settable = [f for f in shapes if f.on_edit and f.shape not in {"tags", "data"}]
    return [f for f in settable if _differ(f, record, other) and not _own(f, record, other)]


def _differ(field: Field, record: Any, other: Any) -> bool:
    read = getter(field)
    return bool(read(record) != read(other))


def _own(field: Field, record: Any, other: Any) -> bool:
    """A link from one of the two to the other: it means nothing any more."""
    return field.target == kind_of(record) and bool(
        {getattr(record, field.name), getattr(other, field.name)} & {record.id, other.id}
    )


def usual(field: Field, record: Any) -> str:
    """Whose value is offered first: that of the record that stays, if it has one."""
    value = getter(field)(record)
    return OTHER if value is None or value is False or value == "" else THIS


def values_kept(
    actor: Actor, record_type: RecordType, pair: tuple[Any, Any], answers: dict[str, Any]
) -> dict[str, Any]:
    """The new values of the record that stays: as chosen; tags of both, the later of two contacts."""
    record, other = pair
    chosen = [
        (field, other if (answers.get(f"keep_{field.name}") or usual(field, record)) == OTHER else record)
        for field in asked(actor, record_type, record, other)
    ]
    found = {f.name: getattr(row, f.name) for f, row in chosen if row is other and not f.custom}
    for field in record_type.fields.values():
        mine, theirs = getattr(record, field.name), getattr(other, field.name)
        if field.shape == "tags":
            found[field.name] = list(dict.fromkeys([*(mine or ()), *(theirs or ())]))
        elif field.name == "last_contacted_at":
            found[field.name] = max((m for m in (mine, theirs) if m is not None), default=None)
        elif field.target == kind_of(record) and mine == other.id:
            found[field.name] = theirs if theirs != record.id else None
    sources = {custom.key_of(field): row for field, row in chosen if field.custom}
    return {**found, "extra": _extra_kept(record, other, sources)}


def _extra_kept(record: Any, other: Any, sources: dict[str, Any]) -> dict[str, Any]:
    """The custom values of both, the record's first; those of `sources` as the record named there has them."""
    theirs = {key: value for key, value in (other.extra or {}).items() if key != MARK}
    both = {**theirs, **(record.extra or {})}
    kept = {key: value for key, value in both.items() if key not in sources}
    said = {key: source.extra[key] for key, source in sources.items() if key in (source.extra or {})}
    return {**kept, **said}


# -- what points at the other ----------------------------------------------------------------------------------------


def pointing(record_type: RecordType, other: Any) -> Iterator[tuple[Field, Any]]:
    """(field, row) for all that links to this record or hangs on it, anyone's, not those in the bin."""
    for kind, field in catalog().pointing_at(record_type):
        yield from (
            (field, row) for row in _live(kind.model, other, getattr(kind.model, field.name) == other.id)
        )
    for kind in hanging_types():
        model: Any = kind.model
        field = kind.fields["related_id"]
        of_other = model.related_kind == kind_of(other), model.related_id == other.id
        yield from ((field, row) for row in _live(model, other, *of_other))


def _live(model: Any, other: Any, *where: Any) -> list[Any]:
    rows = select(model).where(model.sandbox_id == other.sandbox_id, model.deleted_at.is_(None), *where)
    return list(db.session.scalars(rows.order_by(model.id), execution_options={"seen_by": EVERYONE}))


def move(work: Any, row: Any, field: Field, record: Any) -> None:
    """Let one row point at the record that stays.

    What would then link the record to itself goes to the bin, and so does what is there already and may be there
    only once (a member of a campaign who is a member under both names).
    """
    if row is record or getattr(row, field.name) == record.id:
        return
    if _links_itself(row, field, record):
        work.delete(row)
        return
    try:
        with db.session.begin_nested():
            work.update(row, **{field.name: record.id})
    except IntegrityError:
        db.session.refresh(row)
        work.delete(row)


def _links_itself(row: Any, field: Field, record: Any) -> bool:
    """Whether a row between two records would have this one at both ends."""
    if row.reach != "between":
        return False
    names = [n for pair in row.ends for n in pair if n != field.name]
    fields = catalog()[kind_of(row)].fields
    return any(fields[n].target == field.target and getattr(row, n) == record.id for n in names)


def not_between(work: Any, record_type: RecordType, record: Any, other: Any) -> None:
    """Raises Invalid where the record stands below the other by way of a third: merged, it would be its own parent."""
    for field in record_type.fields.values():
        if field.target == record_type.name and _is_far_below(record_type.model, field, record, other):
            raise Invalid(
                _(
                    "“%(record)s” stands below “%(other)s” by way of another. Change “%(field)s” first.",
                    record=record_type.title_of(record),
                    other=record_type.title_of(other),
                    field=field.label,
                )
            )


def _is_far_below(model: Any, field: Field, record: Any, other: Any) -> bool:
    above, steps = getattr(record, field.name), 0
    if above == other.id:
        return False
    while above is not None and above != other.id and steps < FARTHEST:
        column = select(getattr(model, field.name)).where(model.id == above)
        above = db.session.scalar(column, execution_options={"seen_by": EVERYONE})
        steps += 1
    return above is not None and above == other.id


# -- afterwards ------------------------------------------------------------------------------------------------------


def merged_into(model: Any, sandbox_id: int, record_id: int) -> Any:
    """The record into which this one was merged, by however many steps; None where it was not. Asked for the house."""
    found = _row(model, sandbox_id, model.id == record_id)
    seen: set[int] = set()
    while found is not None and found.deleted_at is not None and found.id not in seen:
        seen.add(found.id)
        serial = (found.extra or {}).get(MARK)
        if serial is None:
            return None
        found = _row(model, sandbox_id, model.serial == serial)
    return found if seen and found is not None and found.deleted_at is None else None


def _row(model: Any, sandbox_id: int, where: Any) -> Any:
    query = select(model).where(model.sandbox_id == sandbox_id, where)
    return db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one_or_none()


def part(work: Any, record: Record) -> None:
    """A merged record is back from the bin: what moved away with the merge comes back, as far as it still is there.

    The values that the other one took over stay with it; its history says which they were.
    """
    if MARK not in (record.extra or {}):
        return
    step = merging_step(record)
    work.update(record, extra={name: value for name, value in record.extra.items() if name != MARK})
    for change in step.changes if step is not None else ():
        if change["what"] == "changed" and past.named(change) != (kind_of(record), record.serial):
            come_back(work, change, record)


def merging_step(record: Record) -> Operation | None:
    """The step that merged this record into another."""
    return past.last_touching(record, VERB)


def come_back(work: Any, change: dict[str, Any], record: Record) -> None:
    """One row points at the record again, where the merge turned it away and nobody did since."""
    row = past.row_of(record.sandbox_id, past.named(change))
    if row is None or row.deleted_at is not None:
        return
    for field in catalog()[change["kind"]].fields.values():
        turned = field.log in change["before"] and change["before"][field.log] == record.serial
        if not turned or not _leads_to(field, row, record):
            continue
        if work.serials.of(kind_of(record), getattr(row, field.name)) == change["after"].get(field.log):
            work.update(row, **{field.name: record.id})


def _leads_to(field: Field, row: Any, record: Record) -> bool:
    """Whether this field of the row can point at a record of this kind."""
    if field.shape == "related":
        return bool(row.related_kind == kind_of(record))
    return field.target == kind_of(record)
