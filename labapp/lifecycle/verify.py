"""Does the log of a sandbox tell the truth? Replayed, it must give the tables and files as they stand."""

from collections.abc import Iterator, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import Model, Record, Row, db
from labapp.modules.attachments.models import Attachment
from labapp.modules.attachments.storage import path_of
from labapp.modules.documents.models import Document
from labapp.oplog.models import Snapshot
from labapp.oplog.replay import Impossible, State
from labapp.oplog.verify import Broken, Difference, checked
from labapp.people.models import Membership, Position, Sandbox
from labapp.records.snapshot import Serials, fields_by_model, kind_of, snapshot

AT_ONCE = 500
EMPTY: tuple[Any, ...] = (None, "", [], {}, False, 0)


def verify(sandbox: Sandbox) -> Difference | None:
    """The first difference between the log of a sandbox and itself, its tables or its files; None if whole.

    Compares every kind of record with its child rows, what they refer to, memberships, settings and snapshots; leaves
    out accounts, saved views, notices, search columns, `updated_at` and `version` (design.md).
    """
    state = State(dict(sandbox.first_settings))
    kept = _snapshots(sandbox.id)
    changed = dict.fromkeys(((one.kind, one.serial) for ones in kept.values() for one in ones), 0)
    try:
        for step in checked(sandbox):
            state.feed(step)
            for thing in changed.keys() & {(change["kind"], change["id"]) for change in step["changes"]}:
                changed[thing] += 1
            for one in kept.pop(step["id"], ()):
                if _at_that_step(state, one) != one.fields or changed[one.kind, one.serial] != one.count:
                    return _wrong(one)
    except Broken as broken:
        return broken.difference
    except Impossible as error:
        return _impossible(error)
    for left in kept.values():
        return _wrong(left[0])
    return next(differences(sandbox, state), None)


def _snapshots(sandbox_id: int) -> dict[int, list[Any]]:
    """What is kept of records as they were, by the step after which they were so."""
    query = select(Snapshot.step, Snapshot.kind, Snapshot.serial, Snapshot.count, Snapshot.fields)
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(query.where(Snapshot.sandbox_id == sandbox_id)):
        found.setdefault(row.step, []).append(row)
    return found


def _at_that_step(state: State, row: Any) -> dict[str, Any] | None:
    """What the log says of the record, so far as it has been read."""
    return state.records.get(row.kind, {}).get(row.serial)


def _wrong(row: Any) -> Difference:
    """About a snapshot that the log does not add up to."""
    sentence = _(
        "What is kept of %(kind)s %(record)s as it was after step %(id)s is not what the log says.",
        kind=row.kind,
        record=row.serial,
        id=row.step,
    )
    return Difference(sentence, row.step, row.kind, row.serial)


def differences(sandbox: Sandbox, state: State) -> Iterator[Difference]:
    """Every difference between what the log adds up to and the tables and files."""
    yield from _settings(sandbox, state)
    serials = all_serials(sandbox.id)
    for model in row_models():
        yield from _rows(sandbox.id, model, state.records.get(kind_of(model), {}), serials)
    known = {kind_of(model) for model in row_models()}
    for kind, records in state.records.items():
        for serial in records if kind not in known else ():
            yield Difference(_("The log has %(kind)s %(id)s, which no table knows.", kind=kind, id=serial))
    yield from _paths(sandbox.id)


def row_models() -> list[Any]:
    """Every model whose rows the log names, references before records."""
    models = {m.class_ for m in Model.registry.mappers if issubclass(m.class_, Row)}
    return sorted(models, key=lambda model: (issubclass(model, Record), model.__tablename__))


def all_serials(sandbox_id: int) -> Serials:
    """The serials of all rows of a sandbox, so that nothing is looked up one by one."""
    serials = Serials()
    for model in row_models():
        name = Membership.key if model is Membership else model.serial
        query = select(model.id, name).where(model.sandbox_id == sandbox_id)
        for row_id, serial in db.session.execute(query, execution_options={"seen_by": EVERYONE}):
            serials.known[model.__tablename__, row_id] = serial
    return serials


def _impossible(error: Impossible) -> Difference:
    sentence = _(
        "Step %(id)s changes %(field)s of %(kind)s %(record)s, which is not as the steps before left it.",
        id=error.step,
        kind=error.kind,
        record=error.serial,
        field=error.name,
    )
    return Difference(sentence, error.step)


