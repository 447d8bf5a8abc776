"""Steps that were refused, and those that nobody did by hand, are found without a walk through all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REFUSED, NOT_BY_HAND = sa.text("outcome <> 'done'"), sa.text("origin <> 'screen'")


def upgrade() -> None:
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operation_not_done",
            ["sandbox_id", "outcome", "id"],
            unique=False,
            sqlite_where=REFUSED,
            postgresql_where=REFUSED,
        )
        batch_op.create_index(
            "ix_operation_not_by_hand",
            ["sandbox_id", "origin", "id"],
            unique=False,
            sqlite_where=NOT_BY_HAND,
            postgresql_where=NOT_BY_HAND,
        )


def downgrade() -> None:
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index("ix_operation_not_by_hand")
        batch_op.drop_index("ix_operation_not_done")
