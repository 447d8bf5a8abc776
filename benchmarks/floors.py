"""The floors, as three bare Flask applications in one: what the same work costs without a product around it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Column, DateTime, Engine, Integer, MetaData, String, Table, create_engine, insert

from benchmarks.floor_list import list_app
from benchmarks.serve import serve

META = MetaData()
ROW = Table(
    "row", META, Column("id", Integer, primary_key=True), Column("name", String), Column("at", DateTime)
)
LOG = Table(
    "log", META, Column("id", Integer, primary_key=True), Column("row", Integer), Column("changes", JSON)
)


def floors(folder: Path) -> Flask:
    """`/` is the floor `list`, `/hello` says hello, `/commit` inserts a row and its log row."""
    app = list_app(f"sqlite:///{folder / 'labapp.sqlite'}")
    own = folder / "floor.sqlite"
    own.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{own}")
    META.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.post("/commit")
    def commit() -> str:
        return str(committed(engine))

    return app


def committed(engine: Engine) -> Any:
    """Insert a row and a log row in one transaction; returns the row's id."""
    at = datetime.now(UTC).replace(tzinfo=None)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        number: Any = connection.execute(insert(ROW).values(name="a name", at=at)).lastrowid
        connection.execute(insert(LOG).values(row=number, changes=[{"what": "created", "id": number}]))
    return number


if __name__ == "__main__":
    serve(floors(Path(sys.argv[1])))
