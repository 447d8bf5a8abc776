"""Relating a customer or contact to another: the verb on both kinds."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db.fields import Field
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LongField, Needed, Pick, input_for
from labapp.records.snapshot import kind_of
from labapp.records.standard import create
from labapp.records.words import language

FORWARD, BACK = "relation_type", "relation_back"


def words_of(actor: Actor, key: str, *, back: bool = False) -> str:
    """What the second is to the first; `back`: what the first is to the second. In the reader's language."""
    book = codes_of(actor.sandbox_id, actor.stamp)
    table = BACK if back and book.get(BACK, key) is not None else FORWARD
    return book.label(table, key, language())


def offered(actor: Actor) -> list[SelectChoice]:
    """Every word of both directions, once; the value says key and direction."""
    book = codes_of(actor.sandbox_id, actor.stamp)
    found = []
    for key, label in book.choices(FORWARD, language()):
        found.append(SelectChoice(f"{key}:to", label))
        if words_of(actor, key, back=True) != label:
            found.append(SelectChoice(f"{key}:from", words_of(actor, key, back=True)))
    return [SelectChoice("", "—"), *found]


def relate_form(actor: Actor, record_type: RecordType, record: Any) -> type[LabForm]:
    """What the other one is to this one, and which other one."""
    other = {
        f"other_{kind}_id": input_for(
            Field(f"other_{kind}_id", "link", catalog()[kind].label, target=kind), actor
        )
        for kind in ("customer", "contact")
    }
    name = record_type.title_of(record) if record is not None else ""
    inputs: dict[str, Any] = {
        "relation": Pick(_("The other one is to “%(name)s”", name=name), [Needed()], choices=offered(actor)),
        **other,
        "remark": LongField(_l("Description"), [Optional()], shape="prose"),
    }
    return type("relate_form", (LabForm,), inputs)


@action(
    _l("Relate"),
    form=relate_form,
    icon="diagram-3",
    explain=_l(
        "Choose one customer or one contact; both pages will show the relation, each in its own words."
    ),
)
def relate(work: Any, record: Any, answers: dict[str, Any]) -> Any:
    """One typed relation between this record and another (001 five-2)."""
    key, _colon, direction = str(answers["relation"]).partition(":")
    if bool(answers.get("other_customer_id")) == bool(answers.get("other_contact_id")):
        sentence = _l("Choose one customer or one contact.")
        raise Invalid(sentence, {"other_customer_id": sentence})
    here, there = ("from", "to") if direction == "to" else ("to", "from")
    other = "customer" if answers.get("other_customer_id") else "contact"
    values = {
        "relation_type": key,
        f"{here}_{kind_of(record)}_id": record.id,
        f"{there}_{other}_id": answers[f"other_{other}_id"],
        "description": answers.get("remark"),
    }
    create(work, catalog()["relation"], values)
    return record
