"""What an import waits in: a run, and its rows until they are written. Neither is in the log; what it writes is."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model

# A run: reading → sent → checking → checked → running → done → undoing → undone. It may be checked again until it runs.
READING, SENT, CHECKING, CHECKED, RUNNING, DONE = "reading", "sent", "checking", "checked", "running", "done"
UNDOING, UNDONE = "undoing", "undone"
BUSY = frozenset({CHECKING, RUNNING, UNDOING})
WRITTEN = frozenset({RUNNING, DONE, UNDOING, UNDONE})
# What becomes of a row; `back`: it was written and taken back.
CREATE, UPDATE, SKIP, ERROR, BACK = FATES = ("create", "update", "skip", "error", "back")


class ImportRun(Model):
    """One file somebody brought. `heads` are the titles of the columns, `mapping` the field of each by its place.

    `options`: by (the field that tells two apart), twins (skip, update, create), dates (day, month or ''). `counts`
    by fate. `total` rows under the heading; `written` is the last row that was done, and where a kill is survived.
    """

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8), default=READING)
    head_row: Mapped[int] = mapped_column(default=0)
    heads: Mapped[list[str]] = mapped_column(JSON, default=list)
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    options: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    total: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    request: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    job_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    lab_at: Mapped[datetime]

    __table_args__ = (Index(None, "sandbox_id", "kind", "id"), Index(None, "state", "created_at"))


class ImportRow(Model):
    """A row of the file. `values` are columns in plain JSON once it is checked, `key` what tells it from others.

    `record_id` is the record it is or became, `step` the step that wrote it, `before` what stood there. `remarks` are
    [column or null, sentence]: why it is in error or left out, or what to look at. `problem`: whether it has any.
    """

    __tablename__ = "import_row"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[list[str]] = mapped_column(JSON)
    fate: Mapped[str] = mapped_column(String(8), default="")
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    remarks: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    problem: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str | None] = mapped_column(String(255))
    record_id: Mapped[int | None]
    serial: Mapped[int | None]
    step: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index(None, "run_id", "fate", "number"), Index(None, "run_id", "problem", "number"))
