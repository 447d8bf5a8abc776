"""How a campaign moves: started, completed, cancelled, reopened (004 §2.7)."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.modules.campaigns.models import Campaign, is_closed, is_open, is_planned
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LongField, Needed, input_for


class CancelForm(LabForm):
    reason = LongField(_l("Why"), [Needed()], shape="prose")


def complete_form(actor: Actor, record_type: RecordType, record: Campaign | None) -> type[LabForm]:
    """What it cost and what came of it; for many at once nothing is asked."""
    if record is None:
        return LabForm
    asked = ("actual_cost", "result", "survey")
    inputs = {name: input_for(record_type.fields[name], actor) for name in asked}
    return type("complete_form", (LabForm,), inputs)


@action(_l("Start campaign"), offered=is_planned, icon="flag", tone="primary", bulk=True)
def start(work: Any, campaign: Campaign, answers: dict[str, Any]) -> Campaign:
    """It is under way."""
    work.update(campaign, status="active")
    return campaign


@action(
    _l("Complete campaign"),
    form=complete_form,
    offered=is_open,
    icon="check2-circle",
    tone="success",
    bulk=True,
    explain=_l("Record the cost and the result, so that the next campaign learns from this one."),
)
def complete(work: Any, campaign: Campaign, answers: dict[str, Any]) -> Campaign:
    """It is over; what it cost and what came of it is recorded (004 §2.7, follow-up survey)."""
    work.update(campaign, status="completed", **{name: said for name, said in answers.items() if said})
    return campaign


@action(_l("Cancel campaign"), form=CancelForm, offered=is_open, icon="x-circle", bulk=True)
def cancel(work: Any, campaign: Campaign, answers: dict[str, Any]) -> Campaign:
    """It will not take place; the reason stands in the log."""
    work.update(campaign, status="cancelled")
    return campaign


@action(_l("Reopen campaign"), offered=is_closed, icon="arrow-counterclockwise")
def reopen(work: Any, campaign: Campaign, answers: dict[str, Any]) -> Campaign:
    """Under way again."""
    work.update(campaign, status="active")
    return campaign


ACTIONS = (start, complete, cancel, reopen)
