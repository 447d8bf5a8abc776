"""What every surface would show of one record: each asks by the very function that its page uses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from instructor import matrix_modules as modules
from instructor.matrix_samples import Sample
from labapp.access.actor import Actor
from labapp.access.errors import NotDone
from labapp.access.rules import granted
from labapp.modules.attachments.models import Attachment
from labapp.modules.opportunities import board
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.export import exported
from labapp.records.listing import Page, as_json, read_page
from labapp.records.question import Question, question_of, with_search
from labapp.records.related import related_lists
from labapp.records.reports import ask_of
from labapp.records.search import searched
from labapp.records.views.common import record_or_404
from labapp.records.views.detail import record_json, standing_of


def narrowed(actor: Actor, sample: Sample, **args: str) -> Question:
    """The list's question, narrowed to the one record."""
    question = question_of(sample.record_type, actor, MultiDict(args))
    return replace(question, where=(*question.where, sample.record_type.model.id == sample.record.id))


def listed(actor: Actor, sample: Sample) -> tuple[Question, Page]:
    """The page of the list: the list draws it and JSON says it, so it is asked once for each reader."""
    name = f"listed {sample.record_type.name} {sample.record.id}"
    if name not in actor.memo:
        question = narrowed(actor, sample)
        actor.memo[name] = question, read_page(question, actor)
    found: tuple[Question, Page] = actor.memo[name]
    return found


def in_list(actor: Actor, sample: Sample) -> bool:
    return bool(listed(actor, sample)[1].rows)


def in_json(actor: Actor, sample: Sample) -> bool:
    question, page = listed(actor, sample)
    said = bool(as_json(question, page, actor)["rows"])
    return said and opens(actor, sample) and bool(record_json(sample.record, sample.record_type, actor))


def opens(actor: Actor, sample: Sample) -> bool:
    """Several surfaces begin with this one question: it is asked once for each reader."""
    name = f"opens {sample.record_type.name} {sample.record.id}"
    found: bool | None = actor.memo.get(name)
    if found is None:
        found = actor.memo[name] = _opens(actor, sample)
    return found


def _opens(actor: Actor, sample: Sample) -> bool:
    try:
        return bool(record_or_404(actor, sample.record_type, sample.record.id))
    except NotDone:
        return False


def edits(actor: Actor, sample: Sample) -> bool:
    may = granted(actor, sample.record_type.name, "edit")
    return may and opens(actor, sample) and "edit" in standing_of(actor, sample.record)


def finds(actor: Actor, sample: Sample) -> bool | None:
    words = next(
        (str(v) for f in searched(sample.record_type.model) if (v := getattr(sample.record, f.name))), ""
    )
    if not words:
        return None
    question = narrowed(actor, sample, q=words[:20])
    return bool(read_page(with_search(question, actor), actor, 20).rows)


def relates(actor: Actor, sample: Sample) -> bool | None:
    if sample.parent is None:
        return None
    if actor not in _related:
        lists = related_lists(sample.parent, catalog()["customer"], actor, can_add=False)
        _related[actor] = {(one.record_type.name, row.id) for one in lists for row in one.table.rows}
    return (sample.record_type.name, sample.record.id) in _related[actor]


_related: WeakKeyDictionary[Actor, set[tuple[str, int]]] = (
    WeakKeyDictionary()
)  # the same for every kind tried


def reports(actor: Actor, sample: Sample) -> bool | None:
    """A report counts with the list's conditions, filtered for its reader."""
    if not sample.record_type.reports:
        return None
    report = next(
        (r for r in sample.record_type.reports if "owner" in r.conditions), sample.record_type.reports[0]
    )
    ask = ask_of(actor, sample.record_type, report, MultiDict())
    model: Any = sample.record_type.model
    chosen = select(model.id).where(*ask.where({}), model.id == sample.record.id)
    return bool(query.answers(chosen, actor))


def on_board(actor: Actor, sample: Sample) -> bool | None:
    if sample.record_type.name != "opportunity":
        return None
    question = narrowed(actor, sample)
    stage = sample.record.stage
    return bool(board.newest(actor, question, stage)) and stage in board.counts(actor, question)


def exports(actor: Actor, sample: Sample) -> bool:
    answer: Any = exported(narrowed(actor, sample), actor, "csv")
    return len(answer.get_data(as_text=True).strip().splitlines()) > 1


def downloads(actor: Actor, sample: Sample) -> bool | None:
    if sample.record_type.name == "document":
        return opens(actor, sample)
    if sample.attachment is None:
        return None
    return query.one(Attachment, actor, sample.attachment.id) is not None


SURFACES: dict[str, tuple[Any, Callable[[Actor, Sample], bool | None]]] = {
    "list": (_l("List"), in_list),
    "detail": (_l("Record page"), opens),
    "edit": (_l("Edit page"), edits),
    "search": (_l("Search and suggestions"), finds),
    "related": (_l("Related list"), relates),
    "report": (_l("Report"), reports),
    "board": (_l("Board"), on_board),
    "export": (_l("Export"), exports),
    "json": (_l("JSON"), in_json),
    "download": (_l("Attachment"), downloads),
    "calendar": (_l("Calendar and feed"), modules.in_calendar),
    "network": (_l("Network"), modules.in_network),
    "import": (_l("Import: known again"), modules.is_met),
    "import_change": (_l("Import: changed"), modules.is_changed),
    "duplicates": (_l("Duplicates"), modules.is_duplicate),
    "merge": (_l("Merge"), modules.merges),
    "segment": (_l("Segments"), modules.in_segment),
    "life": (_l("Life of the customer"), modules.in_life),
    "met": (_l("Competitor’s page"), modules.has_met),
}
