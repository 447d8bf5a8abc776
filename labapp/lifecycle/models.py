"""The archives that this installation has made or been given."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model


class Archive(Model):
    """One file in LABAPP_DATA/archives, or where a command was told to put it.

    It outlives its sandbox: `sandbox_id` is empty then, the name stays.
    `checked_at` is when it was last read back and found right; `wrong` what was found otherwise. Times are UTC.
    """

    __tablename__ = "archive"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int | None]
    course_id: Mapped[int] = mapped_column(index=True)
    sandbox: Mapped[str] = mapped_column(String(80))
    file: Mapped[str] = mapped_column(String(400), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    steps: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=now)
    checked_at: Mapped[datetime | None]
    wrong: Mapped[str] = mapped_column(String(500), default="")
    account: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (Index(None, "sandbox_id", "id"),)
