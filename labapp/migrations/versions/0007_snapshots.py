"""snapshots"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation_snapshot",
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sandbox_id"], ["sandbox.id"], name=op.f("fk_operation_snapshot_sandbox_id")
        ),
        sa.PrimaryKeyConstraint("sandbox_id", "kind", "serial", "count", name=op.f("pk_operation_snapshot")),
    )


def downgrade() -> None:
    op.drop_table("operation_snapshot")
