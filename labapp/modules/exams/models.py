"""What is kept of examinations: the bank of a course, who sat which paper, what was released."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model

STUDENT_DID, TIME_DID, RESET_DID = "student", "time", "reset"


class CourseExam(Model):
    """The examination of a course: `text` as it is written, `content` as `shape.Exam` reads it.

    `version` counts the saves. `released`: when the results of a paper were released, in UTC, by paper.
    """

    __tablename__ = "course_exam"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    released: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Attempt(Model):
    """One sitting of one member. Times are real time in UTC: the limit is one of real minutes, whatever the clock.

    `drawn` is the paper as it was drawn for this member, with its right answers: it never leaves the server whole.
    `answers` are by question: keys of options, or what was typed. `window` is the page that was opened last: only that
    one saves. `marks` are points by question, once handed in. `set_aside`: from before the member was reset.
    """

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    paper: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    drawn: Mapped[dict[str, Any]] = mapped_column(JSON)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime] = mapped_column(default=now)
    ends_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    set_aside: Mapped[bool] = mapped_column(default=False, server_default=false())
    window: Mapped[str] = mapped_column(String(16), default="")
    submitted_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(8), default="")
    marks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    points: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    max: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    __table_args__ = (
        Index(None, "membership_id", "paper", "number", unique=True),
        Index(None, "course_id", "paper", "id"),
        Index(None, "sandbox_id", "submitted_at"),
    )

    @property
    def is_open(self) -> bool:
        return self.submitted_at is None


class MoreAttempts(Model):
    """What an instructor gave a member beyond what the paper says: `more` attempts, `minutes` for each of them."""

    __tablename__ = "more_attempts"

    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    paper: Mapped[str] = mapped_column(String(60), primary_key=True)
    more: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int] = mapped_column(default=0, server_default="0")
