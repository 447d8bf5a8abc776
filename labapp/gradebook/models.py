"""What is kept of grading: versions of rubrics, runs, and the ledger, to which rows are only added."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model

OVERRIDE, WITHDRAWN, MARK, RELEASE, HOLD, EXTENSION, EXEMPTION, COMMENT, DISPUTE, DECISION = KINDS = (
    "override",
    "withdrawn",
    "mark",
    "release",
    "hold",
    "extension",
    "exemption",
    "comment",
    "dispute",
    "decision",
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
    """A person's word about a grade, only added, never changed. `task` empty: the whole.

    `points` for override, mark and a decision that gives others. `until` (lab time) for an extension, and for a release
    that says how long it may be disputed. `about_id` is the row that a decision answers or a withdrawal takes back.
    `details`: of a dispute the `steps` it points at, of a decision what `alone` says (nobody else could decide).
    """

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
    account_id: Mapped[int | None]
    about_id: Mapped[int | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index(None, "sandbox_id", "membership_id", "id"),)


class BankComment(Model):
    """A comment kept for use again in a course. `task` empty: for every task. `shared`: all who grade find it."""

    __tablename__ = "bank_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    task: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(String(1000))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    shared: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class GradeState(Model):
    """What live pages know of a log up to the step `step`: the head of what is kept (grading.kept); the rest below.

    `cutoff` is '' for the log as it goes on, else the lab time beyond which nothing is taken in. `hash` is that of the
    step `step`: another one there means another log, and what is kept is made anew.
    """

    __tablename__ = "grade_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id", ondelete="CASCADE"))
    cutoff: Mapped[str] = mapped_column(String(32), default="")
    step: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")
    head: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index(None, "sandbox_id", "cutoff", unique=True),)


class GradeStateRecord(Model):
    """A record as the log left it, what was done on it, and whose it is (nobody's once it is deleted)."""

    __tablename__ = "grade_state_record"

    state_id: Mapped[int] = mapped_column(ForeignKey("grade_state.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str | None] = mapped_column(String(20))
    charge: Mapped[str | None] = mapped_column(String(20))
    creator: Mapped[str | None] = mapped_column(String(20))
    there: Mapped[bool]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (
        Index(None, "state_id", "owner", "kind"),
        Index(None, "state_id", "charge", "kind"),
        Index(None, "state_id", "creator", "kind"),
    )


class GradeStateActs(Model):
    """Some acts of a member, one after the other, from the step `first` on."""

    __tablename__ = "grade_state_acts"

    state_id: Mapped[int] = mapped_column(ForeignKey("grade_state.id", ondelete="CASCADE"), primary_key=True)
    member: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    body: Mapped[list[Any]] = mapped_column(JSON)


class GradeStateValues(Model):
    """How many existing records of a kind have each value of a field that a rubric wants to be unique."""

    __tablename__ = "grade_state_values"

    state_id: Mapped[int] = mapped_column(ForeignKey("grade_state.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    body: Mapped[dict[str, int]] = mapped_column(JSON)


class CoachResult(Model):
    """How a student stood when last judged, for coach and wall: after the step `step`, by that rubric and ledger row.

    `checked`: as of the last self-check, which was that step, and not as of now. `result`: see `gradebook.results`.
    """

    __tablename__ = "coach_result"

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id", ondelete="CASCADE"), primary_key=True)
    member: Mapped[str] = mapped_column(String(20), primary_key=True)
    checked: Mapped[bool] = mapped_column(primary_key=True)
    step: Mapped[int]
    rubric: Mapped[int | None]
    ledger: Mapped[int | None]
    result: Mapped[list[Any]] = mapped_column(JSON)


class IntegrityRun(Model):
    """The last search of a course for suspicious facts: what it found, by which thresholds, up to which steps.

    `steps`: the last step that was looked at, by sandbox id. Never a part of any grade.
    """

    __tablename__ = "integrity_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    account: Mapped[str] = mapped_column(String(255))
    limits: Mapped[dict[str, Any]] = mapped_column(JSON)
    steps: Mapped[dict[str, Any]] = mapped_column(JSON)
    findings: Mapped[list[Any]] = mapped_column(JSON)


class IntegrityRemark(Model):
    """What an instructor said of a finding, only added: `state` seen, explained or open; the last one counts.

    `count`: how many facts the finding had then; with more it is open again.
    """

    __tablename__ = "integrity_remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    finding: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    count: Mapped[int]
    remark: Mapped[str] = mapped_column(String(1000), default="")
    account: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(default=now)
