"""What an opportunity can be put through: advance, win, lose, reopen (design.md, stage and status verbs)."""

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.errors import Invalid
from labapp.access.rules import COMMAND
from labapp.modules.opportunities import rivals, stages
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stages import LOST, WON, is_closed, is_open
from labapp.records.codes import Value
from labapp.records.describe import RecordType, action
from labapp.records.forms import WIDGETS, LabForm, Needed, Pick, Typed, input_for
from labapp.records.words import language


def advance_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Asks for an open stage other than the one it stands in."""
    here = record.stage if record is not None and is_open(record) else None
    return stage_form([stage for stage in stages.open_stages(actor) if stage.key != here])


def stage_form(offered: list[Value]) -> type[LabForm]:
    word = language()
    pick = Pick(
        _l("Stage"), [Needed()], choices=[SelectChoice(stage.key, stage.name(word)) for stage in offered]
    )
    return type("stage_form", (LabForm,), {"stage": pick})


def reopen_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    return stage_form(stages.open_stages(actor))


class ClosingDay(Typed):
    """The day it was closed: today unless another is typed, whatever was planned."""

    def process_data(self, value: Any) -> None:
        self.data = self.default


def closing_day(actor: Any, record_type: RecordType) -> ClosingDay:
    label, today = record_type.fields["close_date"].label, actor.lab_now.date()
    found: ClosingDay = ClosingDay(label, [Optional()], shape="day", default=today, widget=WIDGETS["day"])
    return found


def win_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Asks for the day it was won; today unless said otherwise."""
    return type("win_form", (LabForm,), {"close_date": closing_day(actor, record_type)})


def lose_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Asks for the reason, without which nothing is lost (004 §2.4)."""
    reason = replace(record_type.fields["lost_reason"], required=True)
    asked = {"lost_reason": input_for(reason, actor), "close_date": closing_day(actor, record_type)}
    if record is not None and (winner := rivals.winner_field(actor, record)):
        asked["lost_to"] = winner
    return type("lose_form", (LabForm,), asked)


@action(
    _l("Change stage"),
    form=advance_form,
    offered=is_open,
    icon="arrow-right",
    tone="primary",
    bulk=True,
    explain=_l("The probability follows the stage."),
)
def advance(work: Any, opportunity: Opportunity, answers: dict[str, Any]) -> Opportunity:
    """On to another open stage, or back. Refused while what the stage asks for is missing."""
    require_open(work, opportunity)
    stage = stages.open_stage(work.actor, answers.get("stage"))
    if stage.key == opportunity.stage:
        sentence = _l("It stands in this stage already.")
        raise Invalid(sentence, {"stage": sentence})
    stages.require_entry(work, opportunity, stage.key)
    stages.enter(work, opportunity, stage.key)
    return opportunity


@action(
    _l("Win"),
    form=win_form,
    offered=is_open,
    icon="trophy",
    tone="success",
    bulk=True,
    explain=_l("Its amount counts as completed sales of the owner on the close date."),
)
def win(work: Any, opportunity: Opportunity, answers: dict[str, Any]) -> Opportunity:
    """Won: probability 100, closed today unless a day is given."""
    require_open(work, opportunity)
    stages.require_entry(work, opportunity, WON)
    stages.close(work, opportunity, WON, answers.get("close_date"))
    rivals.won(work, opportunity)
    return opportunity


@action(_l("Lose"), form=lose_form, offered=is_open, icon="x-circle", tone="danger", bulk=True)
def lose(work: Any, opportunity: Opportunity, answers: dict[str, Any]) -> Opportunity:
    """Lost, with the reason. It stays in the reports (004 §2.4)."""
    require_open(work, opportunity)
    reason = answers.get("lost_reason")
    if stages.book_of(work.actor).get("lost_reason", reason) is None:
        sentence = _l("Say why it was lost.")
        raise Invalid(sentence, {"lost_reason": sentence})
    stages.close(work, opportunity, LOST, answers.get("close_date"), lost_reason=reason)
    rivals.lost(work, opportunity, answers.get("lost_to"))
    return opportunity


@action(_l("Reopen"), form=reopen_form, offered=is_closed, icon="arrow-counterclockwise", bulk=True)
def reopen(work: Any, opportunity: Opportunity, answers: dict[str, Any]) -> Opportunity:
    """Back to an open stage. A won one only by a superior of the owner or an instructor (product.md §5.5)."""
    if is_open(opportunity):
        work.refuse(_l("This opportunity is open already."))
    if opportunity.stage == WON and work.asks:
        work.require("reopen", opportunity, COMMAND)
        if not (work.actor.is_instructor or opportunity.owner_id in work.actor.below):
            work.refuse(_l("A won opportunity is reopened only by a superior of its owner or an instructor."))
    stage = stages.open_stage(work.actor, answers.get("stage"))
    stages.require_entry(work, opportunity, stage.key)
    stages.enter(work, opportunity, stage.key, lost_reason=None)
    rivals.reopened(work, opportunity)
    return opportunity


def require_open(work: Any, opportunity: Opportunity) -> None:
    """Raises Refused for a won or lost opportunity."""
    if is_closed(opportunity):
        work.refuse(_l("This opportunity is closed. Reopen it first."))


ACTIONS = (advance, win, lose, reopen)
