"""How a lead moves: contacted, qualified, given up."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from labapp.modules.leads.models import Lead, is_open
from labapp.records.describe import action
from labapp.records.forms import LabForm, LongField, Needed


class ContactForm(LabForm):
    comment = LongField(_l("What was said"), [Optional()], shape="prose")


class DisqualifyForm(LabForm):
    reason = LongField(_l("Why"), [Needed()], shape="prose")


def may_be_contacted(lead: Lead) -> bool:
    """Not yet spoken to, or given up and taken up again."""
    return lead.status not in {"contacted", "qualified", "converted"}


def may_be_qualified(lead: Lead) -> bool:
    return lead.status not in {"qualified", "converted"}


@action(_l("Contacted"), form=ContactForm, offered=may_be_contacted, icon="telephone", bulk=True)
def contact(work: Any, lead: Lead, answers: dict[str, Any]) -> Lead:
    """Somebody spoke with the lead."""
    work.update(lead, status="contacted", last_contacted_at=work.now)
    return lead


@action(_l("Qualify"), offered=may_be_qualified, icon="check2-circle", tone="success", bulk=True)
def qualify(work: Any, lead: Lead, answers: dict[str, Any]) -> Lead:
    """The lead is ripe: there is need, budget and somebody who decides (004 §2.2)."""
    work.update(lead, status="qualified")
    return lead


@action(_l("Disqualify"), form=DisqualifyForm, offered=is_open, icon="x-circle", bulk=True)
def disqualify(work: Any, lead: Lead, answers: dict[str, Any]) -> Lead:
    """Nothing will come of it; the reason stands in the log."""
    work.update(lead, status="unqualified")
    return lead
