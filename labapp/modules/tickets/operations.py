"""How a ticket moves: started, waiting, resolved, closed, reopened (design.md, stage and status verbs)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from labapp.access.errors import Invalid
from labapp.modules.tickets.models import (
    ASSIGNED,
    CLOSED,
    HANDLED,
    IN_PROGRESS,
    NEW,
    RESOLVED,
    WAITING,
    Ticket,
    urgency_of,
)
from labapp.modules.tickets.promises import put_off, responded, worked
from labapp.records.describe import RecordType, action
from labapp.records.forms import IntegerField, LabForm, LinkPick, LongField, Needed, remote, targets

HERE = _l("The ticket is not in a state where this is possible.")


class WhyForm(LabForm):
    reason = LongField(_l("Why"), [Needed()], shape="prose")


class WaitForm(LabForm):
    reason = LongField(_l("What the customer still has to say or send"), [Needed()], shape="prose")


class CloseForm(LabForm):
    """How satisfied the customer is; empty where nobody could be asked."""

    satisfaction = IntegerField(
        _l("Satisfaction (1–5)"),
        [Optional()],
        shape="number",
        description=_l("1 very dissatisfied, 5 very satisfied. Empty: the customer did not say."),
    )
    comment = LongField(_l("What the customer said"), [Optional()], shape="prose")


def resolve_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Asks for the solution, and for the article of the knowledge base that holds it, if one does."""
    solution = LongField(_l("Resolution"), [Needed()], shape="prose")
    article = LinkPick(
        record_type.fields["article_id"].label,
        [Optional()],
        load=lambda now: targets("article", actor, now),
        render_kw=remote("article"),
        description=_l("The article that answered the question, if one did."),
    )
    return type("resolve_form", (LabForm,), {"resolution": solution, "article_id": article})


def one_of(*states: str) -> Any:
    """Whether a ticket stands in one of these."""
    return lambda ticket: ticket.status in states


def moved(work: Any, ticket: Ticket, status: str, **values: Any) -> Ticket:
    """The ticket in another status, with its place in the queue."""
    urgency = urgency_of(ticket.kind, ticket.priority, status)
    work.update(ticket, status=status, urgency=urgency, **values)
    return ticket


def require_state(work: Any, ticket: Ticket, *states: str) -> None:
    """Raises Refused where the ticket stands in none of these."""
    if ticket.status not in states:
        work.refuse(HERE)


@action(_l("Start"), offered=one_of(NEW, ASSIGNED), icon="stopwatch", tone="primary", bulk=True)
def start(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """Somebody works on it: the first response. What nobody has yet is taken by who starts it."""
    require_state(work, ticket, NEW, ASSIGNED)
    mine = {} if ticket.assignee_id else {"assignee_id": work.actor.id}
    return moved(work, ticket, IN_PROGRESS, **mine, **responded(work, ticket))


@action(
    _l("Wait for the customer"),
    form=WaitForm,
    offered=one_of(IN_PROGRESS),
    icon="hourglass-split",
    explain=_l("The clock of the promise stands still until the ticket is resumed."),
)
def wait(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """The customer has to do something first."""
    require_state(work, ticket, IN_PROGRESS)
    return moved(work, ticket, WAITING, waiting_since=work.now)


@action(_l("Resume"), offered=one_of(WAITING), icon="arrow-clockwise", tone="primary", bulk=True)
def resume(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """The customer answered: due later by the working time that was waited."""
    require_state(work, ticket, WAITING)
    return moved(work, ticket, IN_PROGRESS, **no_longer_waiting(work, ticket))


def no_longer_waiting(work: Any, ticket: Ticket) -> dict[str, Any]:
    """The columns that end the waiting, if it waits."""
    if ticket.waiting_since is None:
        return {}
    return {**put_off(work, ticket, ticket.waiting_since), "waiting_since": None}


@action(
    _l("Resolve"),
    form=resolve_form,
    offered=one_of(ASSIGNED, IN_PROGRESS, WAITING),
    icon="check2-circle",
    tone="success",
)
def resolve(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """Done, with the solution in words; the article that helped counts it (004 §3.3)."""
    require_state(work, ticket, ASSIGNED, IN_PROGRESS, WAITING)
    if not (answers.get("resolution") or "").strip():
        sentence = _l("Say how it was resolved.")
        raise Invalid(sentence, {"resolution": sentence})
    values = {**responded(work, ticket), **no_longer_waiting(work, ticket)}
    spent = worked(work.actor, ticket.submitted_at or ticket.created_at, work.now)
    waited = values.get("waited_minutes", ticket.waited_minutes or 0)
    return moved(
        work,
        ticket,
        RESOLVED,
        **values,
        assignee_id=ticket.assignee_id or work.actor.id,
        resolved_at=work.now,
        resolution=answers["resolution"],
        article_id=answers.get("article_id"),
        resolution_minutes=max(0, spent - waited),
    )


@action(_l("Close"), form=CloseForm, offered=one_of(RESOLVED), icon="archive", tone="success")
def close(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """The customer agrees that it is done, and says how satisfied they are."""
    require_state(work, ticket, RESOLVED)
    satisfaction = answers.get("satisfaction")
    if satisfaction is not None:
        require_between(satisfaction, 1, 5, "satisfaction")
    return moved(work, ticket, CLOSED, closed_at=work.now, satisfaction=satisfaction)


def require_between(value: Any, least: int, most: int, name: str) -> None:
    """Raises Invalid unless the number lies between these."""
    if not isinstance(value, int) or not least <= value <= most:
        sentence = _l("A number from %(least)s to %(most)s.", least=least, most=most)
        raise Invalid(sentence, {name: sentence})


@action(_l("Reopen"), form=WhyForm, offered=one_of(*HANDLED), icon="arrow-counterclockwise")
def reopen(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """Not solved after all: back to the assignee. The working time in between does not count against the promise."""
    require_state(work, ticket, *HANDLED)
    status = ASSIGNED if ticket.assignee_id else NEW
    cleared = dict.fromkeys(("resolved_at", "closed_at", "resolution_minutes", "satisfaction"))
    return moved(work, ticket, status, **put_off(work, ticket, ticket.resolved_at), **cleared)
