"""the modules"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_key")),
    )
    with op.batch_alter_table("match_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_key_kind_record_id"), ["kind", "record_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_match_key_sandbox_id_kind_what_key"),
            ["sandbox_id", "kind", "what", "key"],
            unique=False,
        )

    op.create_table(
        "opportunity_stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_stay")),
    )
    with op.batch_alter_table("opportunity_stay", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_opportunity_stay_opportunity_id_stage_seconds"),
            ["opportunity_id", "stage", "seconds"],
            unique=False,
        )

    op.create_table(
        "custom_field",
        sa.Column("record_kind", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("name_zh", sa.String(length=255), nullable=False),
        sa.Column("shape", sa.String(length=255), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("help_en", sa.String(length=255), nullable=True),
        sa.Column("help_zh", sa.String(length=255), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_custom_field_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
    )
    with op.batch_alter_table("custom_field", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custom_field_sandbox_id_record_kind_key"),
            ["sandbox_id", "record_kind", "key"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "roster_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_roster_upload_account_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_roster_upload_course_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_roster_upload_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_upload")),
    )
    with op.batch_alter_table("roster_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_upload_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_upload_sandbox_id"), ["sandbox_id"], unique=False)

    op.create_table(
        "announcement",
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_announcement_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_announcement_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_announcement_sandbox_id_end_date_id"),
            ["sandbox_id", "end_date", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_announcement_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_announcement_sandbox_id_owner_id_id"),
            ["sandbox_id", "owner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_announcement_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_announcement_sandbox_id_start_date_id"),
            ["sandbox_id", "start_date", "id"],
            unique=False,
        )

    op.create_table(
        "article",
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("helpful", sa.Integer(), nullable=True),
        sa.Column("unhelpful", sa.Integer(), nullable=True),
        sa.Column("votes", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_article_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_article_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_article_sandbox_id_category_id"), ["sandbox_id", "category", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_article_sandbox_id_helpful_id"), ["sandbox_id", "helpful", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_article_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_article_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_article_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_article_sandbox_id_status_id"), ["sandbox_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_article_sandbox_id_title_id"), ["sandbox_id", "title", "id"], unique=False
        )

    op.create_table(
        "calendar_feed",
        sa.Column("membership_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_calendar_feed_membership_id")
        ),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_calendar_feed")),
    )
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("campaign_type", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("industry", sa.String(length=60), nullable=True),
        sa.Column("goal", sa.String(length=255), nullable=True),
        sa.Column("audience", sa.String(length=255), nullable=True),
        sa.Column("budget", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("actual_cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("expected_response", sa.Integer(), nullable=True),
        sa.Column("expected_revenue", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("survey", sa.Text(), nullable=True),
        sa.Column("warned_for", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_campaign_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_campaign_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_sandbox_id_end_date_id"), ["sandbox_id", "end_date", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_campaign_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_campaign_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_sandbox_id_start_date_id"),
            ["sandbox_id", "start_date", "id"],
            unique=False,
        )

    op.create_table(
        "competitor",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("threat", sa.String(length=60), nullable=True),
        sa.Column("nature", sa.String(length=60), nullable=True),
        sa.Column("industry", sa.String(length=60), nullable=True),
        sa.Column("website", sa.String(length=255), nullable=True),
        sa.Column("annual_revenue", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("products", sa.Text(), nullable=True),
        sa.Column("strengths", sa.Text(), nullable=True),
        sa.Column("weaknesses", sa.Text(), nullable=True),
        sa.Column("strategy", sa.Text(), nullable=True),
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
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_competitor_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_competitor_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitor")),
    )
    with op.batch_alter_table("competitor", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_competitor_sandbox_id_annual_revenue_id"),
            ["sandbox_id", "annual_revenue", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_competitor_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_competitor_sandbox_id_name_id"), ["sandbox_id", "name", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_competitor_sandbox_id_nature_id"), ["sandbox_id", "nature", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_competitor_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_competitor_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_competitor_sandbox_id_threat_id"), ["sandbox_id", "threat", "id"], unique=False
        )

    op.create_table(
        "document",
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("folder", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=255), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(), nullable=True),
        sa.Column("change", sa.String(length=255), nullable=True),
        sa.Column("versions", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_document_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_document_sandbox_id")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["membership.id"], name=op.f("fk_document_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_sandbox_id_folder_id"), ["sandbox_id", "folder", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_document_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_document_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_document_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_document_sandbox_id_title_id"), ["sandbox_id", "title", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_document_sandbox_id_uploaded_at_id"),
            ["sandbox_id", "uploaded_at", "id"],
            unique=False,
        )

    op.create_table(
        "forecast",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("expected_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("best_case_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_forecast_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_forecast_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast")),
    )
    with op.batch_alter_table("forecast", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_forecast_sandbox_id_best_case_amount_id"),
            ["sandbox_id", "best_case_amount", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_forecast_sandbox_id_expected_amount_id"),
            ["sandbox_id", "expected_amount", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_forecast_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_forecast_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_forecast_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_forecast_sandbox_id_year_id"), ["sandbox_id", "year", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_forecast_sandbox_id_year_quarter_owner_id"),
            ["sandbox_id", "year", "quarter", "owner_id"],
            unique=False,
        )

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("head_row", sa.Integer(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("lab_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_import_run_membership_id")
        ),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_import_run_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_run_sandbox_id_kind_id"), ["sandbox_id", "kind", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_import_run_state_created_at"), ["state", "created_at"], unique=False
        )

    op.create_table(
        "quota",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_quota_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_quota_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
    )
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quota_sandbox_id_amount_id"), ["sandbox_id", "amount", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_quota_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_quota_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_quota_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_quota_sandbox_id_year_id"), ["sandbox_id", "year", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_quota_sandbox_id_year_quarter_owner_id"),
            ["sandbox_id", "year", "quarter", "owner_id"],
            unique=False,
        )

    op.create_table(
        "roster_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("class_name", sa.String(length=120), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("number_key", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=240), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_roster_entry_course_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_roster_entry_sandbox_id")),
        sa.ForeignKeyConstraint(["upload_id"], ["roster_upload.id"], name=op.f("fk_roster_entry_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
    )
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_roster_entry_course_id_name_key"), ["course_id", "name_key"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_roster_entry_course_id_number_key"), ["course_id", "number_key"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_roster_entry_sandbox_id"), ["sandbox_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_entry_upload_id"), ["upload_id"], unique=False)

    op.create_table(
        "adjustment",
        sa.Column("forecast_id", sa.Integer(), nullable=False),
        sa.Column("expected_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("best_case_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["forecast_id"], ["forecast.id"], name=op.f("fk_adjustment_forecast_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_adjustment_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_adjustment_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_forecast_id"), ["forecast_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adjustment_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_adjustment_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_adjustment_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "document_link",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("related_kind", sa.String(length=60), nullable=False),
        sa.Column("related_id", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_link_document_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_document_link_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_document_link_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_link")),
    )
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_link_document_id"), ["document_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_document_link_sandbox_id_id"), ["sandbox_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_document_link_sandbox_id_owner_id_id"),
            ["sandbox_id", "owner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_document_link_sandbox_id_related_kind_related_id_id"),
            ["sandbox_id", "related_kind", "related_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_document_link_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "import_row",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("fate", sa.String(length=8), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_row_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_row_run_id_fate_number"), ["run_id", "fate", "number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_import_row_run_id_problem_number"), ["run_id", "problem", "number"], unique=False
        )

    op.create_table(
        "relation",
        sa.Column("relation_type", sa.String(length=60), nullable=False),
        sa.Column("from_customer_id", sa.Integer(), nullable=True),
        sa.Column("from_contact_id", sa.Integer(), nullable=True),
        sa.Column("to_customer_id", sa.Integer(), nullable=True),
        sa.Column("to_contact_id", sa.Integer(), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["from_contact_id"], ["contact.id"], name=op.f("fk_relation_from_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_customer_id"], ["customer.id"], name=op.f("fk_relation_from_customer_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_relation_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_relation_sandbox_id")),
        sa.ForeignKeyConstraint(["to_contact_id"], ["contact.id"], name=op.f("fk_relation_to_contact_id")),
        sa.ForeignKeyConstraint(["to_customer_id"], ["customer.id"], name=op.f("fk_relation_to_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_from_contact_id"), ["from_contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_from_customer_id"), ["from_customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_relation_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_sandbox_id_relation_type_id"),
            ["sandbox_id", "relation_type", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_relation_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_relation_to_contact_id"), ["to_contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_to_customer_id"), ["to_customer_id"], unique=False)

    op.create_table(
        "rival",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("competitor_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("remark", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["competitor_id"], ["competitor.id"], name=op.f("fk_rival_competitor_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_rival_opportunity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_rival_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_rival_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rival")),
    )
    with op.batch_alter_table("rival", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rival_competitor_id"), ["competitor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rival_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rival_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_rival_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_rival_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True)

    op.create_table(
        "ticket",
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("priority", sa.String(length=60), nullable=True),
        sa.Column("planned_at", sa.DateTime(), nullable=True),
        sa.Column("status", sa.String(length=60), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("respond_by", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("first_response_at", sa.DateTime(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("escalated_at", sa.DateTime(), nullable=True),
        sa.Column("escalated_to_id", sa.Integer(), nullable=True),
        sa.Column("waited_minutes", sa.Integer(), nullable=True),
        sa.Column("response_minutes", sa.Integer(), nullable=True),
        sa.Column("resolution_minutes", sa.Integer(), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_ticket_article_id")),
        sa.ForeignKeyConstraint(["assignee_id"], ["membership.id"], name=op.f("fk_ticket_assignee_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_ticket_customer_id")),
        sa.ForeignKeyConstraint(
            ["escalated_to_id"], ["membership.id"], name=op.f("fk_ticket_escalated_to_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_ticket_owner_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_ticket_product_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_ticket_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_product_id"), ["product_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_assignee_id_id"),
            ["sandbox_id", "assignee_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_due_at_id"), ["sandbox_id", "due_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ticket_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_number_id"), ["sandbox_id", "number", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_overdue_id"), ["sandbox_id", "overdue", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_status_id"), ["sandbox_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_submitted_at_id"),
            ["sandbox_id", "submitted_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_sandbox_id_urgency_id"), ["sandbox_id", "urgency", "id"], unique=False
        )

    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("response", sa.String(length=60), nullable=False),
        sa.Column("comment", sa.String(length=255), nullable=True),
        sa.Column("responded_at", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_campaign_member_contact_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_campaign_member_lead_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_campaign_member_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_campaign_member_sandbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_member")),
    )
    with op.batch_alter_table("campaign_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_member_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_member_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_member_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_campaign_member_sandbox_id_id"), ["sandbox_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_member_sandbox_id_owner_id_id"),
            ["sandbox_id", "owner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_member_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )

    op.create_table(
        "survey",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=False),
        sa.Column("product_quality", sa.Integer(), nullable=True),
        sa.Column("service_quality", sa.Integer(), nullable=True),
        sa.Column("recommend", sa.Integer(), nullable=True),
        sa.Column("wishes", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sandbox_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_survey_contact_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_survey_customer_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_survey_owner_id")),
        sa.ForeignKeyConstraint(["sandbox_id"], ["sandbox.id"], name=op.f("fk_survey_sandbox_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_survey_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_survey_sandbox_id_asked_on_id"), ["sandbox_id", "asked_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_survey_sandbox_id_id"), ["sandbox_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_survey_sandbox_id_owner_id_id"), ["sandbox_id", "owner_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_survey_sandbox_id_satisfaction_id"),
            ["sandbox_id", "satisfaction", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_survey_sandbox_id_serial"), ["sandbox_id", "serial"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_survey_ticket_id"), ["ticket_id"], unique=False)

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_sandbox_id_reminder_at_id"),
            ["sandbox_id", "reminder_at", "id"],
            unique=False,
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("roster_activates", sa.Boolean(), server_default=sa.true(), nullable=False)
        )

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_lead_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_lead_campaign_id"), "campaign", ["campaign_id"], ["id"])

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notice_membership_id_url"), ["membership_id", "url"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_notice_sandbox_id_topic_at"), ["sandbox_id", "topic", "at"], unique=False
        )

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))
        batch_op.create_index(batch_op.f("ix_opportunity_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(
            "ix_opportunity_reports",
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
            "ix_opportunity_stays",
            ["sandbox_id", "id", "deleted_at", "owner_id", "created_at", "source", "opportunity_type"],
            unique=False,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_opportunity_campaign_id"), "campaign", ["campaign_id"], ["id"]
        )

    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notify", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("remind_after", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("stage", schema=None) as batch_op:
        batch_op.drop_column("remind_after")
        batch_op.drop_column("notify")

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_opportunity_campaign_id"), type_="foreignkey")
        batch_op.drop_index("ix_opportunity_stays")
        batch_op.drop_index("ix_opportunity_reports")
        batch_op.drop_index(batch_op.f("ix_opportunity_campaign_id"))
        batch_op.drop_column("tags")
        batch_op.drop_column("campaign_id")

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_sandbox_id_topic_at"))
        batch_op.drop_index(batch_op.f("ix_notice_membership_id_url"))

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_lead_campaign_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_lead_campaign_id"))
        batch_op.drop_column("campaign_id")
        batch_op.drop_column("tags")

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_column("roster_activates")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("tags")

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_sandbox_id_reminder_at_id"))

    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_survey_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_survey_sandbox_id_satisfaction_id"))
        batch_op.drop_index(batch_op.f("ix_survey_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_survey_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_survey_sandbox_id_asked_on_id"))
        batch_op.drop_index(batch_op.f("ix_survey_customer_id"))
        batch_op.drop_index(batch_op.f("ix_survey_contact_id"))

    op.drop_table("survey")
    with op.batch_alter_table("campaign_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_member_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_campaign_member_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_member_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_member_lead_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_member_contact_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_member_campaign_id"))

    op.drop_table("campaign_member")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_urgency_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_submitted_at_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_overdue_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_number_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_due_at_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_sandbox_id_assignee_id_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_product_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_customer_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_contact_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_article_id"))

    op.drop_table("ticket")
    with op.batch_alter_table("rival", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rival_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_rival_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_rival_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_rival_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_rival_competitor_id"))

    op.drop_table("rival")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_to_customer_id"))
        batch_op.drop_index(batch_op.f("ix_relation_to_contact_id"))
        batch_op.drop_index(batch_op.f("ix_relation_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_relation_sandbox_id_relation_type_id"))
        batch_op.drop_index(batch_op.f("ix_relation_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_relation_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_relation_from_customer_id"))
        batch_op.drop_index(batch_op.f("ix_relation_from_contact_id"))

    op.drop_table("relation")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_row_run_id_problem_number"))
        batch_op.drop_index(batch_op.f("ix_import_row_run_id_fate_number"))

    op.drop_table("import_row")
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_link_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_document_link_sandbox_id_related_kind_related_id_id"))
        batch_op.drop_index(batch_op.f("ix_document_link_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_document_link_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_document_link_document_id"))

    op.drop_table("document_link")
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adjustment_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_adjustment_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_adjustment_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_adjustment_forecast_id"))

    op.drop_table("adjustment")
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_entry_upload_id"))
        batch_op.drop_index(batch_op.f("ix_roster_entry_sandbox_id"))
        batch_op.drop_index(batch_op.f("ix_roster_entry_course_id_number_key"))
        batch_op.drop_index(batch_op.f("ix_roster_entry_course_id_name_key"))

    op.drop_table("roster_entry")
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_sandbox_id_year_quarter_owner_id"))
        batch_op.drop_index(batch_op.f("ix_quota_sandbox_id_year_id"))
        batch_op.drop_index(batch_op.f("ix_quota_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_quota_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_quota_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_quota_sandbox_id_amount_id"))

    op.drop_table("quota")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_import_run_sandbox_id_kind_id"))

    op.drop_table("import_run")
    with op.batch_alter_table("forecast", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_year_quarter_owner_id"))
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_year_id"))
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_expected_amount_id"))
        batch_op.drop_index(batch_op.f("ix_forecast_sandbox_id_best_case_amount_id"))

    op.drop_table("forecast")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_sandbox_id_uploaded_at_id"))
        batch_op.drop_index(batch_op.f("ix_document_sandbox_id_title_id"))
        batch_op.drop_index(batch_op.f("ix_document_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_document_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_document_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_document_sandbox_id_folder_id"))

    op.drop_table("document")
    with op.batch_alter_table("competitor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_threat_id"))
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_nature_id"))
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_competitor_sandbox_id_annual_revenue_id"))

    op.drop_table("competitor")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_sandbox_id_start_date_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_campaign_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_sandbox_id_name_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_sandbox_id_end_date_id"))

    op.drop_table("campaign")
    op.drop_table("calendar_feed")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_title_id"))
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_helpful_id"))
        batch_op.drop_index(batch_op.f("ix_article_sandbox_id_category_id"))

    op.drop_table("article")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_sandbox_id_start_date_id"))
        batch_op.drop_index(batch_op.f("ix_announcement_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_announcement_sandbox_id_owner_id_id"))
        batch_op.drop_index(batch_op.f("ix_announcement_sandbox_id_id"))
        batch_op.drop_index(batch_op.f("ix_announcement_sandbox_id_end_date_id"))

    op.drop_table("announcement")
    with op.batch_alter_table("roster_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_upload_sandbox_id"))
        batch_op.drop_index(batch_op.f("ix_roster_upload_course_id"))

    op.drop_table("roster_upload")
    with op.batch_alter_table("custom_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custom_field_sandbox_id_serial"))
        batch_op.drop_index(batch_op.f("ix_custom_field_sandbox_id_record_kind_key"))

    op.drop_table("custom_field")
    with op.batch_alter_table("opportunity_stay", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_stay_opportunity_id_stage_seconds"))

    op.drop_table("opportunity_stay")
    with op.batch_alter_table("match_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_key_sandbox_id_kind_what_key"))
        batch_op.drop_index(batch_op.f("ix_match_key_kind_record_id"))

    op.drop_table("match_key")
