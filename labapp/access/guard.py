"""Two alarms on the session, so that forgetting is impossible.

A read of records must say who is asking; a write must come from a Work.
"""

from itertools import chain
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, with_loader_criteria
from sqlalchemy.sql.util import find_tables

from labapp.access.actor import Actor
from labapp.access.everyone import EVERYONE
from labapp.access.rules import reachable, record_models
from labapp.db import Record, Reference
from labapp.people.models import Membership

SEEN_BY = "seen_by"


class NobodyAsked(RuntimeError):
    """A query on records was run without `seen_by`."""


class WrittenOutsideWork(RuntimeError):
    """A record was about to be saved by something other than a Work."""


def records_in(statement: Any) -> list[type[Record]]:
    """The record models a statement touches, wherever in it they stand."""
    tables = set(
        find_tables(
            statement, include_aliases=True, include_joins=True, include_selects=True, check_columns=True
        )
    )
    return [model for model in record_models().values() if model.__table__ in tables]


def filter_reads(state: Any) -> None:
    """Add the visibility rule to a select on records; stop one that does not say who is asking."""
    if state.is_column_load or state.is_relationship_load:
        return
    options = state.execution_options
    asker = options.get(SEEN_BY)
    if asker is EVERYONE:
        return
    models = records_in(state.statement)
    if not models:
        return
    if not state.is_select:
        raise WrittenOutsideWork(f"bulk write on {models}")
    if not isinstance(asker, Actor):
        raise NobodyAsked(f"say who is asking for {models}")
    if not state.is_orm_statement:
        raise NobodyAsked(f"ask {models} as models, not as tables: tables are not filtered")
    state.statement = _filtered(state.statement, asker, models)


def filtered(statement: Any, asker: Actor) -> Any:
    """A select on record models with the visibility rule of every kind in it: what the session runs for who asks."""
    return _filtered(statement, asker, records_in(statement))


def _filtered(statement: Any, asker: Actor, models: list[type[Record]]) -> Any:
    return statement.options(*(_criteria(asker, model) for model in models))


def _criteria(asker: Actor, model: type[Record]) -> Any:
    """The visibility rule of a kind as an option of a statement, made once for each who asks."""
    name = f"criteria {model.__tablename__}"
    found = asker.memo.get(name)
    if found is None:
        found = asker.memo[name] = with_loader_criteria(model, reachable(asker, model), include_aliases=True)
    return found


def stop_stray_writes(session: Session, *_: Any) -> None:
    """Nothing that the log must know is flushed outside a Work."""
    if "work" in session.info:
        return
    changed = (row for row in session.dirty if session.is_modified(row))
    for row in chain(session.new, session.deleted, changed):
        if isinstance(row, (Record, Reference)) or _placed(row):
            raise WrittenOutsideWork(repr(row))


def _placed(row: object) -> bool:
    """A membership inside a sandbox; one that still waits belongs to nobody's log."""
    return isinstance(row, Membership) and row.sandbox_id is not None and row.key is not None


def install(session: Any) -> None:
    event.listen(session, "do_orm_execute", filter_reads)
    event.listen(session, "before_flush", stop_stray_writes)
