"""Leads 线索: people who may become customers (004 §2.2)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.leads.actions import contact, disqualify, qualify
from labapp.modules.leads.conversion import convert
from labapp.modules.leads.models import Lead
from labapp.modules.leads.reports import REPORTS
from labapp.modules.leads.rules import check, deleting, merging
from labapp.modules.leads.unconversion import unconvert
from labapp.modules.leads.web_form import BLUEPRINT
from labapp.records.describe import RecordType, Rules
from labapp.records.merge_form import MERGE
from labapp.records.past import bring_back

__all__ = ["BLUEPRINT", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Lead,
        _l("Lead"),
        _l("Leads"),
        "leads",
        columns=("name", "company", "status", "source", "rating", "mobile", "owner_id", "created_at"),
        importable=True,
        icon="person-plus",
        sortable=("name", "company", "created_at", "next_follow_up_at"),
        actions=(contact, qualify, convert, disqualify, unconvert, MERGE),
        reports=REPORTS,
        rules=Rules(check=check, deleting=deleting, restored=bring_back, merging=merging),
    ),
]
