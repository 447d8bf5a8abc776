"""Who works on a ticket: assigned by hand, handed over along the flow, escalated to a superior (004 §3.3, 003 二-4)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, Refused
from labapp.modules.tickets import desk
from labapp.modules.tickets.models import ASSIGNED, OPEN, Ticket, is_open
from labapp.modules.tickets.operations import moved, no_longer_waiting, require_state
from labapp.modules.tickets.routing import tell_assignee, worker
from labapp.notices.board import Words, tell
from labapp.people.directory import Member, Place
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LinkPick, LongField, Needed, members
from labapp.records.words import language

NO_FLOW = _l("No flow is set up for handing over. Assign the ticket to somebody instead.")
AT_THE_END = _l("The ticket is at the last position of the flow. Resolve it there, or escalate it.")


def comment_field() -> LongField:
    return LongField(_l("Comment"), [Optional()], shape="prose")


def person_field(
    people: list[Member] | None, actor: Any, *, chosen: int | None = None, note: str = ""
) -> LinkPick:
    """A choice of people: these, or everybody who works here."""

    def load(now: Any) -> list[SelectChoice]:
        if people is None:
            return members(actor)
        return [SelectChoice(str(m.id), f"{m.name} ({m.key})") for m in people]

    return LinkPick(_l("Assignee"), [Needed()], load=load, default=chosen, description=note)


def assign_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Asks who is to work on it."""
    return type(
        "assign_form", (LabForm,), {"assignee_id": person_field(None, actor), "comment": comment_field()}
    )


@action(_l("Assign"), form=assign_form, offered=is_open, icon="person-plus", bulk=True)
def assign(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """Give it to somebody, who reads and edits it from now on."""
    require_state(work, ticket, *OPEN)
    return given_to(work, ticket, worker(work.actor, answers.get("assignee_id")))


def given_to(work: Any, ticket: Ticket, member: Member, **values: Any) -> Ticket:
    """The ticket in the hands of this member, who hears of it. What waited does not wait any more."""
    values |= no_longer_waiting(work, ticket)
    moved(work, ticket, ASSIGNED, assignee_id=member.id, **values)
    tell_assignee(work, ticket, member)
    return ticket


def hand_over_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Asks for one of the people at the next position of the flow."""
    place = desk.next_in_flow(actor, record.assignee_id if record is not None else None)
    people = desk.workers(actor.directory, actor.directory.holders(place.id)) if place is not None else []
    chosen = people[0].id if people else None
    to = person_field(people, actor, chosen=chosen, note=station(actor, place))
    asked = {"assignee_id": to, "comment": comment_field()}
    return type("hand_over_form", (LabForm,), asked)


def station(actor: Actor, place: Place | None) -> str:
    """Where a ticket goes next, in words; or why it goes nowhere."""
    if place is not None:
        return _("Next station: %(place)s", place=place.name(language()))
    return str(AT_THE_END if desk.flow_of(actor) else NO_FLOW)


@action(
    _l("Hand over"),
    form=hand_over_form,
    offered=is_open,
    icon="signpost-split",
    explain=_l("To the next position of the flow that your instructor has set up for the service desk."),
)
def hand_over(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """On to the next position of the configured flow (004 §3.3 依据设定的流程转交)."""
    require_state(work, ticket, *OPEN)
    place = next_place(work, ticket)
    member = worker(work.actor, answers.get("assignee_id"))
    if member.id not in work.actor.directory.holders(place.id):
        sentence = _(
            "The next position of the flow is %(place)s: choose somebody there.", place=place.name(language())
        )
        raise Invalid(sentence, {"assignee_id": sentence})
    return given_to(work, ticket, member)


def next_place(work: Any, ticket: Ticket) -> Any:
    """The next position of the flow. Raises Refused where there is none."""
    if not desk.flow_of(work.actor):
        work.refuse(NO_FLOW)
    place = desk.next_in_flow(work.actor, ticket.assignee_id)
    if place is None:
        work.refuse(AT_THE_END)
    return place


class EscalateForm(LabForm):
    reason = LongField(_l("Why"), [Needed()], shape="prose")


@action(
    _l("Escalate"),
    form=EscalateForm,
    offered=is_open,
    icon="arrow-up",
    tone="warning",
    explain=_l("The superior of the assignee takes it over."),
)
def escalate(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """To the superior of the assignee, or of the owner where nobody has it yet."""
    require_state(work, ticket, *OPEN)
    superior = desk.superior_of(work.actor, ticket.assignee_id or ticket.owner_id)
    if superior is None:
        raise Refused(_l("Nobody stands above the assignee in the tree of positions."))
    values = {"escalated_at": work.now, "escalated_to_id": superior.id}
    return given_to(work, ticket, superior, **values)


def fell_due(work: Any, ticket: Ticket) -> None:
    """What happens when the promise is broken: flagged, the superior named, both told (003 二-4 超时自动通知)."""
    handler = ticket.assignee_id or ticket.owner_id
    superior = desk.superior_of(work.actor, handler)
    above = {"escalated_to_id": superior.id} if superior is not None else {}
    work.update(ticket, overdue=True, escalated_at=work.now, **above)
    told = [handler, *([superior.id] if superior is not None else [])]
    words = Words(
        f"Ticket {ticket.number} “{ticket.subject}” is overdue.",
        f"工单 {ticket.number}“{ticket.subject}”已超时。",
    )
    tell(work.actor.sandbox_id, list(dict.fromkeys(told)), "ticket", words, work.now, f"/tickets/{ticket.id}")
