"""What people do with activities: complete them, cancel them."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.modules.activities.contacting import contacted_by
from labapp.modules.activities.mail import MAIL, SignedField, mailbox_of, sender_field
from labapp.modules.activities.models import Activity
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LongField

CONTACTING = frozenset({"call", "visit", "mail", "message", "meeting"})


class CompleteForm(LabForm):
    result = LongField(_l("Result"), [Optional()], shape="prose")


def complete_form(actor: Actor, record_type: RecordType, record: Activity | None) -> type[LabForm]:
    """What came of it; for a mail also whom it is from, with the signature under the text."""
    if record is None or record.activity_type != MAIL:
        return CompleteForm
    mailbox = mailbox_of(actor)
    sender = sender_field(mailbox)
    result = SignedField(_l("Result"), [Optional()], shape="prose", below=mailbox.below)
    return type("complete_form", (LabForm,), {"sender": sender, "result": result})


class CancelForm(LabForm):
    reason = LongField(_l("Why"), [Optional()], shape="prose")


def is_open(activity: Activity) -> bool:
    return activity.status == "open"


@action(_l("Complete"), form=complete_form, offered=is_open, icon="check2-circle", tone="success", bulk=True)
def complete(work: Any, activity: Activity, answers: dict[str, Any]) -> Activity:
    """Done. A call, visit, mail, message or meeting is a contact with whom it is about (product.md M11)."""
    values = {"result": answers["result"]} if answers.get("result") else {}
    work.update(activity, status="done", **values)
    if activity.activity_type in CONTACTING:
        for record in contacted_by(work, activity):
            work.update(record, last_contacted_at=work.now)
    return activity


@action(_l("Cancel activity"), form=CancelForm, offered=is_open, icon="x-circle", bulk=True)
def cancel(work: Any, activity: Activity, answers: dict[str, Any]) -> Activity:
    """It will not happen; the reason stands in the log."""
    work.update(activity, status="cancelled")
    return activity
