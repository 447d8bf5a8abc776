"""The form that asks who takes a record over."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from labapp.access.actor import Actor
from labapp.records.describe import RecordType
from labapp.records.forms import LabForm, LinkPick, Needed
from labapp.records.standard import WORKING


def transfer_form(actor: Actor, record_type: RecordType) -> type[LabForm]:
    """To whom, and, where the module names followers, what goes along (product.md §5.13)."""
    inputs: dict[str, Any] = {
        "owner_id": LinkPick(_l("New owner"), [Needed()], load=lambda now: takers(actor))
    }
    more = record_type.rules.transfer_form
    return type("transfer_form", (more or LabForm,), inputs)


def takers(actor: Actor) -> list[SelectChoice]:
    """The members a record can be given to: those who work here, but me."""
    found = [m for m in actor.directory.members.values() if m.state == "active" and m.role in WORKING]
    found = sorted((m for m in found if m.id != actor.id), key=lambda member: member.key)
    return [SelectChoice("", "—")] + [SelectChoice(str(m.id), f"{m.name} ({m.key})") for m in found]
