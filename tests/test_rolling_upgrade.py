"""Servers are renewed one by one while people work: the schema goes first and only adds; taking away comes later."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from labapp.app import create_app
from labapp.cli.shell import Failed, require_database
from labapp.db import db, floor, migrate
from labapp.lifecycle.verify import verify
from labapp.people.models import Sandbox

RELEASED = ("0001", "0002", "0003")
VERSIONS = sorted(file for file in floor.VERSIONS.glob("0*.py") if not file.name.startswith(RELEASED))
TAKES_AWAY = frozenset(
    "drop_table drop_column drop_constraint rename_table create_unique_constraint "
    "create_check_constraint create_foreign_key create_primary_key execute".split()
)
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


def words_of(call: ast.Call) -> dict[str, ast.expr]:
    return {word.arg: word.value for word in call.keywords if word.arg}


def is_constant(value: ast.expr | None, wanted: Any) -> bool:
    return isinstance(value, ast.Constant) and value.value is wanted


def column_of(call: ast.Call) -> ast.Call | None:
    """The `sa.Column(…)` that a call adds."""
    found = (arg for arg in call.args if isinstance(arg, ast.Call) and isinstance(arg.func, ast.Attribute))
    return next((arg for arg in found if arg.func.attr == "Column"), None)  # type: ignore[attr-defined]


def fault(call: ast.Call) -> str | None:
    """Why an older program could not go on working after this, or None."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    words = words_of(call)
    if name in TAKES_AWAY:
        return name
    if name == "create_index" and is_constant(words.get("unique"), True):
        return "a unique index on a table that stands"
    if name == "alter_column":
        kept = {
            "existing_type",
            "existing_nullable",
            "existing_server_default",
            "schema",
            "comment",
            "server_default",
        }
        other = set(words) - kept - ({"nullable"} if is_constant(words.get("nullable"), True) else set())
        return f"alter_column: {', '.join(sorted(other))}" if other else None
    column = column_of(call) if name == "add_column" else None
    if column is not None:
        said = words_of(column)
        needed = is_constant(said.get("nullable"), False) and "server_default" not in said
        return "a column that must be filled, and has no default of the database" if needed else None
    return None


def faults(source: str) -> list[str]:
    """What an upgrade does that an older program cannot live with. A table it makes itself may have what it likes."""
    upgrade = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    own = {
        call.args[0].value
        for call in ast.walk(upgrade)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "create_table"
        and isinstance(call.args[0], ast.Constant)
    }
    found: list[str] = []
    for block in upgrade.body:
        if isinstance(block, ast.With) and batched_table(block) in own:
            continue
        found += [why for node in ast.walk(block) if isinstance(node, ast.Call) and (why := fault(node))]
    return found


def batched_table(block: ast.With) -> Any:
    call = block.items[0].context_expr
    first = call.args[0] if isinstance(call, ast.Call) and call.args else None
    return first.value if isinstance(first, ast.Constant) else None


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.name)
def test_a_revision_only_adds_or_says_that_it_takes_away(file: Path) -> None:
    source = file.read_text("utf-8")
    assert floor.CONTRACT.search(source) or faults(source) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('op.drop_table("lead")', "drop_table"),
        ('op.rename_table("lead", "prospect")', "rename_table"),
        ('op.execute("UPDATE lead SET name = 1")', "execute"),
        ('batch.drop_column("name")', "drop_column"),
        ('batch.alter_column("name", new_column_name="title")', "alter_column: new_column_name"),
        ('batch.alter_column("name", existing_type=sa.Text(), nullable=False)', "alter_column: nullable"),
        ('batch.alter_column("name", existing_type=sa.Text(), type_=sa.Integer())', "alter_column: type_"),
        ('batch.add_column(sa.Column("x", sa.Integer(), nullable=False))', "a column that must be filled"),
        ('batch.create_index("ix", ["name"], unique=True)', "a unique index"),
        ('batch.create_unique_constraint("uq", ["name"])', "create_unique_constraint"),
    ],
)
def test_what_takes_away_is_seen(line: str, why: str) -> None:
    source = f'def upgrade():\n    with op.batch_alter_table("lead") as batch:\n        {line}\n'
    assert [found.startswith(why) for found in faults(source)] == [True]


