"""scale"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_key",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_form_key")),
    )
    with op.batch_alter_table("form_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_key_at"), ["at"], unique=False)

    op.create_table(
        "rate_count",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate_count")),
    )
    with op.batch_alter_table("rate_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rate_count_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "report_figure",
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_report_figure_sandbox_id")),
        sa.PrimaryKeyConstraint("sandbox_id", "question", name=op.f("pk_report_figure")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activity_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "related_kind",
                "related_id",
                "status",
                "activity_type",
                "priority",
                "due_at",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("admin_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("course_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_admin_entry_course_id"), ["course_id"], unique=False)

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_contact_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "customer_id",
                "role",
                "gender",
                "preferred_channel",
                "created_at",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customer_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "level",
                "industry",
                "source",
                "nature",
                "customer_type",
                "province",
                "created_at",
                "last_contacted_at",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lead_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "status",
                "source",
                "industry",
                "rating",
                "created_at",
                "campaign_id",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("more_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("minutes", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("operation_touch", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operation_touch_newest",
            ["sandbox_id", "kind", "step", "serial"],
            unique=False,
            sqlite_where=sa.text("look = 0"),
            postgresql_where=sa.text("look = 0"),
        )

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_stays"))
        batch_op.drop_index(batch_op.f("ix_opportunity_reports"))
        batch_op.create_index(
            "ix_opportunity_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "stage",
                "close_date",
                "amount",
                "probability",
                "stage_since",
                "created_at",
                "source",
                "opportunity_type",
                "campaign_id",
                "lost_reason",
                "customer_id",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index(
            "ix_survey_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "customer_id",
                "asked_on",
                "channel",
                "satisfaction",
                "product_quality",
                "service_quality",
                "recommend",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_reports",
            [
                "sandbox_id",
                "owner_id",
                "deleted_at",
                "assignee_id",
                "submitted_at",
                "kind",
                "status",
                "overdue",
                "priority",
                "channel",
                "customer_id",
                "product_id",
                "response_minutes",
                "resolution_minutes",
                "satisfaction",
            ],
            unique=False,
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_survey_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_opportunity_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_opportunity_reports"),
            [
                "sandbox_id",
                "stage",
                "stage_since",
                "amount",
                "probability",
                "close_date",
                "created_at",
                "owner_id",
                "deleted_at",
                "source",
                "opportunity_type",
            ],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_opportunity_stays"),
            ["sandbox_id", "id", "deleted_at", "owner_id", "created_at", "source", "opportunity_type"],
            unique=False,
        )

    with op.batch_alter_table("operation_touch", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_operation_touch_newest",
            sqlite_where=sa.text("look = 0"),
            postgresql_where=sa.text("look = 0"),
        )

    with op.batch_alter_table("more_attempts", schema=None) as batch_op:
        batch_op.drop_column("minutes")

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_lead_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_customer_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contact_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    with op.batch_alter_table("admin_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_entry_course_id"))
        batch_op.drop_column("course_id")

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_activity_reports",
            sqlite_where=sa.text("+owner_id > 0"),
            postgresql_where=sa.text("+owner_id > 0"),
        )

    op.drop_table("report_figure")
    with op.batch_alter_table("rate_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rate_count_expires_at"))

    op.drop_table("rate_count")
    with op.batch_alter_table("form_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_key_at"))

    op.drop_table("form_key")
