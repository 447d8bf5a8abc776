"""The floors, as three bare Flask applications in one: what the same work costs without a product around it.

python -m benchmarks.floors FOLDER [DATABASE]
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
)

from benchmarks.floor_list import list_app
from benchmarks.serve import serve

META = MetaData()
ROW = Table(
    "floor_row", META, Column("id", Integer, primary_key=True), Column("name", String), Column("at", DateTime)
)
LOG = Table(
    "floor_log",
    META,
    Column("id", Integer, primary_key=True),
    Column("row", Integer),
    Column("changes", JSON),
)


def floors(folder: Path, url: str = "") -> Flask:
    """`/` is the floor `list`, `/hello` says hello, `/commit` inserts a row and its log row."""
    app = list_app(url or f"sqlite:///{folder / 'labapp.sqlite'}")
    engine = own_engine(folder, url)

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.post("/commit")
    def commit() -> str:
        return str(committed(engine))

    return app


def own_engine(folder: Path, url: str) -> Engine:
    """The database of the floor `commit`: a file of its own, or two tables beside the others."""
    own = folder / "floor.sqlite"
    if not url:
        own.unlink(missing_ok=True)
    engine = create_engine(url or f"sqlite:///{own}")
    META.drop_all(engine)
    META.create_all(engine)
    if not url:
        event.listen(engine, "connect", _quick_commits)
    return engine


def _quick_commits(connection: Any, _record: Any) -> None:
    """As the application has it."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def committed(engine: Engine) -> int:
    """Insert a row and a log row in one transaction; returns the row's id."""
    at = datetime.now(UTC).replace(tzinfo=None)
    with engine.begin() as connection:
        made: Any = connection.execute(insert(ROW).values(name="a name", at=at)).inserted_primary_key
        connection.execute(insert(LOG).values(row=made[0], changes=[{"what": "created", "id": made[0]}]))
    return int(made[0])


if __name__ == "__main__":
    serve(floors(Path(sys.argv[1]), *sys.argv[2:3]))