@pytest.mark.parametrize(
    "line",
    [
        'batch.add_column(sa.Column("x", sa.Integer(), nullable=True))',
        'batch.add_column(sa.Column("x", sa.Integer(), server_default="0", nullable=False))',
        'batch.create_index("ix", ["name"], unique=False)',
        'batch.alter_column("name", existing_type=sa.Text(), nullable=True)',
        'op.create_table("new", sa.Column("x", sa.Integer(), nullable=False))',
    ],
)
def test_what_only_adds_passes(line: str) -> None:
    assert faults(f'def upgrade():\n    with op.batch_alter_table("lead") as batch:\n        {line}\n') == []


@pytest.fixture(params=BOTH)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database that it has made."""
    uri = f"sqlite:///{tmp_path / 'labapp.sqlite'}"
    if request.param == "postgresql":
        uri = request.getfixturevalue("postgres_database")("labapp_rolling")
    app = create_app(
        {"DATA": tmp_path, "SQLALCHEMY_DATABASE_URI": uri, "TESTING": True, "BABEL_DEFAULT_LOCALE": "en"},
        extensions=(),
    )
    with app.app_context():
        migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def newer(*statements: str) -> None:
    """What a later program does to the schema."""
    with db.engine.begin() as connection:
        for statement in (f"UPDATE {migrate.VERSION_TABLE} SET version_num = '9999'", *statements):
            connection.exec_driver_sql(statement)


def test_a_program_serves_a_newer_schema_that_only_adds(made: Flask) -> None:
    newer("ALTER TABLE lead ADD COLUMN mood VARCHAR(20)")
    require_database()


def test_a_program_refuses_a_newer_schema_that_took_something_away(made: Flask) -> None:
    newer(f"UPDATE {floor.TABLE} SET revision = '9998'")
    with pytest.raises(Failed, match="newer version"):
        require_database()


def test_a_program_refuses_a_newer_schema_that_does_not_say(made: Flask) -> None:
    newer(f"DROP TABLE {floor.TABLE}")
    with pytest.raises(Failed, match="newer version"):
        require_database()


def test_a_program_refuses_an_older_schema(made: Flask) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {migrate.VERSION_TABLE} SET version_num = '0003'")
    with pytest.raises(Failed, match="older version"):
        require_database()


def test_the_mark_is_written_by_migrations_and_without_them(made: Flask) -> None:
    query = text(f"SELECT revision FROM {floor.TABLE}")
    assert db.session.scalars(query).all() == [floor.newest_contract()]
    assert floor.newest_contract() <= migrate.head()


def test_students_work_on_while_the_schema_grows(cast: Any, browse: Any) -> None:
    ben = browse(cast.ben)
    assert ben.post("/leads/new", {"name": "Before", "company": "A"}).status_code == 302
    with db.engine.begin() as connection:
        for statement in (
            "ALTER TABLE lead ADD COLUMN mood VARCHAR(20)",
            "ALTER TABLE lead ADD COLUMN heat INTEGER DEFAULT 0 NOT NULL",
            "ALTER TABLE operation ADD COLUMN device VARCHAR(20)",
            "CREATE INDEX ix_lead_mood ON lead (sandbox_id, mood)",
            "CREATE TABLE later (id INTEGER PRIMARY KEY)",
        ):
            connection.exec_driver_sql(statement)
    made = ben.post("/leads/new", {"name": "After", "company": "B"})
    assert made.status_code == 302
    assert "After" in ben.get(made.location).text
    assert (
        ben.post(f"{made.location}/edit", {"name": "Later", "company": "B", "version": "1"}).status_code
        == 302
    )
    assert "Before" in ben.get("/leads/").text
    assert verify(db.session.get_one(Sandbox, cast.ben.sandbox_id)) is None
