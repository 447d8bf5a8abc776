"""Mail as one writes it here: from one's own mailbox, with one's signature (004 §2.11-2). Nothing leaves the house."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import Form
from wtforms.fields import SelectChoice
from wtforms.utils import unset_value
from wtforms.validators import Length

from labapp.access.actor import Actor
from labapp.db import db
from labapp.db.fields import SHORT
from labapp.modules.activities.contacting import contacted_by
from labapp.people.models import Account
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LongField, Needed, Pick, Typed
from labapp.records.standard import create
from labapp.values import dataclass

MAIL = "mail"
BEFORE = "\n\n-- \n"  # what mail programs know a signature by


@dataclass(frozen=True)
class Mailbox:
    """Whose mail it is, as the settings say: `address` and `signature` may be empty."""

    name: str
    address: str = ""
    signature: str = ""

    @property
    def sender(self) -> str:
        return f"{self.name} <{self.address}>" if self.address else self.name

    @property
    def below(self) -> str:
        """What stands under a text."""
        return BEFORE + self.signature if self.signature else ""


def mailbox_of(actor: Actor) -> Mailbox:
    """The actor's own; a simulated person has a name alone."""
    columns = Account.sender, Account.signature
    found = db.session.execute(select(*columns).where(Account.id == actor.member.account_id)).first()
    address, signature = found or ("", "")
    return Mailbox(actor.member.name, address or "", signature or "")


class SignedField(LongField):
    """A text that begins with the signature below it."""

    def __init__(self, label: Any = None, validators: Any = None, *, below: str = "", **more: Any) -> None:
        super().__init__(label, validators, render_kw={"rows": 8}, **more)
        self.below = below

    def process_data(self, value: Any) -> None:
        super().process_data((None if value is unset_value else value) or self.below or None)

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was typed; nothing where it is the signature alone."""
        super().process_formdata(valuelist)
        if self.data and self.data.strip() == self.below.strip():
            self.data = None


def sender_field(mailbox: Mailbox) -> Pick:
    """Says whom the mail is from; nobody writes in another's name."""
    told = _l("Your mailbox and signature stand in your settings. Nothing is sent outside.")
    missing = _l("You have set no mailbox yet: name one in your settings.")
    return Pick(
        _l("From"),
        [Needed()],
        choices=[SelectChoice(mailbox.sender, mailbox.sender)],
        default=mailbox.sender,
        description=told if mailbox.address else missing,
    )


def write_form(actor: Actor, record_type: RecordType, record: Any) -> type[Form]:
    """From whom, to whom, about what; the text with the signature below it."""
    mailbox, to = mailbox_of(actor), getattr(record, "email", None) or ""
    asked = {
        "sender": sender_field(mailbox),
        "to": Pick(_l("To"), [Needed()], choices=[SelectChoice(to, to)], default=to),
        "mail_subject": Typed(_l("Subject"), [Needed(), Length(max=SHORT)]),
        "text": SignedField(_l("Text of the mail"), [Needed()], shape="prose", below=mailbox.below),
    }
    return type("write_form", (LabForm,), asked)


def has_address(record: Any) -> bool:
    return bool(record.email)


def sign_plan(actor: Actor, form: LabForm) -> None:
    """A mail that is planned begins with the signature too; the page adds it where the type is chosen there."""
    mail, text = form["activity_type"].data == MAIL, form["description"]
    if text.raw_data is not None and not mail:
        return
    below = mailbox_of(actor).below
    if text.raw_data is not None:
        text.data = None if (text.data or "").strip() == below.strip() else text.data
    elif below:
        form.own = frozenset({text.name})
        text.render_kw = {"rows": 8, "data-signature": below}
        text.data = text.data or (below if mail else None)


@action(
    _l("Write e-mail"),
    form=write_form,
    offered=has_address,
    icon="envelope",
    explain=_l("Kept as an activity that is done. Nothing is sent outside."),
)
def write_mail(work: Any, record: Any, answers: dict[str, Any]) -> Any:
    """A mail to this address: an activity that is done, and a contact made. The step says from which mailbox."""
    values = {
        "subject": answers["mail_subject"],
        "activity_type": MAIL,
        "description": told(answers),
        "related_kind": record.kind,
        "related_id": record.id,
    }
    activity = create(work, catalog()["activity"], values)
    work.update(activity, status="done")
    for contacted in contacted_by(work, activity):
        work.update(contacted, last_contacted_at=work.now)
    return record


def told(answers: dict[str, Any]) -> str:
    """The mail as the activity keeps it: whom it is from and to, and the text."""
    head = [_("From: %(sender)s", sender=answers["sender"]), _("To: %(address)s", address=answers["to"])]
    return "\n".join([*head, "", answers["text"]])