def _settings(sandbox: Sandbox, state: State) -> Iterator[Difference]:
    for path in sorted(state.settings.keys() | sandbox.settings.keys()):
        if state.settings.get(path) != sandbox.settings.get(path):
            yield Difference(_("The setting %(path)s is not what the log says.", path=path))


def _rows(
    sandbox_id: int, model: Any, records: Mapping[Any, dict[str, Any]], serials: Serials
) -> Iterator[Difference]:
    """Compare one table with the records of its kind in the log."""
    kind, missing = kind_of(model), set(records)
    query = (
        select(model).where(model.sandbox_id == sandbox_id, model.serial.is_not(None)).order_by(model.serial)
    )
    options: dict[str, Any] = {"seen_by": EVERYONE, "yield_per": AT_ONCE}
    with db.session.scalars(query, execution_options=options) as rows:  # whoever stops at the first closes it
        for row in rows:
            if model is Membership and not row.key:
                continue
            missing.discard(row.serial)
            yield from _row(row, kind, records.get(row.serial), serials)
            db.session.expunge(row)
    for serial in sorted(missing):
        yield _about(
            _("%(kind)s %(id)s stands in the log but not in its table.", kind=kind, id=serial), kind, serial
        )


def _row(row: Any, kind: str, expected: dict[str, Any] | None, serials: Serials) -> Iterator[Difference]:
    binned = isinstance(row, Record) and row.deleted_at is not None
    if expected is None and not binned:
        sentence = _("%(kind)s %(id)s stands in its table but not in the log.", kind=kind, id=row.serial)
        yield _about(sentence, kind, row.serial)
    elif expected is not None and binned:
        sentence = _(
            "%(kind)s %(id)s is in the recycle bin, but no step put it there.", kind=kind, id=row.serial
        )
        yield _about(sentence, kind, row.serial)
    elif expected is not None:
        found = snapshot(row, serials)
        for name in _unlike(type(row), found, expected):
            sentence = _(
                "%(kind)s %(id)s: %(field)s is %(found)s in its table and %(expected)s in the log.",
                kind=kind,
                id=row.serial,
                field=name,
                found=repr(found.get(name)),
                expected=repr(expected.get(name)),
            )
            yield _about(sentence, kind, row.serial)
        yield from _file(row, kind)


def _unlike(model: Any, found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """The fields in which table and log differ.

    A field that came with a later version is empty in the log; one that went with it is no difference.
    """
    names = []
    columns = {field.log for field in fields_by_model(model).values()} | {"owner", "created_at"}
    for name in sorted(found.keys() | expected.keys()):
        if name not in columns and not name.startswith("extra."):
            continue
        new = name not in expected and found[name] in EMPTY
        if not new and found.get(name) != expected.get(name):
            names.append(name)
    return names


def _paths(sandbox_id: int) -> Iterator[Difference]:
    """Paths of positions are made from who stands above whom; here they are made again."""
    places = {p.id: p for p in db.session.scalars(select(Position).where(Position.sandbox_id == sandbox_id))}
    for place in places.values():
        above = places.get(place.parent_id) if place.parent_id else None
        if place.path != f"{above.path if above else '/'}{place.id}/":
            sentence = _(
                "position %(id)s: its path does not follow from the position above.", id=place.serial
            )
            yield _about(sentence, "position", place.serial)


def _file(row: Any, kind: str) -> Iterator[Difference]:
    """An attachment says what its file must hash to; a document says it of every version."""
    if any(hash_of(path_of(row.sandbox_id, sha256)) != sha256 for sha256 in digests(row)):
        sentence = _(
            "%(kind)s %(id)s: its file is missing or not as it was uploaded.", kind=kind, id=row.serial
        )
        yield _about(sentence, kind, row.serial)


def digests(row: Any) -> list[str]:
    """The SHA-256 of each file that a row stands for."""
    if isinstance(row, Document):
        return [row.sha256, *(str(version["sha256"]) for version in row.versions or ())]
    return [row.sha256] if isinstance(row, Attachment) else []


def hash_of(path: Path) -> str | None:
    """SHA-256 of a file as lower-case hex; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _about(sentence: str, kind: str, serial: int) -> Difference:
    return Difference(sentence, kind=kind, record=serial)
