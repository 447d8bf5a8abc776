"""Attaching a document to a record that is picked on the document's page."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.access.rules import record_models
from labapp.modules.documents.models import Document
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, Needed, Pick, Typed
from labapp.records.listing import read_page
from labapp.records.question import Question, with_search
from labapp.records.search import searched
from labapp.records.standard import create
from labapp.records.views.common import me

EACH, AT_FIRST = 5, 3
TARGETS = "/documents/targets"


class RecordPick(Pick):
    """A record of any kind, said as `lead:5`; whether it may be chosen is decided where it is written."""

    choices: Any

    def pre_validate(self, form: Any) -> None:
        pass

    def iter_choices(self) -> Any:
        """What was chosen stays offered, also when typing found it."""
        if self.data and all(choice.value != self.data for choice in self.choices or ()):
            self.choices = [*(self.choices or ()), SelectChoice(self.data, title_of(self.data))]
        return super().iter_choices()


def title_of(said: str) -> str:
    """The name of a record said as `lead:5`; what was said where it is not visible."""
    kind, _colon, number = said.partition(":")
    record_type = catalog().get(kind)
    if record_type is None or not (number.isascii() and number.isdigit() and len(number) < 16):
        return said
    row = query.one(record_type.model, me(), int(number))
    return said if row is None else f"{record_type.label}: {record_type.title_of(row)}"


def kinds_open(actor: Actor) -> list[RecordType]:
    """The kinds that can be attached to: those with a page and a name of their own."""
    return [
        t
        for t in catalog().values()
        if t.name in actor.reads
        and t.name != "document"
        and t.parent is None
        and t.model.reach not in {"related", "hanging"}
        and searched(t.model)
    ]


def found_targets(actor: Actor, words: str) -> list[tuple[str, str]]:
    """(kind:id, name) of what the actor sees and the words find, a few of each kind."""
    found = []
    for record_type in kinds_open(actor):
        question = Question(record_type, q=words.strip()[:100], columns=(record_type.title,))
        rows = read_page(with_search(question, actor), actor, EACH if words else AT_FIRST).rows
        for row in rows:
            title = getattr(row, record_type.title) or f"#{row.serial}"
            found.append((f"{record_type.name}:{row.id}", f"{record_type.label}: {title}"))
    return found


def attach_form(actor: Actor, record_type: RecordType, record: Document | None) -> type[LabForm]:
    """Which record, and what for."""
    options = [SelectChoice("", "—")] + [SelectChoice(key, name) for key, name in found_targets(actor, "")]
    comment = catalog()["document_link"].fields["comment"].label
    pick = RecordPick(_l("Record"), [Needed()], choices=options, render_kw={"data-remote": TARGETS})
    return type("attach_form", (LabForm,), {"record": pick, "comment": Typed(comment, [Optional()])})


@action(
    _l("Attach to a record"),
    form=attach_form,
    icon="paperclip",
    explain=_l("Who sees that record sees that the document is there; who opens it is decided by sharing."),
)
def attach(work: Any, document: Document, answers: dict[str, Any]) -> Document:
    """Put the document on a record that the actor may edit."""
    kind, _colon, number = str(answers.get("record") or "").partition(":")
    row = target_of(work, kind, number)
    work.header.answers["record"] = f"{kind}:{row.serial}"
    values = {
        "document_id": document.id,
        "related_kind": kind,
        "related_id": row.id,
        "comment": answers.get("comment"),
    }
    try:
        create(work, catalog()["document_link"], values)
    except Invalid as error:
        raise Invalid(error.sentence, {"record": error.sentence}) from error
    return document


def target_of(work: Any, kind: str, number: str) -> Any:
    """The record that was picked. Raises Invalid where there is none that the actor sees."""
    model = record_models().get(kind)
    known = model is not None and number.isascii() and number.isdigit() and len(number) < 16
    try:
        return work.get(model, int(number) if known else 0)
    except NotFound:
        sentence = _l("There is no such record, or it is not visible to you.")
        raise Invalid(sentence, {"record": sentence}) from None
