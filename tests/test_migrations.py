"""The schema: migrations and models agree, and the log cannot be changed, on SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Column, Connection, Integer, insert, inspect, text
from sqlalchemy.exc import DatabaseError

from labapp.app import create_app
from labapp.clock import now
from labapp.db import db, migrate, triggers
from labapp.db.entries import entry_id
from labapp.gradebook.models import GradeRun, LedgerEntry, RubricVersion
from labapp.oplog.models import AdminEntry, Operation, Touch
from labapp.people.models import Course, Sandbox
from labapp.records.search import SearchEntry

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
T = datetime.fromisoformat("2026-09-07T09:00")


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database, in an application context."""
    uri = f"sqlite:///{tmp_path / 'labapp.sqlite'}"
    if request.param == "postgresql":
        uri = request.getfixturevalue("postgres_database")("labapp_schema")
    app = create_app(
        {"DATA": tmp_path, "SQLALCHEMY_DATABASE_URI": uri, "TESTING": True, "BABEL_DEFAULT_LOCALE": "en"},
        extensions=(),
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def made(empty: Flask) -> Flask:
    """The same, with tables and one step in each table of the log."""
    migrate.upgrade()
    with db.engine.begin() as connection:
        connection.execute(insert(Course).values(id=1, name="a", title="A", scenario="s", join_code="X"))
        for number, name in ((1, "a"), (2, "b")):
            moments = {"starts_at": T, "clock_base": T, "last_lab_at": T}
            row = {"id": number, "course_id": 1, "name": name, "scenario": "s", "state": "open", **moments}
            connection.execute(insert(Sandbox).values(**row))
        connection.execute(insert(Operation).values(**step(1)))
        connection.execute(insert(Touch).values(sandbox_id=1, kind="lead", serial=1, step=1))
        connection.execute(insert(AdminEntry).values(id=1, at=now(), action="account.add", hash="h"))
        run = {"rubric_sha256": "r", "marks_sha256": "m", "last_step": 1, "result": {}}
        connection.execute(insert(GradeRun).values(id=1, sandbox_id=1, **run))
        word = {"kind": "release", "account": "ines"}
        connection.execute(insert(LedgerEntry).values(id=1, sandbox_id=1, **word))
        connection.execute(insert(RubricVersion).values(id=1, course_id=1, sha256="r", content="c"))
    return empty


def step(number: int) -> dict[str, Any]:
    words = {"kind": "lead", "verb": "create", "origin": "screen", "outcome": "done", "hash": "h"}
    return {"sandbox_id": 1, "id": number, "at": now(), "lab_at": T, **words}


# -- migrations and models ---------------------------------------------------------------------------------


def differences(connection: Connection) -> list[Any]:
    options = {"include_name": lambda name, type_, parents: not triggers.is_made_here(name)}
    context = MigrationContext.configure(connection, opts={"compare_type": True, **options})
    return list(compare_metadata(context, db.metadata))


def schema(connection: Connection) -> dict[str, Any]:
    """Tables, columns, indexes and triggers, as far as the database names them."""
    looking = inspect(connection)
    tables = {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in looking.get_columns(name)),
            sorted(f"{i['name']} {rows_of(i)}" for i in looking.get_indexes(name)),
        )
        for name in looking.get_table_names()
    }
    question = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        question = "SELECT tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
    return {"tables": tables, "triggers": sorted(connection.execute(text(question)).scalars())}


def rows_of(index: Any) -> str:
    """Which rows an index is of, where it is not of all."""
    return " ".join(
        str(said) for name, said in index.get("dialect_options", {}).items() if name.endswith("_where")
    )


def test_migrations_make_what_the_models_say(empty: Flask) -> None:
    migrate.upgrade()
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_tables_made_at_once_are_those_the_migrations_make(empty: Flask) -> None:
    """Tests build their databases by `create_all`; what they prove must hold for migrated ones."""
    migrate.upgrade()
    with db.engine.connect() as connection:
        migrated = schema(connection)
    with db.engine.begin() as connection:
        wipe(connection)
    migrate.create_all()
    with db.engine.connect() as connection:
        assert schema(connection) == migrated
    _columns, indexes = migrated["tables"]["operation_touch"]
    assert any("look = 0" in index for index in indexes)
    assert not migrate.needs_upgrade()


