"""the laboratory"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_size", sa.Integer(), server_default="4", nullable=False))

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_course_id_account_id"))
        batch_op.create_index(
            batch_op.f("ix_membership_course_id_account_id"), ["course_id", "account_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_membership_sandbox_id_account_id"), ["sandbox_id", "account_id"], unique=True
        )
        batch_op.create_index(
            "uq_membership_application",
            ["course_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("sandbox_id IS NULL"),
            postgresql_where=sa.text("sandbox_id IS NULL"),
        )

    with op.batch_alter_table("sandbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("replaced_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sandbox", schema=None) as batch_op:
        batch_op.drop_column("replaced_at")
        batch_op.drop_column("unit")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_application",
            sqlite_where=sa.text("sandbox_id IS NULL"),
            postgresql_where=sa.text("sandbox_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_membership_sandbox_id_account_id"))
        batch_op.drop_index(batch_op.f("ix_membership_course_id_account_id"))
        batch_op.create_index(
            batch_op.f("ix_membership_course_id_account_id"), ["course_id", "account_id"], unique=1
        )

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_column("team_size")
