"""A step of the log by one statement of PostgreSQL: the function comes with the triggers, after this (db.triggers)."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """The function stays; older programs do not call it."""
