"""search by record"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROOM = 64
KINDS = (
    "activity announcement article campaign category competitor contact customer document forecast lead note "
    "opportunity product rival survey ticket attachment"
).split()


def upgrade() -> None:
    """On SQLite the number of an entry says which record it is about; what is found by words is numbered anew.

    Two statements, since a number that is wanted may still be another's.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for event in ("insert", "update", "delete"):
        op.execute(sa.text(f"DROP TRIGGER IF EXISTS search_entry_{event}"))
    places = " ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(KINDS))
    op.execute(sa.text(f"UPDATE search_entry SET id = -(record_id * {ROOM} + CASE kind {places} END)"))  # noqa: S608 (names from this file)
    op.execute(sa.text("UPDATE search_entry SET id = -id"))
    if sa.inspect(connection).has_table("search_fts"):
        op.execute(sa.text("INSERT INTO search_fts(search_fts) VALUES ('rebuild')"))


def downgrade() -> None:
    """An older program finds an entry by any number."""
