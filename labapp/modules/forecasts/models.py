"""Quotas, forecasts, and what superiors make of them (004 §2.6, §2.11-1)."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, cast
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f

COMMIT = _l("Expected revenue")
BEST = _l("Best-case revenue")
YEAR = _l("Fiscal year")
QUARTER = _l("Fiscal quarter")
NAMED = _l("Named by the calendar year in which it begins.")


class Quota(Record):
    """What a superior or the instructor asks of a member in a fiscal quarter; the member is its owner."""

    __tablename__ = "quota"
    kept_by = "superior"

    year: Mapped[int] = f.number(YEAR, required=True, on_edit=False, help=NAMED)
    quarter: Mapped[int] = f.number(QUARTER, required=True, on_edit=False, help=_l("1 to 4."))
    amount: Mapped[Decimal] = f.money(_l("Quota"), required=True)

    @hybrid_property
    def name(self) -> str:
        """2026 Q3: what lists, links and the log call it."""
        return f"{self.year} Q{self.quarter}"

    @name.inplace.expression
    @classmethod
    def _name(cls) -> Any:
        return (cast(cls.year, String) + " Q" + cast(cls.quarter, String)).label("name")

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        by_column = tuple(Index(None, "sandbox_id", column, "id") for column in ("year", "amount"))
        return (*by_column, Index(None, "sandbox_id", "year", "quarter", "owner_id"))


class Forecast(Record):
    """What a member expects to sell in a fiscal quarter: surely, and at best. Nobody else changes it."""

    __tablename__ = "forecast"
    kept_by = "owner"

    year: Mapped[int] = f.number(YEAR, required=True, on_edit=False, help=NAMED)
    quarter: Mapped[int] = f.number(QUARTER, required=True, on_edit=False, help=_l("1 to 4."))
    expected_amount: Mapped[Decimal] = f.money(
        COMMIT, required=True, help=_l("What you will reach without any trouble.")
    )
    best_case_amount: Mapped[Decimal] = f.money(
        BEST, required=True, help=_l("What you may reach if all goes well; never below the expected.")
    )
    comment: Mapped[str | None] = f.prose(_l("Comment"), search=True)

    @hybrid_property
    def name(self) -> str:
        """2026 Q3: what lists, links and the log call it."""
        return f"{self.year} Q{self.quarter}"

    @name.inplace.expression
    @classmethod
    def _name(cls) -> Any:
        return (cast(cls.year, String) + " Q" + cast(cls.quarter, String)).label("name")

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("year", "expected_amount", "best_case_amount")
        by_column = tuple(Index(None, "sandbox_id", column, "id") for column in columns)
        return (*by_column, Index(None, "sandbox_id", "year", "quarter", "owner_id"))


class Adjustment(Record):
    """What a superior reckons with instead of a forecast of somebody below. The forecast stays as it was submitted."""

    __tablename__ = "adjustment"
    reach = "parent"
    follows = "forecast_id"
    kept_by = "owner"

    forecast_id: Mapped[int] = f.link(_l("Forecast"), "forecast", required=True, on_edit=False, index=True)
    expected_amount: Mapped[Decimal] = f.money(COMMIT, required=True)
    best_case_amount: Mapped[Decimal] = f.money(BEST, required=True)
    reason: Mapped[str] = f.prose(_l("Reason"), required=True)
