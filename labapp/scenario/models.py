"""What is kept of scenarios: their texts by fingerprint, and the copies of instructors."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from labapp.clock import now
from labapp.db import Model


class ScenarioText(Model):
    """All files of a scenario as they were at some moment, by the SHA-256 of everything in them; never changed."""

    __tablename__ = "scenario_text"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(default=now)


class ScenarioCopy(Model):
    """An instructor's own scenario: which texts it has now. `version` counts its saves.

    `shared`: every instructor may look at it, open courses from it and copy it. `made_from`: the key of another.
    """

    __tablename__ = "scenario_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    owner_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    made_from: Mapped[str] = mapped_column(String(200), default="")
    sha256: Mapped[str] = mapped_column(ForeignKey("scenario_text.sha256"))
    version: Mapped[int] = mapped_column(default=1)
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
