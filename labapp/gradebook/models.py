"""What is kept of grading: versions of rubrics, runs, and the ledger, to which rows are only added."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model

OVERRIDE, WITHDRAWN, MARK, RELEASE, HOLD, EXTENSION, EXEMPTION = KINDS = (
    "override",
    "withdrawn",
    "mark",
    "release",
    "hold",
    "extension",
    "exemption",
)


class RubricVersion(Model):
    """A rubric as it was in force for a course from some moment on."""

    __tablename__ = "rubric_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)
    account: Mapped[str | None] = mapped_column(String(255))


class GradeRun(Model):
    """A run of the grader: the same rubric, cut-off, last step and marks store nothing new (grading.md §2)."""

    __tablename__ = "grade_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    rubric_sha256: Mapped[str] = mapped_column(String(64))
    cutoff: Mapped[str] = mapped_column(String(32), default="")
    last_step: Mapped[int]
    marks_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (
        Index(None, "sandbox_id", "rubric_sha256", "cutoff", "last_step", "marks_sha256", unique=True),
    )


class LedgerEntry(Model):
    """A person's word about a grade. `task` empty: the whole. `points` for override and mark, `until` for extension."""

    __tablename__ = "ledger_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    kind: Mapped[str] = mapped_column(String(16))
    task: Mapped[str] = mapped_column(String(80), default="")
    check: Mapped[int | None]
    points: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(2000), default="")
    account: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index(None, "sandbox_id", "membership_id", "id"),)
