"""Opportunities: sales in the making, on a list and on a board (004 §2.4)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.opportunities.board import BLUEPRINT
from labapp.modules.opportunities.cards import HOME_CARDS, TEAM_FIGURES
from labapp.modules.opportunities.models import ContactRole, Line, Opportunity, Partner, Rival
from labapp.modules.opportunities.operations import ACTIONS
from labapp.modules.opportunities.reports import REPORTS
from labapp.modules.opportunities.rivals import REPORTS as RIVAL_REPORTS
from labapp.modules.opportunities.rivals import RIVAL_RULES
from labapp.modules.opportunities.rules import LINE_RULES, OPPORTUNITY_RULES, PARTNER_RULES, ROLE_RULES
from labapp.modules.opportunities.stage_notices import SWEEPS
from labapp.records.describe import RecordType

__all__ = ["BLUEPRINT", "HOME_CARDS", "RECORD_TYPES", "SWEEPS", "TEAM_FIGURES"]

RECORD_TYPES = [
    RecordType(
        Opportunity,
        _l("Opportunity"),
        _l("Opportunities"),
        "opportunities",
        columns=("name", "customer_id", "stage", "probability", "amount", "close_date", "owner_id"),
        icon="trophy",
        sortable=("name", "amount", "close_date", "stage"),
        actions=ACTIONS,
        reports=REPORTS,
        rules=OPPORTUNITY_RULES,
    ),
    RecordType(
        Line,
        _l("Product line"),
        _l("Product lines"),
        "lines",
        columns=("product_id", "quantity", "unit_price", "discount", "total"),
        icon="list-ul",
        title="serial",
        rules=LINE_RULES,
        parent="opportunity_id",
    ),
    RecordType(
        ContactRole,
        _l("Contact in the opportunity"),
        _l("Contacts in the opportunity"),
        "contact-roles",
        columns=("contact_id", "role"),
        icon="person-badge",
        title="serial",
        rules=ROLE_RULES,
        parent="opportunity_id",
    ),
    RecordType(
        Partner,
        _l("Partner in the opportunity"),
        _l("Partners in the opportunity"),
        "partners",
        columns=("customer_id", "role"),
        icon="share",
        title="serial",
        rules=PARTNER_RULES,
        parent="opportunity_id",
    ),
    RecordType(
        Rival,
        _l("Competitor in the opportunity"),
        _l("Competitors in the opportunity"),
        "rivals",
        columns=("opportunity_id", "competitor_id", "outcome", "price", "remark"),
        icon="binoculars",
        title="serial",
        reports=RIVAL_REPORTS,
        rules=RIVAL_RULES,
        parent="opportunity_id",
    ),
]
