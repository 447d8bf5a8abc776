"""Campaigns 市场拓广: promotion and care for a market, whom they reach and what they bring (004 §2.7)."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from labapp.modules.campaigns.actions import ACTIONS
from labapp.modules.campaigns.agenda import AGENDAS
from labapp.modules.campaigns.audience import add_contacts, add_to_campaign, invite
from labapp.modules.campaigns.deadlines import SWEEPS
from labapp.modules.campaigns.models import Campaign, CampaignMember
from labapp.modules.campaigns.pages import BLUEPRINT
from labapp.modules.campaigns.reports import REPORTS, activity_report, leads_report, sales_report
from labapp.modules.campaigns.rules import CAMPAIGN_RULES, MEMBER_RULES
from labapp.modules.campaigns.tasks import create_lead
from labapp.records.describe import Addition, RecordType

__all__ = ["ADDITIONS", "AGENDAS", "BLUEPRINT", "RECORD_TYPES", "SWEEPS"]

RECORD_TYPES = [
    RecordType(
        Campaign,
        _l("Campaign"),
        _l("Campaigns"),
        "campaigns",
        columns=("name", "campaign_type", "status", "start_date", "end_date", "budget", "owner_id"),
        icon="megaphone",
        sortable=("name", "start_date", "end_date"),
        actions=(*ACTIONS, invite),
        reports=REPORTS,
        rules=CAMPAIGN_RULES,
    ),
    RecordType(
        CampaignMember,
        _l("Campaign member"),
        _l("Campaign members"),
        "campaign-members",
        columns=("lead_id", "contact_id", "response", "responded_at", "comment"),
        icon="person-check",
        title="serial",
        rules=MEMBER_RULES,
        parent="campaign_id",
    ),
]
ADDITIONS = {
    "lead": Addition((add_to_campaign,), (leads_report,)),
    "contact": Addition((add_to_campaign,)),
    "customer": Addition((replace(add_contacts, name="add_to_campaign"),)),
    "activity": Addition((create_lead,), (activity_report,)),
    "opportunity": Addition((), (sales_report,)),
}
