"""The number of a search entry on SQLite is its record's: `lifecycle.older` numbers them anew, after this."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes."""


def downgrade() -> None:
    """An older program finds an entry by any number."""
