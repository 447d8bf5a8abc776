"""Who there is and where they stand."""

import secrets
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, Index, String, true
from sqlalchemy import text as text_of
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model, Reference, Row
from labapp.db.dialects import partial
from labapp.db.fields import choice, data, link, number, text

INSTRUCTOR, ASSISTANT, STUDENT, OBSERVER = ROLES = ("instructor", "assistant", "student", "observer")
# A simulated member is invented company: no account, never anybody's seat (docs/decisions/0019).
STATES = ("pending", "active", "rejected", "left", "simulated")
PENDING, ACTIVE, REJECTED, LEFT, SIMULATED = STATES
POSITION_KINDS = ("instructor", "class", "department", "staff")
PROFILES = ("everything", "manager", "sales", "marketing", "service", "product", "configurator")
# What a sandbox is: only those that are written take steps; put aside and restored ones are an instructor's to read.
OPENING, READY, OPEN, FROZEN, ARCHIVED, RESTORED, RESTORING, PURGING = SANDBOX_STATES = (
    "opening",
    "ready",
    "open",
    "frozen",
    "archived",
    "restored",
    "restoring",
    "purging",
)
WRITTEN = (OPENING, OPEN)
CLASS, TEAM, INDIVIDUAL = MODES = ("class", "team", "individual")
TEAM_SIZE = 4


def new_stamp() -> str:
    """A token that no other state of the sandbox's reference rows ever had."""
    return secrets.token_hex(8)


class Account(UserMixin, Model):
    """A person who can sign in, by number or e-mail."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(40))
    signature: Mapped[str | None] = mapped_column(String(2000))
    sender: Mapped[str | None] = mapped_column(String(255))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    epoch: Mapped[int] = mapped_column(default=0)
    language: Mapped[str | None] = mapped_column(String(8))
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    administrator: Mapped[bool] = mapped_column(default=False)
    instructor: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_membership_id: Mapped[int | None]

    def get_id(self) -> str:
        """What the session keeps: a new epoch ends every session of the account."""
        return f"{self.id}.{self.epoch}"


class Course(Model):
    """One teaching of one scenario in one term; it owns the join code, the roster and the gradebook."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    scenario: Mapped[str] = mapped_column(String(80))
    term: Mapped[str] = mapped_column(String(80), default="")
    mode: Mapped[str] = mapped_column(String(12), default="class")
    team_size: Mapped[int] = mapped_column(default=TEAM_SIZE, server_default=str(TEAM_SIZE))
    join_code: Mapped[str] = mapped_column(String(16), unique=True)
    listed: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    rubric: Mapped[str] = mapped_column(default="")
    scenario_sha256: Mapped[str | None] = mapped_column(String(64))  # its files as they were at the opening
    origin: Mapped[str] = mapped_column(
        String(32), default="", server_default=""
    )  # of one restored: see lifecycle
    owner_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    roster_activates: Mapped[bool] = mapped_column(default=True, server_default=true())


