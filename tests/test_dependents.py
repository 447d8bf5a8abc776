"""What hangs on a record is found by its links, however large the sandbox is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from labapp.db import db, is_sqlite
from labapp.records.catalog import catalog
from labapp.records.dependents import built_upon, linked

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
