"""A database of an older revision, with records and looks in it, is completed by its upgrade."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import JSON, Connection, MetaData, Table, select, text
from sqlalchemy.exc import DatabaseError

from labapp import jobs
from labapp.access.everyone import EVERYONE
from labapp.app import create_app
from labapp.cli.shell import bring_up_to_date
from labapp.db import db, is_sqlite, migrate, triggers
from labapp.db.entries import entry_id
from labapp.lifecycle import older
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.oplog import life
from labapp.oplog.models import Snapshot, Touch
from labapp.records import matching, search
from labapp.records.imports import store
from tests.listening import work_and_die_at

T = datetime.fromisoformat("2026-09-07T09:00")
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
RECORDS = 7


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on an empty database, in an application context; three records are a part of the job."""
    uri = f"sqlite:///{tmp_path / 'labapp.sqlite'}"
    if request.param == "postgresql":
        uri = request.getfixturevalue("postgres_database")("labapp_older")
    monkeypatch.setattr(older, "AT_ONCE", 3)
    monkeypatch.setattr(store, "PAUSE", 0.0)
    settings = {"DATA": tmp_path, "SQLALCHEMY_DATABASE_URI": uri, "TESTING": True}
    app = create_app({**settings, "BABEL_DEFAULT_LOCALE": "en"}, extensions=())
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def old(revision: str) -> None:
    """A database as it was at a revision: a class, customers and leads, what was done to them and what only looked."""
    with migrate._alone() as connection:
        command.upgrade(migrate.config(connection), revision)
        put(connection, "course", id=1, name="a", title="A", scenario="s", join_code="X")
        times = {"starts_at": T, "clock_base": T, "last_lab_at": T}
        put(connection, "sandbox", id=1, course_id=1, name="a", scenario="s", state="open", **times)
        put(connection, "account", id=1, number="1", name="Ben", password_hash="x")
        seat = {"course_id": 1, "account_id": 1, "key": "s001", "name": "Ben"}
        put(connection, "membership", id=1, sandbox_id=1, serial=1, role="student", state="active", **seat)
        for number in range(1, RECORDS + 1):
            common = {"id": number, "sandbox_id": 1, "serial": number, "owner_id": 1}
            phone = f"0571-8812345{number}"
            put(connection, "customer", **common, name=f"Hangzhou Lifts {number} Ltd", phone=phone)
            put(connection, "lead", **common, name="Grace", company="Lifts", mobile=f"1381234567{number}")
            words = {"sandbox_id": 1, "kind": "customer", "record_id": number, "tokens": "1customer0lifts"}
            put(connection, "search_entry", **words)
        for step, (verb, outcome) in enumerate(STEPS, start=1):
            words = {"kind": "lead", "verb": verb, "outcome": outcome, "origin": "screen", "hash": "h"}
            put(connection, "operation", sandbox_id=1, id=step, record=1, at=T, lab_at=T, **words)
            put(connection, "operation_touch", sandbox_id=1, kind="lead", serial=1, step=step)


STEPS = (("create", "done"), ("open", "done"), ("edit", "refused"), ("edit", "done"), ("export", "done"))


def put(connection: Connection, into: str, /, **values: Any) -> None:
    """A row with what is said, and something in every other column that asks for it."""
    table = Table(into, MetaData(), autoload_with=connection)
    for column in table.columns:
        if column.name in values or column.nullable or column.server_default is not None:
            continue
        if not (column.primary_key and column.autoincrement is True):
            values[column.name] = something(column)
    if values.get("id") is None:
        values.pop("id", None)
    connection.execute(table.insert().values(**values))


def something(column: Any) -> Any:
    if column.name == "id":
        return None
    if isinstance(column.type, JSON) or column.name in {"settings", "first_settings", "extra", "positions"}:
        return [] if column.name in {"tags", "positions"} else {}
    kind = column.type.python_type
    return T if kind is datetime else kind()


def rows(model: Any) -> list[Any]:
    query = select(model).order_by(model.id)
    return list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))


def looks() -> dict[int, int]:
    return {touch.step: touch.look for touch in db.session.scalars(select(Touch))}


def tokens(kind: str) -> list[str]:
    query = select(search.SearchEntry).where(search.SearchEntry.kind == kind)
    found = db.session.scalars(query.order_by(search.SearchEntry.record_id))
    return [entry.tokens for entry in found]


def keys(kind: str) -> set[tuple[int, str]]:
    query = select(matching.MatchKey).where(matching.MatchKey.kind == kind)
    return {(entry.record_id, entry.what) for entry in db.session.scalars(query)}