def wipe(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            connection.execute(text(statement))
        return
    connection.execute(text("DROP TABLE search_fts"))
    db.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def test_head_read_from_file_names_is_what_alembic_says() -> None:
    scripts = ScriptDirectory(str(migrate.FOLDER))
    assert scripts.get_current_head() == migrate.head()


def test_every_model_is_known_to_the_application(empty: Flask) -> None:
    """A table whose module nobody imports would be missing from the first revision."""
    import pkgutil
    from importlib import import_module

    import labapp

    before = set(db.metadata.tables)
    for found in pkgutil.walk_packages(labapp.__path__, "labapp."):
        if found.name.rpartition(".")[2] in {"models", "jobs"} or ".models." in found.name:
            import_module(found.name)
    assert set(db.metadata.tables) == before


def test_an_up_to_date_database_is_left_alone(empty: Flask) -> None:
    assert migrate.upgrade() is True
    asked: list[str] = []
    assert migrate.upgrade(asked.append) is False
    assert asked == []


def test_two_processes_at_once_migrate_once(empty: Flask) -> None:
    done: list[bool] = []

    def process() -> None:
        with empty.app_context():
            done.append(migrate.upgrade())

    threads = [Thread(target=process) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]


def test_an_old_database_is_backed_up_before_it_is_changed(empty: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0000')"))

    class Stopped(Exception):
        pass

    def backup(revision: str) -> None:
        assert revision == "0000"
        raise Stopped

    with pytest.raises(Stopped):
        migrate.upgrade(backup)
    with db.engine.connect() as connection:
        assert migrate.current(connection) == "0000"


def test_a_rebuilt_table_keeps_its_children_and_its_triggers(made: Flask) -> None:
    """Alembic's batch mode drops the old table: with foreign keys on, that would delete all child rows."""
    with migrate._alone() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for table in ("course", "operation", "search_entry"):
            # PostgreSQL alters tables where they stand; only SQLite makes them anew.
            again = "always" if connection.dialect.name == "sqlite" else "never"
            with operations.batch_alter_table(table, recreate=again) as batch:
                batch.add_column(Column("later", Integer))
        triggers.renew(connection)
        migrate._check_references(connection)
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sandbox")).scalar() == 2
    refused("UPDATE operation SET label = 'x'")
    assert found("nothing") == []


def test_every_applied_revision_renews_the_triggers(made: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(triggers, "renew", lambda connection: seen.append(True))
    assert "on_version_apply=after_revision" in (migrate.FOLDER / "env.py").read_text("utf-8")
    with migrate._alone() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        command.stamp(migrate.config(connection), "head")
    assert seen == [True]


# -- the log is append-only --------------------------------------------------------------------------------


def refused(*statements: str) -> None:
    """The last of these statements is refused."""

    def transaction() -> None:
        with db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with pytest.raises(DatabaseError, match=triggers.REFUSED):
        transaction()


TOUCHING = {
    "operation": "label = 'x'",
    "operation_touch": "serial = 2",
    "admin_entry": "subject = 'x'",
    "grade_run": "last_step = 7",
    "ledger_entry": "reason = 'x'",
    "rubric_version": "content = 'x'",
}
LOG = tuple(TOUCHING)


@pytest.mark.parametrize("table", LOG)
def test_update_of_the_log_is_refused(made: Flask, table: str) -> None:
    refused(f"UPDATE {table} SET {TOUCHING[table]}")


@pytest.mark.parametrize("table", LOG)
def test_delete_from_the_log_is_refused(made: Flask, table: str) -> None:
    refused(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", LOG)
def test_replacing_a_row_of_the_log_is_refused(made: Flask, table: str) -> None:
    if db.engine.dialect.name == "sqlite":
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        key = ", ".join(triggers.KEYS[table])
        refused(
            f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {TOUCHING[table]}"
        )


def test_replacing_from_a_program_without_the_pragma_is_refused(made: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    stranger = sqlite3.connect(str(db.engine.url.database))
    for table in LOG:
        with pytest.raises(sqlite3.DatabaseError, match=triggers.REFUSED):
            stranger.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    stranger.close()


@pytest.mark.parametrize("table", LOG)
def test_truncate_of_the_log_is_refused(made: Flask, table: str) -> None:
    if db.engine.dialect.name == "sqlite":  # there it is DELETE without a condition
        refused(f"DELETE FROM {table} WHERE 1")
    else:
        refused(f"TRUNCATE {table}")
        refused(f"TRUNCATE {table} CASCADE")
        refused("SET LOCAL session_replication_role = replica", f"DELETE FROM {table}")


def test_only_a_sandbox_that_is_being_purged_loses_its_steps(made: Flask) -> None:
    refused("DELETE FROM operation WHERE sandbox_id = 1")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE sandbox SET state = 'purging' WHERE id = 2"))
    refused("DELETE FROM operation WHERE sandbox_id = 1")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE sandbox SET state = 'purging' WHERE id = 1"))
    refused("UPDATE operation SET sandbox_id = 2")
    with db.engine.begin() as connection:
        assert connection.execute(text("DELETE FROM operation_touch")).rowcount == 1
        assert connection.execute(text("DELETE FROM operation")).rowcount == 1
        assert connection.execute(text("DELETE FROM ledger_entry")).rowcount == 1
        assert connection.execute(text("DELETE FROM grade_run")).rowcount == 1
    refused("DELETE FROM admin_entry")
    refused("DELETE FROM rubric_version")


# -- the search index follows its table --------------------------------------------------------------------


def found(word: str) -> list[int]:
    question = "SELECT rowid FROM search_fts WHERE search_fts MATCH :word"
    if db.engine.dialect.name == "postgresql":
        question = "SELECT id FROM search_entry WHERE search_words @@ CAST(quote_literal(:word) AS tsquery)"
    with db.engine.connect() as connection:
        return list(connection.execute(text(question), {"word": word}).scalars())


def test_search_finds_what_was_written_changed_and_not_what_was_removed(made: Flask) -> None:
    with db.engine.begin() as connection:
        own = entry_id("lead", 1)
        row = {"id": own, "sandbox_id": 1, "kind": "lead", "record_id": 1, "tokens": "1lead0上海 1lead0海医"}
        connection.execute(insert(SearchEntry).values(**row))
    assert found("1lead0上海") == [own]
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE search_entry SET tokens = '1lead0北京'"))
    assert found("1lead0上海") == []
    assert found("1lead0北京") == [own]
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM search_entry"))
    assert found("1lead0北京") == []
