"""A notice for one member."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from labapp.db import Model


class Notice(Model):
    """`at` is lab time, `read_at` real time in UTC. `topic` says what kind: transfer, approval, hint, reminder …"""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(40))
    text_en: Mapped[str] = mapped_column(String(1000))
    text_zh: Mapped[str] = mapped_column(String(1000))
    url: Mapped[str] = mapped_column(String(300), default="")
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "membership_id", "read_at"),
        Index(None, "membership_id", "id"),
        Index(None, "membership_id", "url"),
        Index(None, "sandbox_id", "topic", "at"),
    )
