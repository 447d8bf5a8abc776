"""The leads and their owners, copied into the tables of another application in the same file format."""

import sqlite3
from pathlib import Path

from benchmarks.sides import TEXTS

COPIED = (*TEXTS, "employees", "annual_revenue", "description", "owner_id", "created_at")


def copy_leads(source: Path, target: Path, person: str, lead: str) -> None:
    """Fill the tables `person` (id, name) and `lead` of the target from the application's database."""
    names = ", ".join(COPIED)
    blank = ", ".join(f"coalesce({name}, '')" if name in (*TEXTS, "description") else name for name in COPIED)
    connection = sqlite3.connect(target)
    try:
        connection.execute("ATTACH DATABASE ? AS source", [str(source)])
        connection.execute(f"INSERT INTO {person} (id, name) SELECT id, name FROM source.membership")  # noqa: S608 - one of ours
        leads = f"SELECT id, {blank} FROM source.lead ORDER BY id"  # noqa: S608 - one of ours
        connection.execute(f"INSERT INTO {lead} (id, {names}) {leads}")
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
    finally:
        connection.close()
