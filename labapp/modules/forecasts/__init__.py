"""Forecasts and quotas by fiscal quarter: what was asked, what is expected, what came of it (004 §2.6)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.forecasts.cards import HOME_CARDS
from labapp.modules.forecasts.models import Adjustment, Forecast, Quota
from labapp.modules.forecasts.pages import BLUEPRINT
from labapp.modules.forecasts.reports import FORECAST_REPORTS, QUOTA_REPORTS
from labapp.modules.forecasts.rules import ADJUSTMENT_RULES, FORECAST_RULES, QUOTA_RULES
from labapp.records.describe import RecordType

__all__ = ["BLUEPRINT", "HOME_CARDS", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Forecast,
        _l("Sales forecast"),
        _l("Sales forecasts"),
        "forecasts",
        columns=("year", "quarter", "owner_id", "expected_amount", "best_case_amount", "comment"),
        icon="graph-up",
        sortable=("year", "expected_amount", "best_case_amount"),
        reports=FORECAST_REPORTS,
        rules=FORECAST_RULES,
    ),
    RecordType(
        Quota,
        _l("Quota"),
        _l("Quotas"),
        "quotas",
        columns=("year", "quarter", "owner_id", "amount"),
        icon="bullseye",
        sortable=("year", "amount"),
        reports=QUOTA_REPORTS,
        rules=QUOTA_RULES,
    ),
    RecordType(
        Adjustment,
        _l("Adjustment"),
        _l("Adjustments"),
        "adjustments",
        columns=("owner_id", "expected_amount", "best_case_amount", "reason", "created_at"),
        icon="sliders",
        title="serial",
        rules=ADJUSTMENT_RULES,
        parent="forecast_id",
    ),
]