def is_whole() -> None:
    """Every record is found by the digits of its phone, and has its keys."""
    db.session.remove()
    for number, words in enumerate(tokens("customer"), start=1):
        assert f"1customer0057188{12345}{number}" in words.split()
    assert len(tokens("customer")) == len(tokens("lead")) == RECORDS
    assert keys("customer") == {
        (n, what) for n in range(1, RECORDS + 1) for what in ("name", "eman", "phone")
    }
    assert keys("lead") == {(n, what) for n in range(1, RECORDS + 1) for what in ("name", "eman", "phone")}
    assert [row.name for row in rows(Customer)] == [f"Hangzhou Lifts {n} Ltd" for n in range(1, RECORDS + 1)]
    assert {row.version for row in rows(Lead)} == {0}


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_an_old_database_is_completed(empty: Flask, revision: str) -> None:
    old(revision)
    assert bring_up_to_date() is True
    assert looks() == {1: 0, 2: 1, 3: 1, 4: 0, 5: 1}
    assert [job.kind for job in rows(jobs.Job)] == [older.KIND]
    jobs.work_off()
    (job,) = rows(jobs.Job)
    assert (job.state, job.progress, job.total) == ("done", 2 * RECORDS, 2 * RECORDS)
    is_whole()
    assert bring_up_to_date() is False


@pytest.mark.parametrize("revision", ["0003", "0007"])
def test_what_is_searched_finds_its_record_after_the_upgrade(empty: Flask, revision: str) -> None:
    """The entries were numbered one after another, the customer of the number 5 not by 5 * 64 and its kind's place."""
    old(revision)
    assert bring_up_to_date() is True
    found = (
        select(Customer.id)
        .where(Customer.id.in_(search.matching(1, "customer", "lifts")))
        .order_by(Customer.id)
    )
    every = list(range(1, RECORDS + 1))
    assert list(db.session.scalars(found, execution_options={"seen_by": EVERYONE})) == every
    jobs.work_off()
    db.session.remove()
    assert list(db.session.scalars(found, execution_options={"seen_by": EVERYONE})) == every
    if is_sqlite():
        numbers = db.session.execute(
            select(search.SearchEntry.id, search.SearchEntry.record_id, search.SearchEntry.kind)
        )
        assert all(number == entry_id(kind, record_id) for number, record_id, kind in numbers)


@pytest.mark.parametrize("revision", ["0003", "0006"])
def test_records_that_many_steps_changed_get_their_snapshots(
    empty: Flask, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    """One that five steps changed gets two; what stands beside records is made only where it was missing."""
    monkeypatch.setattr(life, "EVERY", 2)
    old(revision)
    change = {"what": "created", "kind": "lead", "id": 2, "before": {}, "after": {"city": "Ulm"}}
    with db.engine.begin() as connection:
        for step in range(len(STEPS) + 1, len(STEPS) + 6):
            words = {"kind": "lead", "verb": "edit", "outcome": "done", "origin": "screen", "hash": "h"}
            put(connection, "operation", sandbox_id=1, id=step, at=T, lab_at=T, changes=[change], **words)
            put(connection, "operation_touch", sandbox_id=1, kind="lead", serial=2, step=step)
            change = {**change, "what": "changed", "after": {"city": f"City {step}"}}
    bring_up_to_date()
    jobs.work_off()
    kept = db.session.scalars(select(Snapshot).order_by(Snapshot.count)).all()
    assert [(one.serial, one.count, one.step, one.fields) for one in kept] == [
        (2, 2, 7, {"city": "City 6"}),
        (2, 4, 9, {"city": "City 8"}),
    ]
    assert (len(tokens("lead")) == RECORDS) is (revision < older.RECORDS_SINCE)


def test_the_log_is_guarded_again(empty: Flask) -> None:
    old("0002")
    bring_up_to_date()
    for statement in ("UPDATE operation_touch SET look = 0", "DELETE FROM operation_touch"):
        with pytest.raises(DatabaseError, match=triggers.REFUSED), db.engine.begin() as connection:
            connection.execute(text(statement))


def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    old("0003")

    class Stopped(Exception):
        pass

    def stop(connection: Connection) -> None:
        raise Stopped

    monkeypatch.setattr(migrate, "_check_references", stop)
    with pytest.raises(Stopped):
        bring_up_to_date()
    db.session.remove()
    with db.engine.connect() as connection:
        assert migrate.current(connection) == "0003"
        assert set(connection.execute(text("SELECT look FROM operation_touch")).scalars()) == {0}
        assert connection.execute(text("SELECT count(*) FROM job")).scalar() == 0
    with pytest.raises(DatabaseError, match=triggers.REFUSED), db.engine.begin() as connection:
        connection.execute(text("UPDATE operation_touch SET look = 1"))


def test_a_new_database_has_nothing_to_complete(empty: Flask) -> None:
    assert bring_up_to_date() is True
    assert rows(jobs.Job) == []


def test_killed_at_any_statement_it_goes_on_and_writes_no_row_twice(empty: Flask) -> None:
    if not is_sqlite():
        pytest.skip("a child process takes over the connections of SQLite only")
    old("0001")
    bring_up_to_date()
    number, lived = 1, False
    while not lived:
        lived = work_and_die_at(number)
        number += 5
        with db.engine.begin() as connection:  # a job may die three times; this one dies oftener
            connection.execute(text("UPDATE job SET tries = 1"))
        jobs.requeue()
    is_whole()


def test_what_is_right_is_not_written_again(empty: Flask) -> None:
    old("0003")
    bring_up_to_date()
    jobs.work_off()
    before = [(key.id, key.key) for key in rows(matching.MatchKey)]
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE job SET state = 'queued', resume = '{}'"))
    jobs.work_off()
    assert [(key.id, key.key) for key in rows(matching.MatchKey)] == before
