"""One search over everything one may see (004, quick lookup): the best few of every kind."""

from collections.abc import Iterable
from urllib.parse import quote_plus

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.records import search
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.listing import read_page
from labapp.records.query import several
from labapp.records.question import Question, with_search
from labapp.values import dataclass

bp = Blueprint("search", __name__)
SHOWN = 8
FIRST = ("customer", "contact", "lead", "opportunity", "ticket", "product", "activity")


@dataclass(frozen=True)
class Hits:
    """What was found of one kind: (address, title, a second line); and the address of all of it, if there is more."""

    record_type: RecordType
    rows: list[tuple[str, str, str]]
    all_url: str | None


@bp.get("/search")
def everything() -> ResponseReturnValue:
    """The records of every kind that meet the words, visible ones only."""
    words = request.args.get("q", "").strip()[:100]
    actor: Actor = g.actor
    kinds = [t for t in in_order(catalog().values()) if search.searched(t.model) and t.name in actor.reads]
    found = (
        [hits for record_type in kinds if (hits := hits_of(record_type, actor, words)).rows] if words else []
    )
    return render_template("search.html", words=words, found=found, crumbs=[(_("Search"), None)])


def in_order(kinds: Iterable[RecordType]) -> list[RecordType]:
    """Those one mostly looks for first, the others as the catalog has them."""
    places = {name: place for place, name in enumerate(FIRST)}
    return sorted(kinds, key=lambda record_type: places.get(record_type.name, len(places)))


def hits_of(record_type: RecordType, actor: Actor, words: str) -> Hits:
    """The newest eight of one kind."""
    question = with_search(Question(record_type, q=words), actor)
    if not question.words:
        return Hits(record_type, [], None)
    page = read_page(question, actor, SHOWN)
    records = several(record_type.model, actor, [row.id for row in page.rows])
    rows = [
        (f"/{record_type.slug}/{r.id}", record_type.title_of(r), second_line(record_type, r))
        for r in reversed(records)
    ]
    return Hits(record_type, rows, f"/{record_type.slug}/?q={quote_plus(words)}" if page.after else None)


def second_line(record_type: RecordType, record: object) -> str:
    """What tells two of the same title apart: company, number, phone, e-mail."""
    names = ("number", "company", "mobile", "phone", "email", "code")
    values = (getattr(record, name, None) for name in names if name != record_type.title)
    return " · ".join(str(value) for value in values if value)
