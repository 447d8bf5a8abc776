"""the laboratory"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=80), nullable=False),
        sa.Column("file", sa.String(length=400), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.Column("wrong", sa.String(length=500), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive")),
        sa.UniqueConstraint("file", name=op.f("uq_archive_file")),
    )
    with op.batch_alter_table("archive", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_archive_sandbox_id_id"), ["sandbox_id", "id"], unique=False)

    op.create_table(
        "scenario_text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_scenario_text")),
    )
    op.create_table(
        "scenario_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("owner_account_id", sa.Integer(), nullable=False),
        sa.Column("made_from", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_account_id"], ["account.id"], name=op.f("fk_scenario_copy_owner_account_id")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["scenario_text.sha256"], name=op.f("fk_scenario_copy_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_copy")),
        sa.UniqueConstraint("key", name=op.f("uq_scenario_copy_key")),
    )
    with op.batch_alter_table("scenario_copy", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_scenario_copy_owner_account_id"), ["owner_account_id"], unique=False
        )

    op.create_table(
        "bank_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bank_comment_account_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_bank_comment_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_comment")),
    )
    with op.batch_alter_table("bank_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_comment_course_id"), ["course_id"], unique=False)

    op.create_table(
        "course_exam",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("released", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_exam_course_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_exam")),
    )
    op.create_table(
        "integrity_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_integrity_remark_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_remark")),
    )
    with op.batch_alter_table("integrity_remark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integrity_remark_course_id"), ["course_id"], unique=False)

    op.create_table(
        "integrity_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_integrity_run_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_run")),
    )
    with op.batch_alter_table("integrity_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integrity_run_course_id"), ["course_id"], unique=False)

    op.create_table(
        "coach_result",
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=20), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("rubric", sa.Integer(), nullable=True),
        sa.Column("ledger", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sandbox_id"], ["sandbox.id"], name=op.f("fk_coach_result_sandbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sandbox_id", "member", "checked", name=op.f("pk_coach_result")),
    )
    op.create_table(
        "grade_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("cutoff", sa.String(length=32), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sandbox_id"], ["sandbox.id"], name=op.f("fk_grade_state_sandbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_state")),
    )
    with op.batch_alter_table("grade_state", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grade_state_sandbox_id_cutoff"), ["sandbox_id", "cutoff"], unique=True
        )

    op.create_table(
        "timeline_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("member", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_timeline_event_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_event")),
    )
    with op.batch_alter_table("timeline_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_timeline_event_sandbox_id_key_member"),
            ["sandbox_id", "key", "member"],
            unique=True,
        )

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=True),
        sa.Column("set_aside", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("window", sa.String(length=16), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("points", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("max", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_attempt_course_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_attempt_membership_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_attempt_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attempt_course_id_paper_id"), ["course_id", "paper", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_attempt_membership_id_paper_number"),
            ["membership_id", "paper", "number"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_attempt_sandbox_id_submitted_at"), ["sandbox_id", "submitted_at"], unique=False
        )

    op.create_table(
        "grade_state_acts",
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=20), nullable=False),
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state_id"], ["grade_state.id"], name=op.f("fk_grade_state_acts_state_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_id", "member", "first", name=op.f("pk_grade_state_acts")),
    )
    op.create_table(
        "grade_state_record",
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=20), nullable=True),
        sa.Column("charge", sa.String(length=20), nullable=True),
        sa.Column("creator", sa.String(length=20), nullable=True),
        sa.Column("there", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state_id"], ["grade_state.id"], name=op.f("fk_grade_state_record_state_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_id", "kind", "serial", name=op.f("pk_grade_state_record")),
    )
    with op.batch_alter_table("grade_state_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grade_state_record_state_id_charge_kind"),
            ["state_id", "charge", "kind"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_grade_state_record_state_id_creator_kind"),
            ["state_id", "creator", "kind"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_grade_state_record_state_id_owner_kind"),
            ["state_id", "owner", "kind"],
            unique=False,
        )

    op.create_table(
        "grade_state_values",
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state_id"], ["grade_state.id"], name=op.f("fk_grade_state_values_state_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_id", "kind", "name", name=op.f("pk_grade_state_values")),
    )
    op.create_table(
        "more_attempts",
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=60), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_more_attempts_membership_id")
        ),
        sa.PrimaryKeyConstraint("membership_id", "paper", name=op.f("pk_more_attempts")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_size", sa.Integer(), server_default="4", nullable=False))
        batch_op.add_column(sa.Column("scenario_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("origin", sa.String(length=32), server_default="", nullable=False))

    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=True))

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

    with op.batch_alter_table("operation_touch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("look", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_operation_touch_changing",
            ["sandbox_id", "kind", "serial", "step"],
            unique=False,
            sqlite_where=sa.text("look = 0"),
            postgresql_where=sa.text("look = 0"),
        )

    with op.batch_alter_table("sandbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("replaced_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("clock_pace", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("clock_goal", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sandbox", schema=None) as batch_op:
        batch_op.drop_column("clock_goal")
        batch_op.drop_column("clock_pace")
        batch_op.drop_column("replaced_at")
        batch_op.drop_column("unit")

    with op.batch_alter_table("operation_touch", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_operation_touch_changing",
            sqlite_where=sa.text("look = 0"),
            postgresql_where=sa.text("look = 0"),
        )
        batch_op.drop_column("look")

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

    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_column("details")
        batch_op.drop_column("about_id")
        batch_op.drop_column("account_id")

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_column("origin")
        batch_op.drop_column("scenario_sha256")
        batch_op.drop_column("team_size")

    op.drop_table("more_attempts")
    op.drop_table("grade_state_values")
    with op.batch_alter_table("grade_state_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_state_record_state_id_owner_kind"))
        batch_op.drop_index(batch_op.f("ix_grade_state_record_state_id_creator_kind"))
        batch_op.drop_index(batch_op.f("ix_grade_state_record_state_id_charge_kind"))

    op.drop_table("grade_state_record")
    op.drop_table("grade_state_acts")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_sandbox_id_submitted_at"))
        batch_op.drop_index(batch_op.f("ix_attempt_membership_id_paper_number"))
        batch_op.drop_index(batch_op.f("ix_attempt_course_id_paper_id"))

    op.drop_table("attempt")
    with op.batch_alter_table("timeline_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timeline_event_sandbox_id_key_member"))

    op.drop_table("timeline_event")
    with op.batch_alter_table("grade_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_state_sandbox_id_cutoff"))

    op.drop_table("grade_state")
    op.drop_table("coach_result")
    with op.batch_alter_table("integrity_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integrity_run_course_id"))

    op.drop_table("integrity_run")
    with op.batch_alter_table("integrity_remark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integrity_remark_course_id"))

    op.drop_table("integrity_remark")
    op.drop_table("course_exam")
    with op.batch_alter_table("bank_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_comment_course_id"))

    op.drop_table("bank_comment")
    with op.batch_alter_table("scenario_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenario_copy_owner_account_id"))

    op.drop_table("scenario_copy")
    op.drop_table("scenario_text")
    with op.batch_alter_table("archive", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_archive_course_id"))

    op.drop_table("archive")