class Sandbox(Model):
    """One run of one simulated company. Everything a CRM knows belongs to exactly one.

    `unit` is the part of the course it is for (`s001`, `team-1`; empty: the whole class); its data are dealt from the
    seed and the unit. One that a reset put aside for a fresh one of the same unit says when in `replaced_at`.
    `settings` are the scalar settings by path (`sharing.lead`, `organisation.name.zh`), `first_settings` what they
    were before the first step. `last_step`, `last_lab_at` and `null_hash` are the head of the log.
    """

    __tablename__ = "sandbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    scenario: Mapped[str] = mapped_column(String(80))
    seed: Mapped[int] = mapped_column(default=1)
    unit: Mapped[str] = mapped_column(String(40), default="", server_default="")
    replaced_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(8), default="zh")
    state: Mapped[str] = mapped_column(String(12), default="opening")
    starts_at: Mapped[datetime]
    clock_mode: Mapped[str] = mapped_column(String(8), default="real")
    clock_base: Mapped[datetime]
    clock_set_at: Mapped[datetime] = mapped_column(default=now)
    clock_pace: Mapped[int] = mapped_column(default=1, server_default="1")
    clock_goal: Mapped[datetime | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    first_settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    stamp: Mapped[str] = mapped_column(String(32), default=new_stamp)
    last_step: Mapped[int] = mapped_column(default=0)
    last_lab_at: Mapped[datetime]
    null_hash: Mapped[str] = mapped_column(String(64), default="")


class Position(Reference):
    """A node of the hierarchy. `path` lists the ids from the top: '/1/4/9/'."""

    __tablename__ = "position"

    parent_id: Mapped[int | None] = link(_l("Above"), "position")
    path: Mapped[str] = mapped_column(String(255), default="")
    position_kind: Mapped[str] = choice(_l("Kind of position"), "position_kind", required=True)
    name_en: Mapped[str] = text(_l("Name (English)"), required=True)
    name_zh: Mapped[str] = text(_l("Name (Chinese)"), required=True)
    profile: Mapped[str | None] = choice(_l("Work profile"), "profile")
    sort: Mapped[int] = number(_l("Order"), default=0, required=True)


class Membership(Row):
    """An account in a course and, once active, in a sandbox of it; or a seat without an account yet.

    Instructors, assistants and observers of a course have one in each of its sandboxes; a student has one.
    One without an account is a seat to be filled (active) or simulated company that nobody ever fills.

    `key` (`s001`) is the member's name in the log, fixed when the seat is made and never renamed.
    """

    __tablename__ = "membership"

    # An application that waits is in no sandbox yet.
    sandbox_id: Mapped[int | None] = mapped_column(ForeignKey("sandbox.id"))  # type: ignore[assignment]
    serial: Mapped[int | None] = mapped_column()  # type: ignore[assignment]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    key: Mapped[str | None] = mapped_column(String(20))
    number: Mapped[str | None] = text(_l("Number"))
    name: Mapped[str | None] = text(_l("Name"))
    class_name: Mapped[str | None] = text(_l("Class"))
    role: Mapped[str] = choice(_l("Role"), "role", required=True, default=STUDENT)
    state: Mapped[str] = choice(_l("State"), "member_state", required=True, default=PENDING)
    reason: Mapped[str | None] = mapped_column(String(1000))
    applied_at: Mapped[datetime] = mapped_column(default=now)
    positions: Mapped[list[int]] = data(_l("Positions"), default=list)
    last_hash: Mapped[str] = mapped_column(String(64), default="")

    __table_args__ = (
        Index(None, "sandbox_id", "serial", unique=True),
        Index(None, "sandbox_id", "key", unique=True),
        Index(None, "sandbox_id", "account_id", unique=True),
        Index(None, "course_id", "account_id"),
        partial(
            "uq_membership_application",
            "course_id",
            "account_id",
            unique=True,
            where=text_of("sandbox_id IS NULL"),
        ),
    )


class SharingGroup(Reference):
    """Members who read and write each other's records (004 §2.11-6)."""

    __tablename__ = "sharing_group"

    name: Mapped[str] = text(_l("Name"), required=True)
    members: Mapped[list[int]] = data(_l("Members"), default=list)


class RosterUpload(Model):
    """A class list that somebody sent: looked at, then saved, then perhaps taken back.

    `rows` are [number of the row, cells], kept for as long as it is looked at. `columns` says by the name of what is
    wanted (number, name, email, class_name, position) in which column it stands.
    """

    __tablename__ = "roster_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12), default="preview")
    heads: Mapped[list[str]] = mapped_column(JSON, default=list)
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    rows: Mapped[list[Any]] = mapped_column(JSON, default=list)
    position_id: Mapped[int | None] = mapped_column()
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]


class RosterEntry(Model):
    """Somebody who is expected in a course. `membership_id`: the seat they have; `taken_at`: since when.

    One who was in the course before the entry has a seat and no `taken_at`. The keys are number and name without what
    people write differently (`people.roster`).
    """

    __tablename__ = "roster_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), index=True)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("roster_upload.id"), index=True)
    number: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(255))
    class_name: Mapped[str | None] = mapped_column(String(120))
    position_id: Mapped[int] = mapped_column()
    number_key: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(240))
    membership_id: Mapped[int | None] = mapped_column()
    taken_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        Index(None, "course_id", "number_key", unique=True),
        Index(None, "course_id", "name_key"),
    )


class SignInAttempt(Model):
    """One try to sign in, for the account's security log and for slowing down guesses."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    login: Mapped[str] = mapped_column(String(255), index=True)
    device: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)
    outcome: Mapped[str] = mapped_column(String(16))
