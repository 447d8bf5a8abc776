"""Competitors 竞争对手: who they are, and how we fare against them (004 §2.5)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.competitors.models import Competitor
from labapp.modules.competitors.pages import BLUEPRINT
from labapp.modules.competitors.reports import REPORTS
from labapp.modules.competitors.rules import RULES
from labapp.records.describe import RecordType

__all__ = ["BLUEPRINT", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Competitor,
        _l("Competitor"),
        _l("Competitors"),
        "competitors",
        columns=("name", "threat", "nature", "industry", "annual_revenue", "owner_id"),
        icon="binoculars",
        sortable=("name", "threat", "nature", "annual_revenue"),
        reports=REPORTS,
        rules=RULES,
    ),
]
