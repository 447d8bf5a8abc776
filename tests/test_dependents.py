"""What hangs on a record is found by its links, however large the sandbox is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from labapp.db import db, is_sqlite
from labapp.modules.notes.models import Note
from labapp.records.catalog import catalog
from labapp.records.dependents import built_upon, hanging, hanging_types, linked
from labapp.records.work import Work

pytestmark = pytest.mark.usefixtures("app")
KINDS = ("customer", "lead", "contact", "opportunity", "campaign")


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """The questions that the database is asked meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        heard.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def whole_sandboxes(heard: list[tuple[str, Any]]) -> list[str]:
    """The questions for which SQLite goes through all rows of the sandbox, or of a table."""
    connection: Any = db.session.connection().connection.dbapi_connection
    found = []
    for statement, values in heard:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        if any(line.startswith("SCAN") or line.endswith("(sandbox_id=?)") for line in plan):
            found.append(statement)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_an_undo_goes_by_the_links(app: Flask, kind: str) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL knows how many rows there are and chooses by that")
    with asked() as heard:
        built_upon(1, catalog()[kind], [1, 2, 3])
    assert heard
    assert whole_sandboxes(heard) == []


def test_what_links_to_a_customer_goes_by_the_link(make: Any, cast: Any) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL knows how many rows there are and chooses by that")
    customer = make("customer", cast.ben, name="Otis")
    contact = make("contact", cast.ben, name="Wu Min", customer_id=customer.id)
    with asked() as heard:
        found = [row.id for row in linked(customer, "contact")]
    assert found == [contact.id]
    assert whole_sandboxes(heard) == []


def by_record(heard: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Those of the questions that ask what hangs on a record."""
    return [one for one in heard if "related_kind = " in one[0]]


def test_what_hangs_on_a_record_is_read_only_where_something_does(make: Any, cast: Any) -> None:
    """Nothing but one short question for each kind; what is in the bin does not hang."""
    lead, other = make("lead", cast.ben, name="Zhao"), make("lead", cast.ben, name="Qian")
    note = make("note", cast.ben, related_kind="lead", related_id=lead.id, body="Called.")
    with asked() as heard:
        assert [(type(row).__tablename__, row.id) for row in hanging(lead)] == [("note", note.id)]
        assert len(by_record(heard)) == len(hanging_types()) + 1
    with asked() as heard:
        assert hanging(other) == []
        assert len(by_record(heard)) == len(hanging_types())
    if is_sqlite():
        assert whole_sandboxes(by_record(heard)) == []
    with Work(cast.ben.actor, "note.delete") as work:
        work.delete(work.on(Note, note.id))
    assert hanging(lead) == []
