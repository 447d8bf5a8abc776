"""Which programs a schema still serves: while servers are renewed one by one, older ones work on a newer schema.

A revision only adds (a table, a column that may be empty or has a default, an index): whatever an older program writes
stands in the new schema too. One that takes away, renames or tightens says `contract = True`, comes a release after
nothing needs what it takes, and ends the service of every older program. The database keeps which was the last such.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, inspect

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"
TABLE = "schema_floor"
CONTRACT = re.compile(r"^contract = True$", re.MULTILINE)
RELEASED = "0003"  # what a database without this table was made by


def newest_contract() -> str:
    """The newest revision that takes away, among those that this program knows."""
    files = sorted(VERSIONS.glob("[0-9]*_*.py"))
    found = [file.name.partition("_")[0] for file in files if CONTRACT.search(file.read_text("utf-8"))]
    return max([RELEASED, *found])


def keep(connection: Connection) -> None:
    """Write down which programs the schema serves from now on, in the transaction that changed it."""
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {TABLE} (revision VARCHAR(32) NOT NULL PRIMARY KEY)"
    )
    connection.exec_driver_sql(f"DELETE FROM {TABLE}")  # noqa: S608 (a name from this file)
    connection.exec_driver_sql(f"INSERT INTO {TABLE} VALUES ('{newest_contract()}')")  # noqa: S608 (a name from this file)


def serves(connection: Connection, revision: str) -> bool:
    """Whether this schema, which is newer, serves a program that knows the revisions up to this one."""
    if TABLE not in inspect(connection).get_table_names():
        return False
    found = connection.exec_driver_sql(f"SELECT revision FROM {TABLE}").scalar()  # noqa: S608 (a name from this file)
    return found is not None and str(found) <= revision
