"""The form for visitors of the simulated company's website: what they send becomes a lead (004 §2.2).

Writes without asking, in nobody's name: this is the one file of the leads that may.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from wtforms import StringField
from wtforms.validators import Optional

from labapp import clock
from labapp.access.actor import actor_of
from labapp.db import db
from labapp.oplog.models import Operation
from labapp.people.directory import Member, directory_of
from labapp.people.models import ACTIVE, INSTRUCTOR, OBSERVER, Sandbox
from labapp.records import looks
from labapp.records.catalog import catalog
from labapp.records.forms import WIDGETS, LabForm, LongField, Needed, Typed
from labapp.records.setup import Setup
from labapp.records.standard import create
from labapp.records.work import Source

BLUEPRINT = Blueprint("web_to_lead", __name__, template_folder="templates")
ORIGIN = "public"
PER_HOUR = 60
TRAP = "fax_number"


class VisitorForm(LabForm):
    """What every form of a visitor asks besides its fields, `mobile` and `email` among them."""

    mobile: Any
    email: Any

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides each field: a way to answer must be given."""
        fine = bool(super().validate(extra_validators))
        if fine and not (self.mobile.data or self.email.data):
            sentence = _("Give a mobile number or an e-mail address, so that we can answer.")
            self.mobile.errors = [*self.mobile.errors, sentence]
            fine = False
        return fine


class WebLeadForm(VisitorForm):
    """What a visitor says. `fax_number` is hidden from people; only programs fill it in."""

    name = Typed(_l("Your name"), [Needed()])
    company = Typed(_l("Company"), [Needed()])
    mobile = Typed(_l("Mobile"), [Optional()], shape="mobile", widget=WIDGETS["mobile"])
    email = Typed(_l("E-mail"), [Optional()], shape="email", widget=WIDGETS["email"])
    description = LongField(_l("What can we do for you?"), [Optional()], shape="prose")
    fax_number = StringField(_l("Leave this empty"))


@BLUEPRINT.route("/public/<path:name>/lead", methods=["GET", "POST"])
def form(name: str) -> ResponseReturnValue:
    """The form of one sandbox; nothing is told of sandboxes that have none."""
    sandbox = db.session.scalars(select(Sandbox).where(Sandbox.name == name)).one_or_none()
    owner = owner_of(sandbox) if sandbox is not None else None
    if sandbox is None or owner is None:
        abort(404)
    g.form_sandbox = None
    asked = WebLeadForm(request.form)
    organisation = organisation_of(sandbox)
    if request.method == "POST":
        if sent_lately(sandbox.id, address()) >= current_app.config.get("WEB_LEADS_PER_HOUR", PER_HOUR):
            sentence = _("Too many messages came from your address within an hour. Please try again later.")
            return render_template("errors/429.html", sentence=sentence), 429
        if asked.validate():
            take(sandbox, owner, asked.answers)
            return render_template("lead/web_form_sent.html", organisation=organisation)
    status = 422 if asked.errors else 200
    return render_template("lead/web_form.html", form=asked, trap=TRAP, organisation=organisation), status


form.access_level = "public"  # type: ignore[attr-defined]  # open to visitors who are not signed in


def organisation_of(sandbox: Sandbox) -> str:
    """The simulated company's name as the sandbox speaks."""
    found = sandbox.settings.get(f"organisation.name.{sandbox.language}")
    return str(found or sandbox.settings.get("organisation.name") or sandbox.name)


def owner_of(sandbox: Sandbox) -> Member | None:
    """Who gets the leads: the member of the setting, else the first instructor; None: there is no form."""
    if sandbox.state != "open" or not sandbox.settings.get("web_to_lead.enabled", True):
        return None
    directory = directory_of(sandbox)
    named = directory.by_key.get(str(sandbox.settings.get("web_to_lead.owner") or ""))
    if named is not None and named.state == ACTIVE and named.role != OBSERVER:
        return named
    instructors = (m for m in directory.members.values() if m.role == INSTRUCTOR and m.state == ACTIVE)
    return min(instructors, key=lambda member: member.serial, default=None)


def address() -> str:
    """The visitor's address as the log carries it."""
    return looks.source().address or str(request.remote_addr or "")[:64]


def sent_lately(sandbox_id: int, sender: str) -> int:
    """How many steps came from this address by public forms within the last hour."""
    query = select(func.count()).where(
        Operation.sandbox_id == sandbox_id,
        Operation.member.is_(None),
        Operation.origin == ORIGIN,
        Operation.address == sender,
        Operation.at > clock.now() - timedelta(hours=1),
    )
    return int(db.session.execute(query).scalar_one())


def take(sandbox: Sandbox, owner: Member, answers: dict[str, Any]) -> None:
    """Write the lead. What a program sent is thanked for and dropped."""
    if answers.pop(TRAP):
        return
    source = Source(ORIGIN, looks.source().request, address())
    actor = actor_of(sandbox, owner.id)
    with Setup(actor, "lead.create", nobody=True, answers=answers, source=source) as work:
        create(work, catalog()["lead"], {**answers, "source": "web", "owner_id": owner.id})
