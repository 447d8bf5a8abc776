"""What goes with every change of a row: running numbers, the search column, the check of what it points at."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, select

from labapp.access.errors import Invalid
from labapp.access.everyone import EVERYONE
from labapp.access.prepared import Builder, Visible, read
from labapp.db import Record, db
from labapp.db.fields import LINKS, Field
from labapp.oplog.append import next_number
from labapp.people.models import Membership
from labapp.records import matching, search
from labapp.records.snapshot import fields_by_model, kind_of, table_models


def number_of(work: Any, row: Any) -> None:
    """Give a numbered record its number: prefix, year and month of lab time, at least three digits."""
    prefix = row.number_prefix() if isinstance(row, Record) else None
    if prefix is None:
        return
    month = f"{prefix}{work.now:%Y%m}"
    row.number = f"{month}{next_number(work.actor.sandbox_id, month):03d}"


def check_links(work: Any, model: Any, values: dict[str, Any]) -> None:
    """Every link among these values that this work has not looked up yet. Raises Invalid."""
    for name, link in fields_by_model(model).items():
        target_id = values.get(name)
        if link.shape in LINKS and target_id is not None and (link.target, target_id) not in work.linked:
            check_link(work, link, target_id)
            work.linked.add((link.target, target_id))


def check_link(work: Any, link: Field, target_id: int) -> None:
    """Raises Invalid unless the target is in this sandbox and, if a record, visible to the actor."""
    model = table_models()[link.target or ""]
    if model is Membership and target_id in work.actor.directory.members:
        return
    if not _is_there(work.actor, model, target_id):
        sentence = _l("There is no such record, or it is not visible to you.")
        raise Invalid(sentence, {link.name: sentence})


def _is_there(actor: Any, model: Any, target_id: int) -> bool:
    """Whether this is in the actor's sandbox and, if a record, visible to them, with all that this work has done."""
    if issubclass(model, Record):
        db.session.flush()
        return bool(read(actor, ("there", model.__tablename__), _there(model), id=target_id))
    query = select(model.id).where(model.id == target_id, model.sandbox_id == actor.sandbox_id)
    return db.session.execute(query, execution_options={"seen_by": EVERYONE}).first() is not None


def _there(model: Any) -> Builder:
    def build(visible: Visible) -> Any:
        own = model.id == bindparam("id"), model.sandbox_id == bindparam("sandbox")
        return select(model.id).where(*own, visible(model))

    return build


def index(row: Any, moved: Iterable[str] | None = None) -> None:
    """Keep the search entry and the keys of a record in step with its fields."""
    if isinstance(row, Record):
        search.keep(row, None if moved is None else set(moved))
        matching.keep(row, None if moved is None else set(moved))
        row.written(None if moved is None else set(moved))


class Later:
    """What new records of several kinds are found by, until it is written with one statement for all of them.

    The index of words is written down before every statement: it is better asked once than once a kind.
    """

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.keys: list[dict[str, Any]] = []

    def keep(self) -> None:
        """Write it."""
        search.keep_all(self.entries)
        matching.keep_all(self.keys)
        self.entries.clear()
        self.keys.clear()


def index_all(rows: Iterable[Record], later: Later | None = None) -> None:
    """The same for many new records of one kind at once; with others, where it is kept `later`."""
    made = list(rows)
    beside = Later() if later is None else later
    beside.entries += (search.entry_of(row) for row in made if search.searched(type(row)))
    beside.keys += (entry for row in made for entry in matching.entries_of(row))
    if later is None:
        beside.keep()
    if made:
        type(made[0]).all_written(made)


def has_beside(model: Any) -> bool:
    """Whether anything is kept beside the records of this kind."""
    return bool(search.searched(model) or model.same_by)


def refresh_all(rows: Sequence[Record]) -> None:
    """Put right what is kept beside these records of one kind; what is right is not touched."""
    search.refresh_all(rows)
    matching.refresh_all(rows)


def unindex(row: Any) -> None:
    if isinstance(row, Record):
        search.drop(row)
        matching.drop(row)


def unindex_all(rows: Sequence[Record]) -> None:
    """The same for many records of one kind at once."""
    ids = [row.id for row in rows]
    for model in (search.SearchEntry, matching.MatchKey) if ids else ():
        gone = delete(model).where(model.kind == kind_of(rows[0]), model.record_id.in_(ids))
        db.session.execute(gone.execution_options(synchronize_session=False))
