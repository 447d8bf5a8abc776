"""The tables of the log. Triggers refuse UPDATE, DELETE and TRUNCATE on them (migrations)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from labapp.db import Model
from labapp.db.dialects import partial

DONE, BY_HAND = "done", "screen"  # the outcome and the origin of nearly every step
LOOKS = ("open", "list", "report", "export")  # verbs that change nothing


class Operation(Model):
    """A step. `id` counts from 1 in each sandbox without gaps; `member` is a member's key or null."""

    __tablename__ = "operation"

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime]
    lab_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    verb: Mapped[str] = mapped_column(String(40))
    record: Mapped[int | None]
    label: Mapped[str] = mapped_column(String(300), default="")
    origin: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(8))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    request: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    prev: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index(None, "sandbox_id", "member", "id"),
        Index(None, "sandbox_id", "request"),
        Index(None, "sandbox_id", "lab_at", "id"),
        partial("ix_operation_not_done", "sandbox_id", "outcome", "id", where=text(f"outcome <> '{DONE}'")),
        partial(
            "ix_operation_not_by_hand", "sandbox_id", "origin", "id", where=text(f"origin <> '{BY_HAND}'")
        ),
    )


class Touch(Model):
    """Which step touched which record: history and 'as it was' are read by it.

    `look` 1: the step changed nothing, it looked or was not done. A record that many look at keeps a short history.
    """

    __tablename__ = "operation_touch"

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    look: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        partial(
            "ix_operation_touch_changing",
            "sandbox_id",
            "kind",
            "serial",
            "step",
            where=text("look = 0"),
        ),
        partial(
            "ix_operation_touch_newest",
            "sandbox_id",
            "kind",
            "step",
            "serial",
            where=text("look = 0"),
        ),
    )


class Snapshot(Model):
    """A record as the log had it after so many steps that changed it, null where it was not there; `step`: the last.

    Follows from the log, which `labapp log verify` holds it to: "as it was" reads on from it instead of from the start.
    """

    __tablename__ = "operation_snapshot"

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int]
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Counter(Model):
    """The last number given: serials per kind, and running numbers such as `customer:202609`."""

    __tablename__ = "counter"

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class AdminEntry(Model):
    """An act on accounts, courses, rosters, rubrics or the grade ledger. Chained; no step, never graded.

    `course` is what the course was called; `course_id` which one it was: the name of a purged one may be taken again.
    """

    __tablename__ = "admin_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account: Mapped[str | None] = mapped_column(String(255))
    course: Mapped[str | None] = mapped_column(String(80), index=True)
    course_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(64), default="")
    prev: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))
