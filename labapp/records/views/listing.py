"""The list of a kind, its count, its type-ahead and its exports."""

from functools import cache
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.rules import granted
from labapp.records import looks, saved
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.export import exported
from labapp.records.listing import as_json, count, read_page, table_of
from labapp.records.question import Question, question_of, with_search
from labapp.records.tags import has_tags
from labapp.records.views.common import bp, crumbs, open_type, page, wants_json
from labapp.records.words import language


@bp.get("/<slug>/")
def listing(slug: str) -> ResponseReturnValue:
    """One page of the list, newest first unless asked otherwise."""
    actor, record_type = open_type(slug, "list")
    question = with_search(question_of(record_type, actor, request.args), actor)
    found = read_page(question, actor)
    if wants_json():
        answer: Any = jsonify(as_json(question, found, actor))
    else:
        writable = granted(actor, record_type.name, "create")
        answer = page(
            record_type,
            "list",
            table=table_of(question, found, actor, **({} if found.rows else _empty(question, writable))),
            question=question,
            query=question.address("/")[1:],
            chips=chips(question),
            views=tuple(saved.views_of(actor, record_type.name)),
            writable=writable,
            bulk_verbs=bulk_verbs(record_type.name, language()) if writable else (),
            crumbs=crumbs(record_type),
        )
    looks.looked(
        actor,
        record_type.name,
        "list",
        answers=dict(question.pairs) | ({"q": question.q} if question.q else {}),
    )
    return answer


@cache
def bulk_verbs(kind: str, _language: str) -> tuple[tuple[str, str], ...]:
    """(name, label in the reader's language) of what can be done to many records of a kind at once."""
    record_type = catalog()[kind]
    own = [(verb.name, verb.label) for verb in record_type.actions if verb.bulk]
    found = [
        *own,
        ("transfer", _("Transfer")),
        *([("update", _("Change one field"))] if any(f.on_edit for f in record_type.fields.values()) else []),
        *([("tag", _("Tag")), ("untag", _("Take off tags"))] if has_tags(record_type) else []),
        ("delete", _("Delete")),
    ]
    return tuple((name, str(label)) for name, label in found)


def chips(question: Question) -> list[tuple[str, str]]:
    """(what is filtered, address without it) for every filter that is on."""
    from labapp.records.views.filters import chip_label

    found = [
        (chip_label(question.record_type, name, value), question.address(**{name: ""}))
        for name, value in question.pairs
    ]
    if question.q:
        found.append((_("Search: %(words)s", words=question.q), question.address(q="")))
    return found


def _empty(question: Question, writable: bool) -> dict[str, Any]:
    record_type = question.record_type
    if question.pairs or question.q:
        return {
            "empty": _("Nothing matches these filters."),
            "empty_action": (f"/{record_type.slug}/", _("Show all")),
        }
    words: dict[str, Any] = {"empty": _nothing_yet(record_type, writable), "empty_icon": record_type.icon}
    if writable and record_type.parent is None:
        words["empty_action"] = (f"/{record_type.slug}/new", _("New: %(what)s", what=record_type.label))
    return words


def _nothing_yet(record_type: RecordType, writable: bool) -> str:
    """That there is nothing, and what one does about it."""
    if record_type.parent is not None:
        return _("Nothing here yet that you can see. These are entered on the page of what they belong to.")
    if not writable:
        return _("Nothing here yet that you can see. Others enter these; what they enter appears here.")
    if record_type.importable:
        return _("Nothing here yet that you can see. Enter the first one, or import them from a file (More).")
    return _("Nothing here yet that you can see. Enter the first one.")


@bp.get("/<slug>/count")
def counting(slug: str) -> ResponseReturnValue:
    """How many rows the list has, counted to 10,000; asked for by the page when it stands."""
    actor, record_type = open_type(slug, "list")
    number, more = count(with_search(question_of(record_type, actor, request.args), actor), actor)
    if wants_json():
        return jsonify(count=number, more=more)
    text = (
        _("more than %(count)s", count=f"{number:,}") if more else _("%(count)s in all", count=f"{number:,}")
    )
    return Response(text, mimetype="text/plain")


@bp.get("/<slug>/suggest")
def suggest(slug: str) -> ResponseReturnValue:
    """Type-ahead: what one may see and what the words find."""
    actor, record_type = open_type(slug, "list")
    question = question_of(record_type, actor, request.args)
    question = Question(record_type, q=question.q, columns=(record_type.title,))
    found = read_page(with_search(question, actor), actor, 20)
    rows = [
        {"id": row.id, "text": str(getattr(row, record_type.title) or f"#{row.serial}")} for row in found.rows
    ]
    return jsonify(results=rows)


@bp.get("/<slug>/export.<any(csv, xlsx):form>")
def export(slug: str, form: str) -> ResponseReturnValue:
    """What is filtered, as a file without live formulas."""
    actor, record_type = open_type(slug, "export")
    question = with_search(question_of(record_type, actor, request.args), actor)
    answer = exported(question, actor, form)
    looks.looked(actor, record_type.name, "export", answers={**dict(question.pairs), "format": form})
    return answer
