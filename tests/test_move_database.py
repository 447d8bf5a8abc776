"""`labapp move-database`: everything into another database, compared, or nothing at all."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    Numeric,
    Text,
    create_engine,
    func,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from labapp.app import create_app
from labapp.cli import labapp
from labapp.db import db
from labapp.db.migrate import create_all
from labapp.lifecycle import transfer
from labapp.lifecycle.transfer import tables, total_of
from labapp.people.models import Sandbox
from tests import world
from tests.semester import lively

pytestmark = pytest.mark.postgres
BIG = "大文章 with 'quotes', \\backslashes\\, tabs\tand\nlines. " * 4000
SAID = {
    "时间": "2026-09-07T09:00:00+08:00",
    "nothing": None,
    "large": 12345678901234567890,
    "exact": 0.1,
    "b": [1, {}],
}
VALUES: dict[type, Any] = {
    Boolean: True,
    DateTime: datetime(2026, 9, 7, 9, 30, 15, 123456),  # noqa: DTZ001 (lab time has no zone)
    Date: date(2026, 2, 28),
    Numeric: Decimal("1234567.80"),
    JSON: SAID,
    Integer: 1,
}


def value_of(column: Any, connection: Connection, sandbox_id: int) -> Any:
    """Something for a column: a link leads to what is there."""
    for key in column.foreign_keys:
        return (
            sandbox_id
            if key.column.table.name == "sandbox"
            else connection.scalar(select(func.min(key.column)))
        )
    for kind, value in VALUES.items():
        if isinstance(column.type, kind):
            return value
    length = getattr(column.type, "length", None)
    return BIG if isinstance(column.type, Text) and not length else f"{column.name} 汉字 ' \\N"[:length]


def fill_the_rest() -> None:
    """A row in every table that has none yet, so that none can be forgotten: in a sandbox that no log speaks of."""
    db.session.remove()
    with db.engine.begin() as connection:
        first = connection.execute(select(Sandbox.__table__)).mappings().one()
        half_made = {**first, "id": first["id"] + 1, "name": "half", "state": "purging"}
        connection.execute(Sandbox.__table__.insert(), [half_made])
        for table in tables():
            if not connection.scalar(select(func.count()).select_from(table)):
                columns = [column for column in table.c if column is not table.autoincrement_column]
                row = {c.name: value_of(c, connection, half_made["id"]) for c in columns}
                connection.execute(table.insert(), [row])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a SQLite database that has rows in every table, and a log that agrees with them."""
    folder = tmp_path_factory.mktemp("original")
    settings = {
        "TESTING": True,
        "DATA": folder,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'labapp.sqlite'}",
    }
    app = create_app(settings)
    with app.app_context():
        create_all()
        cast, chance, catalog = world.build(), Random(1), app.extensions["catalog"]
        make = lambda kind, owner, /, **values: world.invent(catalog, kind, owner, chance, **values)  # noqa: E731
        lively(SimpleNamespace(**{name.lower(): person for name, person in cast.items()}), make)
        for kind in catalog:
            make(kind, cast["Ben"])
        make("note", cast["Ben"], body=BIG[:9000])
        fill_the_rest()
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the commands, with a copy of the original; a terminal that speaks English."""
    for name in ("LABAPP_DATABASE_URL", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(original, tmp_path / "data")
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def target(postgres_database: Callable[[str], str]) -> str:
    return postgres_database("labapp_moved")


@pytest.fixture
def there(target: str) -> Iterator[Engine]:
    """The target, looked at from outside."""
    engine = create_engine(target)
    yield engine
    engine.dispose()


def call(*arguments: object) -> Result:
    return CliRunner().invoke(labapp, [str(argument) for argument in arguments], prog_name="labapp")


def sums(url: str) -> dict[str, tuple[int, int]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {table.name: total_of(table, connection) for table in tables()}
    engine.dispose()
    return {name: (total.rows, total.digest) for name, total in found.items()}


def tables_in(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(
            connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        )


def test_everything_is_there_and_counts_on(
    folder: Path, target: str, there: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = call("move-database", target)
    assert answer.exit_code == 0, answer.output
    assert f"Set LABAPP_DATABASE_URL={make_url(target).render_as_string()}" in answer.stdout
    before, after = sums(f"sqlite:///{folder / 'labapp.sqlite'}"), sums(target)
    assert after == before
    assert min(rows for rows, _digest in after.values()) > 0
    with there.connect() as connection:
        said = connection.execute(text("SELECT details FROM admin_entry ORDER BY id DESC")).scalars().first()
        assert said is not None
        for table in tables():
            column = table.autoincrement_column
            if column is not None:
                named = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                last = connection.execute(text(f"SELECT nextval({named})")).scalar_one()
                assert last == connection.execute(select(func.max(column))).scalar_one() + 1, table.name
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("UPDATE operation SET label = 'x'"))
    monkeypatch.setenv("LABAPP_DATABASE_URL", target)
    assert "whole" in call("log", "verify", "autumn-a").stdout


@pytest.mark.slow
def test_and_back_again(folder: Path, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("move-database", target).exit_code == 0
    monkeypatch.setenv("LABAPP_DATABASE_URL", target)
    back = f"sqlite:///{tmp_path / 'back.sqlite'}"
    answer = call("move-database", back)
    assert answer.exit_code == 0, answer.output
    assert sums(back) == sums(f"sqlite:///{folder / 'labapp.sqlite'}")
    monkeypatch.setenv("LABAPP_DATABASE_URL", back)
    assert "whole" in call("log", "verify", "autumn-a").stdout
    with closing(sqlite3.connect(tmp_path / "back.sqlite")) as database:
        assert database.execute(
            "SELECT count(*) FROM search_fts WHERE search_fts MATCH 'nothing'"
        ).fetchone() == (0,)
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            database.execute("DELETE FROM operation")


def test_json_keeps_its_text_and_null_is_not_nothing(folder: Path, target: str, there: Engine) -> None:
    texts = ['{"b": 1.50, "a": 1e3, "a": "\\u4e2d"}', "null", None]
    columns = db.metadata.tables["ledger_entry"].c
    others = ", ".join(f'"{c.name}"' for c in columns if c.name not in {"id", "details"})
    with closing(sqlite3.connect(folder / "labapp.sqlite")) as database:
        for words in texts:
            database.execute(
                f"INSERT INTO ledger_entry ({others}, details) SELECT {others}, ? FROM ledger_entry LIMIT 1",
                [words],
            )
        database.commit()
    answer = call("move-database", target)
    assert answer.exit_code == 0, answer.output
    with there.connect() as connection:
        found = connection.execute(text("SELECT details::text FROM ledger_entry ORDER BY id")).scalars().all()
    assert found[-3:] == texts


def test_a_target_that_is_not_empty_is_refused(folder: Path, target: str, there: Engine) -> None:
    with there.begin() as connection:
        connection.execute(text("CREATE TABLE other (id integer)"))
    answer = call("move-database", target)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "not empty" in answer.stderr
    assert tables_in(there) == ["other"]


def test_a_database_in_use_is_refused(folder: Path, target: str, there: Engine) -> None:
    with closing(sqlite3.connect(folder / "labapp.sqlite")) as server:
        server.execute("SELECT count(*) FROM account").fetchone()
        answer = call("move-database", target)
    assert answer.exit_code == 1
    assert "Stop the server" in answer.stderr
    assert tables_in(there) == []
    assert call("move-database", target).exit_code == 0


def broken(change: Callable[[Any], Any]) -> Callable[..., None]:
    """A copy that does something to the customers on the way."""
    put = transfer._put

    def putting(table: Any, rows: Any, connection: Any) -> None:
        put(table, change(rows) if table.name == "customer" else rows, connection)

    return putting


class Other(tuple[Any, ...]):
    """A row with another name in it."""


def renamed(rows: Any) -> Any:
    place = list(rows[0]._mapping).index("name")
    return [Other("wrong" if i == place else value for i, value in enumerate(rows[0])), *rows[1:]]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (renamed, r"Table customer, row 1: name was .* and is 'wrong' in the target"),
        (lambda rows: rows[:-1], r"Table customer: row \d+ is missing"),
    ],
    ids=["changed", "lost"],
)
def test_a_row_that_did_not_arrive_is_found_and_named(
    folder: Path, target: str, there: Engine, monkeypatch: pytest.MonkeyPatch, change: Any, told: str
) -> None:
    monkeypatch.setattr(transfer, "_put", broken(change))
    answer = call("move-database", target)
    assert answer.exit_code == 1
    assert re.search(told, answer.stderr), answer.stderr
    assert tables_in(there) == []


def test_what_postgresql_cannot_keep_is_a_sentence(folder: Path, target: str, there: Engine) -> None:
    with closing(sqlite3.connect(folder / "labapp.sqlite")) as database:
        database.execute("UPDATE customer SET name = 'a' || char(0) || 'b' WHERE id = 1")
        database.commit()
    answer = call("move-database", target)
    assert answer.exit_code == 1
    assert "Table customer was not copied" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert tables_in(there) == []


@pytest.mark.slow
def test_broken_off_it_can_begin_again(
    folder: Path, target: str, there: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sums(f"sqlite:///{folder / 'labapp.sqlite'}")
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "_set_sequence", interrupted)
        assert call("move-database", target).exit_code == 1
    assert tables_in(there) == []
    assert call("move-database", target).exit_code == 0
    assert sums(target) == before


def interrupted(table: Any, _connection: Any) -> None:
    """Somebody presses Ctrl-C in the middle."""
    if table.name == "customer":
        raise KeyboardInterrupt


@pytest.mark.slow
def test_a_log_that_disagreed_before_is_told(folder: Path, target: str) -> None:
    with closing(sqlite3.connect(folder / "labapp.sqlite")) as database:
        database.execute("UPDATE customer SET name = 'by hand' WHERE id = 1")
        database.commit()
    answer = call("move-database", target)
    assert answer.exit_code == 1
    assert "autumn-a: customer 1: name is 'by hand' in its table" in answer.stderr
    assert sums(target) == sums(f"sqlite:///{folder / 'labapp.sqlite'}")


@pytest.mark.parametrize("address", ["nonsense", "mysql://root@/x", "present"])
def test_wrong_addresses_are_wrong_usage(folder: Path, address: str) -> None:
    answer = call(
        "move-database", f"sqlite:///{folder / 'labapp.sqlite'}" if address == "present" else address
    )
    assert answer.exit_code == 2


def test_where_nothing_is_nothing_is_moved(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path / "nowhere"))
    monkeypatch.delenv("LABAPP_DATABASE_URL", raising=False)
    answer = call("move-database", target)
    assert answer.exit_code == 1
    assert not answer.stdout
