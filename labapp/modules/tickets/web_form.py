"""The form on the simulated company's website by which customers say what they think (004 §2.8 反馈留言、客户投诉).

Writes without asking, in nobody's name: this is the one file of the tickets that may.
"""

from typing import Any

from flask import abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import actor_of
from labapp.db import db
from labapp.modules.leads.web_form import (
    ORIGIN,
    PER_HOUR,
    TRAP,
    VisitorForm,
    address,
    organisation_of,
    sent_lately,
)
from labapp.modules.tickets import desk
from labapp.modules.tickets.models import COMPLAINT, FEEDBACK, SERVICE
from labapp.modules.tickets.pages import BLUEPRINT
from labapp.people.directory import Member, directory_of
from labapp.people.models import INSTRUCTOR, Sandbox
from labapp.records import looks
from labapp.records.catalog import catalog
from labapp.records.forms import WIDGETS, LongField, Needed, Pick, Typed
from labapp.records.setup import Setup
from labapp.records.standard import create
from labapp.records.work import Source

__all__ = ["BLUEPRINT"]


class FeedbackForm(VisitorForm):
    """What a customer says. `fax_number` is hidden from people; only programs fill it in."""

    kind = Pick(
        _l("What is it about?"),
        [Needed()],
        choices=[
            SelectChoice(FEEDBACK, _l("Praise, question or suggestion")),
            SelectChoice(COMPLAINT, _l("Complaint")),
            SelectChoice(SERVICE, _l("I need service")),
        ],
        default=FEEDBACK,
    )
    subject = Typed(_l("In one line"), [Needed()])
    content = LongField(_l("What happened?"), [Needed()], shape="prose")
    name = Typed(_l("Your name"), [Needed()])
    company = Typed(_l("Company"), [Optional()])
    mobile = Typed(_l("Mobile"), [Optional()], shape="mobile", widget=WIDGETS["mobile"])
    email = Typed(_l("E-mail"), [Optional()], shape="email", widget=WIDGETS["email"])
    fax_number = StringField(_l("Leave this empty"))


@BLUEPRINT.route("/public/<path:name>/feedback", methods=["GET", "POST"])
def feedback(name: str) -> ResponseReturnValue:
    """The form of one sandbox; nothing is told of sandboxes that have none."""
    sandbox = db.session.scalars(select(Sandbox).where(Sandbox.name == name)).one_or_none()
    owner = owner_of(sandbox) if sandbox is not None else None
    if sandbox is None or owner is None:
        abort(404)
    g.form_sandbox = None
    asked = FeedbackForm(request.form)
    organisation = organisation_of(sandbox)
    if request.method == "POST":
        if sent_lately(sandbox.id, address()) >= current_app.config.get("WEB_LEADS_PER_HOUR", PER_HOUR):
            sentence = _("Too many messages came from your address within an hour. Please try again later.")
            return render_template("errors/429.html", sentence=sentence), 429
        if asked.validate():
            take(sandbox, owner, asked.answers)
            return render_template("ticket/web_form_sent.html", organisation=organisation)
    status = 422 if asked.errors else 200
    return render_template("ticket/web_form.html", form=asked, trap=TRAP, organisation=organisation), status


feedback.access_level = "public"  # type: ignore[attr-defined]  # open to visitors who are not signed in


def owner_of(sandbox: Sandbox) -> Member | None:
    """Who takes the tickets in: the member of the setting, else the first instructor; None: there is no form."""
    if sandbox.state != "open" or not sandbox.settings.get(desk.WEB_ENABLED, True):
        return None
    directory = directory_of(sandbox)
    named = directory.by_key.get(str(sandbox.settings.get(desk.WEB_OWNER) or ""))
    if desk.is_worker(named):
        return named
    instructors = (m for m in directory.members.values() if m.role == INSTRUCTOR and desk.is_worker(m))
    return min(instructors, key=lambda member: member.serial, default=None)


def take(sandbox: Sandbox, owner: Member, answers: dict[str, Any]) -> None:
    """Write the ticket. What a program sent is thanked for and dropped."""
    if answers.pop(TRAP):
        return
    source = Source(ORIGIN, looks.source().request, address())
    said = {name: answers[name] for name in ("kind", "subject")}
    values = {**said, "content": letter(answers), "channel": "web", "owner_id": owner.id}
    with Setup(
        actor_of(sandbox, owner.id), "ticket.create", nobody=True, answers=answers, source=source
    ) as work:
        create(work, catalog()["ticket"], values)


def letter(answers: dict[str, Any]) -> str:
    """What was written, and below it who wrote it: the customer is looked up by whoever takes it in."""
    sender = (answers.get(name) for name in ("name", "company", "mobile", "email"))
    return f"{answers['content']}\n\n— " + " · ".join(str(part) for part in sender if part)
