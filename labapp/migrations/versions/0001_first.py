"""first"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("signature", sa.String(length=2000), nullable=True),
        sa.Column("sender", sa.String(length=255), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("instructor", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_membership_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("number", name=op.f("uq_account_number")),
    )
    op.create_table(
        "admin_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=True),
        sa.Column("course", sa.String(length=80), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_entry")),
    )
    with op.batch_alter_table("admin_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_entry_course"), ["course"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("resume", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("heartbeat", sa.DateTime(), nullable=True),
        sa.Column("sandbox_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_course_id_id"), ["course_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_state_id"), ["state", "id"], unique=False)

    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_search_entry_kind_record_id"), ["kind", "record_id"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_search_entry_sandbox_id"), ["sandbox_id"], unique=False)

    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("scenario", sa.String(length=80), nullable=False),
        sa.Column("term", sa.String(length=80), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("join_code", sa.String(length=16), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("rubric", sa.String(), nullable=False),
        sa.Column("owner_account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_account_id"], ["account.id"], name=op.f("fk_course_owner_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("join_code", name=op.f("uq_course_join_code")),
        sa.UniqueConstraint("name", name=op.f("uq_course_name")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_attempt_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_login"), ["login"], unique=False)

    op.create_table(
        "rubric_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_rubric_version_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_version")),
    )
    with op.batch_alter_table("rubric_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rubric_version_course_id"), ["course_id"], unique=False)

    op.create_table(
        "sandbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scenario", sa.String(length=80), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("clock_mode", sa.String(length=8), nullable=False),
        sa.Column("clock_base", sa.DateTime(), nullable=False),
        sa.Column("clock_set_at", sa.DateTime(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("first_settings", sa.JSON(), nullable=False),
        sa.Column("stamp", sa.String(length=32), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("last_lab_at", sa.DateTime(), nullable=False),
        sa.Column("null_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_sandbox_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox")),
        sa.UniqueConstraint("name", name=op.f("uq_sandbox_name")),
    )
    with op.batch_alter_table("sandbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sandbox_course_id"), ["course_id"], unique=False)

    op.create_table(
        "code",
        sa.Column("code_table", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("name_zh", sa.String(length=255), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_code_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
    )
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_code_sandbox_id_code_table_key"), ["sandbox_id", "code_table", "key"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_code_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)

    op.create_table(
        "counter",
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_counter_sandbox_id")),
        sa.PrimaryKeyConstraint("sandbox_id", "name", name=op.f("pk_counter")),
    )
    op.create_table(
        "grade_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("rubric_sha256", sa.String(length=64), nullable=False),
        sa.Column("cutoff", sa.String(length=32), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("marks_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_grade_run_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_run")),
    )
    with op.batch_alter_table("grade_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grade_run_sandbox_id_rubric_sha256_cutoff_last_step_marks_sha256"),
            ["sandbox_id", "rubric_sha256", "cutoff", "last_step", "marks_sha256"],
            unique=True,
        )

    op.create_table(
        "membership",
        sa.Column("sandbox_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=20), nullable=True),
        sa.Column("number", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("class_name", sa.String(length=255), nullable=True),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=True),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_membership_course_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_membership_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_course_id"), ["course_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_membership_course_id_account_id"), ["course_id", "account_id"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_membership_sandbox_id_key"), ["sandbox_id", "key"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_membership_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "operation",
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.String(length=20), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("lab_at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_operation_sandbox_id")),
        sa.PrimaryKeyConstraint("sandbox_id", "id", name=op.f("pk_operation")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_operation_sandbox_id_lab_at_id"), ["sandbox_id", "lab_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_operation_sandbox_id_member_id"), ["sandbox_id", "member", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_operation_sandbox_id_request"), ["sandbox_id", "request"], unique=False
        )

    op.create_table(
        "operation_touch",
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_operation_touch_sandbox_id")),
        sa.PrimaryKeyConstraint("sandbox_id", "kind", "serial", "step", name=op.f("pk_operation_touch")),
    )
    op.create_table(
        "position",
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("position_kind", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("name_zh", sa.String(length=255), nullable=False),
        sa.Column("profile", sa.String(length=60), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["position.id"], name=op.f("fk_position_parent_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_position_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_position_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "sharing_group",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("members", sa.JSON(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_sharing_group_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_group")),
    )
    with op.batch_alter_table("sharing_group", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sharing_group_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "stage",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("name_zh", sa.String(length=255), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("meaning_en", sa.String(length=255), nullable=True),
        sa.Column("meaning_zh", sa.String(length=255), nullable=True),
        sa.Column("requires", sa.JSON(), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_stage_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
    )
    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)

    op.create_table(
        "attachment",
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=255), nullable=False),
        sa.Column("related_kind", sa.String(length=60), nullable=False),
        sa.Column("related_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_attachment_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_attachment_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attachment_sandbox_id_file_name_id"),
            ["sandbox_id", "file_name", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_attachment_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_attachment_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_attachment_sandbox_id_related_kind_related_id_id"),
            ["sandbox_id", "related_kind", "related_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_attachment_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "category",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_category_owner_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_category_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
    )
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_category_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_category_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_category_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "customer",
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("customer_type", sa.String(length=60), nullable=True),
        sa.Column("level", sa.String(length=60), nullable=True),
        sa.Column("industry", sa.String(length=60), nullable=True),
        sa.Column("nature", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("fax", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("website", sa.String(length=255), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("province", sa.String(length=255), nullable=True),
        sa.Column("city", sa.String(length=255), nullable=True),
        sa.Column("address", sa.String(length=255), nullable=True),
        sa.Column("postcode", sa.String(length=255), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("last_contacted_at", sa.DateTime(), nullable=True),
        sa.Column("next_follow_up_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_customer_owner_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["customer.id"], name=op.f("fk_customer_parent_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_customer_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_customer_sandbox_id_created_at_id"),
            ["sandbox_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_customer_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_customer_sandbox_id_last_contacted_at_id"),
            ["sandbox_id", "last_contacted_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_customer_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customer_sandbox_id_number_id"), ["sandbox_id", "number", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customer_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_customer_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("check", sa.Integer(), nullable=True),
        sa.Column("points", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_ledger_entry_membership_id")
        ),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_ledger_entry_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_sandbox_id_membership_id_id"),
            ["sandbox_id", "membership_id", "id"],
            unique=False,
        )

    op.create_table(
        "note",
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("related_kind", sa.String(length=60), nullable=False),
        sa.Column("related_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_note_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_note_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_note_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_note_sandbox_id_related_kind_related_id_id"),
            ["sandbox_id", "related_kind", "related_id", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_note_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("text_en", sa.String(length=1000), nullable=False),
        sa.Column("text_zh", sa.String(length=1000), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_notice_membership_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_notice_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_membership_id_id"), ["membership_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_notice_membership_id_read_at"), ["membership_id", "read_at"], unique=False
        )

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_saved_view_membership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_saved_view_membership_id_kind_name"),
            ["membership_id", "kind", "name"],
            unique=True,
        )

    op.create_table(
        "contact",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("gender", sa.String(length=60), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("department", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("mobile", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("role", sa.String(length=60), nullable=True),
        sa.Column("preferred_channel", sa.String(length=60), nullable=True),
        sa.Column("reports_to_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_contact_owner_id")),
        sa.ForeignKeyConstraint(["reports_to_id"], ["contact.id"], name=op.f("fk_contact_reports_to_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_contact_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contact_sandbox_id_created_at_id"),
            ["sandbox_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_contact_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contact_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contact_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_contact_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "opportunity",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("opportunity_type", sa.String(length=60), nullable=True),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("lost_reason", sa.String(length=60), nullable=True),
        sa.Column("next_step", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("stage_since", sa.DateTime(), nullable=True),
        sa.Column("stage_history", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_opportunity_customer_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_opportunity_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_opportunity_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
    )
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opportunity_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_opportunity_sandbox_id_amount_id"), ["sandbox_id", "amount", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_opportunity_sandbox_id_close_date_id"),
            ["sandbox_id", "close_date", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_opportunity_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_opportunity_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_opportunity_sandbox_id_owner_id_id"),
            ["sandbox_id", "owner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_opportunity_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_opportunity_sandbox_id_stage_id"), ["sandbox_id", "stage", "id"], unique=False
        )

    op.create_table(
        "product",
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=255), nullable=True),
        sa.Column("list_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("floor_price", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_product_category_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_product_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_product_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_product_sandbox_id_code_id"), ["sandbox_id", "code", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_product_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_product_sandbox_id_list_price_id"),
            ["sandbox_id", "list_price", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_product_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_product_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_product_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "activity",
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("activity_type", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("priority", sa.String(length=60), nullable=True),
        sa.Column("starts_at", sa.DateTime(), nullable=True),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("related_kind", sa.String(length=60), nullable=True),
        sa.Column("related_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("reminder_at", sa.DateTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_activity_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_activity_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_activity_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activity_sandbox_id_due_at_id"), ["sandbox_id", "due_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_activity_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activity_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activity_sandbox_id_related_kind_related_id_id"),
            ["sandbox_id", "related_kind", "related_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_activity_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_activity_sandbox_id_starts_at_id"), ["sandbox_id", "starts_at", "id"], unique=False
        )

    op.create_table(
        "contact_role",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_role_contact_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_contact_role_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_contact_role_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_contact_role_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_role")),
    )
    with op.batch_alter_table("contact_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_role_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_role_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contact_role_sandbox_id_owner_id_id"),
            ["sandbox_id", "owner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_contact_role_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "lead",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("company", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("mobile", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("website", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("rating", sa.String(length=60), nullable=True),
        sa.Column("industry", sa.String(length=60), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("province", sa.String(length=255), nullable=True),
        sa.Column("city", sa.String(length=255), nullable=True),
        sa.Column("address", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("next_follow_up_at", sa.DateTime(), nullable=True),
        sa.Column("last_contacted_at", sa.DateTime(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_lead_contact_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_lead_customer_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_lead_opportunity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_lead_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_lead_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lead_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_lead_sandbox_id_company_id"), ["sandbox_id", "company", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_lead_sandbox_id_created_at_id"), ["sandbox_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lead_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_lead_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_lead_sandbox_id_next_follow_up_at_id"),
            ["sandbox_id", "next_follow_up_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_lead_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lead_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)

    op.create_table(
        "line",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("discount", sa.Integer(), nullable=True),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_line_opportunity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_line_owner_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_line_product_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_line_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
    )
    with op.batch_alter_table("line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_line_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_line_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_line_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_line_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)

    op.create_table(
        "partner",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_partner_customer_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_partner_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_partner_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_partner_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partner_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_partner_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )


def downgrade() -> None:
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_partner_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_partner_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_partner_opportunity_id"))

    op.drop_table("partner")
    with op.batch_alter_table("line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_line_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_line_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_line_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_line_opportunity_id"))

    op.drop_table("line")
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_next_follow_up_at_id"))
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_lead_sandbox_id_company_id"))
        batch_op.drop_index(batch_op.f("ix_lead_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_lead_customer_id"))
        batch_op.drop_index(batch_op.f("ix_lead_contact_id"))

    op.drop_table("lead")
    with op.batch_alter_table("contact_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_role_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_contact_role_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_contact_role_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_contact_role_opportunity_id"))

    op.drop_table("contact_role")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_related_kind_related_id_id"))
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_due_at_id"))
        batch_op.drop_index(batch_op.f("ix_activity_contact_id"))

    op.drop_table("activity")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_product_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_product_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_product_sandbox_id_list_price_id"))
        batch_op.drop_index(batch_op.f("ix_product_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_product_sandbox_id_code_id"))

    op.drop_table("product")
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_stage_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_close_date_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_sandbox_id_amount_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_customer_id"))

    op.drop_table("opportunity")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_contact_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_contact_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_contact_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_contact_sandbox_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_contact_customer_id"))

    op.drop_table("contact")
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_view_membership_id_kind_name"))

    op.drop_table("saved_view")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_membership_id_read_at"))
        batch_op.drop_index(batch_op.f("ix_notice_membership_id_id"))

    op.drop_table("notice")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_note_sandbox_id_related_kind_related_id_id"))
        batch_op.drop_index(batch_op.f("ix_note_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_note_sandbox_id_id"))

    op.drop_table("note")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_sandbox_id_membership_id_id"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_number_id"))
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_last_contacted_at_id"))
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_customer_sandbox_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_customer_parent_id"))

    op.drop_table("customer")
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_category_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_category_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_category_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_category_sandbox_id_id"))

    op.drop_table("category")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_attachment_sandbox_id_related_kind_related_id_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_sandbox_id_file_name_id"))

    op.drop_table("attachment")
    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_sandbox_id_serial"))

    op.drop_table("stage")
    with op.batch_alter_table("sharing_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sharing_group_sandbox_id_serial"))

    op.drop_table("sharing_group")
    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_position_sandbox_id_serial"))

    op.drop_table("position")
    op.drop_table("operation_touch")
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_operation_sandbox_id_request"))
        batch_op.drop_index(batch_op.f("ix_operation_sandbox_id_member_id"))
        batch_op.drop_index(batch_op.f("ix_operation_sandbox_id_lab_at_id"))

    op.drop_table("operation")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_membership_sandbox_id_key"))
        batch_op.drop_index(batch_op.f("ix_membership_course_id_account_id"))
        batch_op.drop_index(batch_op.f("ix_membership_course_id"))
        batch_op.drop_index(batch_op.f("ix_membership_account_id"))

    op.drop_table("membership")
    with op.batch_alter_table("grade_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_run_sandbox_id_rubric_sha256_cutoff_last_step_marks_sha256"))

    op.drop_table("grade_run")
    op.drop_table("counter")
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_code_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_code_sandbox_id_code_table_key"))

    op.drop_table("code")
    with op.batch_alter_table("sandbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sandbox_course_id"))

    op.drop_table("sandbox")
    with op.batch_alter_table("rubric_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rubric_version_course_id"))

    op.drop_table("rubric_version")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_login"))
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_account_id"))

    op.drop_table("sign_in_attempt")
    op.drop_table("course")
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_entry_sandbox_id"))
        batch_op.drop_index(batch_op.f("ix_search_entry_kind_record_id"))

    op.drop_table("search_entry")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_state_id"))
        batch_op.drop_index(batch_op.f("ix_job_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_job_course_id_id"))

    op.drop_table("job")
    with op.batch_alter_table("admin_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_entry_course"))

    op.drop_table("admin_entry")
    op.drop_table("account")
