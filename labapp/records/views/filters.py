"""Choosing filters and columns, and keeping them as a view."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db.fields import Field
from labapp.records import saved
from labapp.records.codes import codes_of
from labapp.records.custom import custom_in, is_retired
from labapp.records.describe import Derived, RecordType
from labapp.records.forms import choices, targets
from labapp.records.question import NONE, question_of, shown_columns
from labapp.records.views.common import bp, crumbs, me, open_type, page, type_or_404
from labapp.records.words import language

NAME = 60


@bp.get("/<slug>/filters")
def filters(slug: str) -> ResponseReturnValue:
    """The form of filters and columns; its answer is an address of the list."""
    actor, record_type = open_type(slug, "list")
    question = question_of(record_type, actor, request.args)
    given: dict[str, list[str]] = {}
    for name, value in question.pairs:
        given.setdefault(name, []).append(value)
    return page(
        record_type,
        "filters",
        question=question,
        inputs=filter_inputs(record_type, actor, given),
        views=saved.views_of(actor, record_type.name),
        columns=[
            (name, shape.label, name in question.columns)
            for name, shape in shown_columns(record_type, actor).items()
        ],
        crumbs=crumbs(record_type, (_("Filter and columns"), None)),
    )


def filter_inputs(record_type: RecordType, actor: Actor, given: dict[str, list[str]]) -> list[dict[str, Any]]:
    """What the form asks: name, label, kind (pick, range, days, flag) and what stands."""
    own = [shape for shape in custom_in(actor, record_type.name).values() if not is_retired(shape)]
    found = [_input(shape, actor, given) for shape in (*record_type.filters, *own)]
    owner = shown_columns(record_type)["owner_id"]
    created = shown_columns(record_type)["created_at"]
    people = sorted(actor.directory.members.values(), key=lambda member: member.key)
    places = [
        (str(p.id), "　" * (p.path.count("/") - 2) + p.name(language())) for p in actor.directory.tree()
    ]
    return [
        {"kind": "flag", "name": "mine", "label": _("Mine only"), "value": given.get("mine")},
        {
            "kind": "pick",
            "name": "owner",
            "label": owner.label,
            "options": [(m.key, f"{m.name} ({m.key})") for m in people],
            "value": given.get("owner", []),
        },
        {
            "kind": "pick",
            "name": "position",
            "label": _("Position and below"),
            "options": places,
            "value": given.get("position", []),
        },
        *(_derived(one, actor, given) for one in record_type.derived),
        *found,
        _input(created, actor, given),
    ]


def _input(shape: Any, actor: Actor, given: dict[str, list[str]]) -> dict[str, Any]:
    log = shape.name if shape.custom else shape.log
    common = {"name": log, "label": shape.label, "value": given.get(log, [])}
    if shape.shape in {"day", "moment"}:
        return {**common, "kind": "days", **_ends(log, given, "from", "to")}
    if shape.shape in {"money", "number", "percent"}:
        return {**common, "kind": "range", **_ends(log, given, "min", "max")}
    if shape.shape == "check":
        return {**common, "kind": "pick", "options": [("1", _("Yes")), ("0", _("No"))]}
    if shape.shape in {"tags", "text"}:
        return {**common, "kind": "words"}
    if shape.shape == "choice":
        offered = [(str(c.value), str(c.label)) for c in _all_choices(shape, actor) if c.value]
    else:
        offered = [(str(c.value), str(c.label)) for c in targets(shape.target or "", actor, None) if c.value]
    return {**common, "kind": "pick", "options": [*offered, (NONE, _("(not filled)"))]}


def _derived(one: Derived, actor: Actor, given: dict[str, list[str]]) -> dict[str, Any]:
    options = [(key, str(label)) for key, label in one.options(actor)]
    return {
        "kind": "pick",
        "name": one.name,
        "label": one.label,
        "options": options,
        "value": given.get(one.name, []),
    }


def _all_choices(shape: Any, actor: Actor) -> list[Any]:
    """What a filter offers: retired codes and end stages too, for old records have them."""
    return choices(replace(shape, on_edit=True), actor)


def _ends(log: str, given: dict[str, list[str]], low: str, high: str) -> dict[str, Any]:
    return {
        "low": f"{log}_{low}",
        "high": f"{log}_{high}",
        "low_value": given.get(f"{log}_{low}", [""])[0],
        "high_value": given.get(f"{log}_{high}", [""])[0],
    }


def chip_label(record_type: RecordType, name: str, value: str) -> str:
    """A filter in words: 'Status: New'."""
    actor = me()
    shapes = shown_columns(record_type, actor)
    shape = shapes.get(name) or shapes.get(f"{name}_id")
    if name == "mine":
        return _("Mine only")
    if name == "team":
        return _("Mine and those of my people")
    derived = record_type.derived_by(name)
    if derived is not None:
        return f"{derived.label}: {dict(derived.options(actor)).get(value, value)}"
    if name == "quiet_days":
        return _("No contact for %(days)s days", days=value)
    if name == "position":
        place = actor.directory.places.get(int(value) if value.isdecimal() and len(value) < 16 else 0)
        return _("Position: %(name)s", name=place.name(language()) if place else value)
    if shape is None:
        return _bound_label(shapes, name, value)
    if value == NONE:
        return _("%(field)s: (not filled)", field=shape.label)
    return f"{shape.label}: {_value_label(shape, value, actor)}"


def _value_label(shape: Field, value: str, actor: Actor) -> str:
    """What a filter asks for, in words."""
    if shape.choices:
        return str(dict(shape.choices).get(value, value))
    if shape.shape == "check":
        return _("Yes") if value == "1" else _("No")
    if shape.shape == "choice":
        return codes_of(actor.sandbox_id, actor.stamp).label(shape.codes or "", value, language())
    member = actor.directory.by_key.get(value) if shape.shape == "member" else None
    return member.name if member else value


def _bound_label(shapes: dict[str, Any], name: str, value: str) -> str:
    stem, _sep, end = name.rpartition("_")
    shape = shapes.get(stem) or shapes.get(f"{stem}_at")
    label = shape.label if shape else stem
    return f"{label} {'≥' if end in {'from', 'min'} else '≤'} {value}"


@bp.get("/<slug>/filtered")
def filtered(slug: str) -> ResponseReturnValue:
    """The form's answer as an address of the list: empty inputs left out, columns as one word."""
    record_type = type_or_404(slug)
    pairs = [
        (n, v) for n, vs in request.args.lists() for v in vs if v.strip() and n not in {"cols", "columns"}
    ]
    columns = request.args.getlist("columns")
    if columns and tuple(columns) != record_type.columns:
        pairs.append(("cols", ",".join(columns)))
    return redirect(f"/{slug}/?{urlencode(pairs)}" if pairs else f"/{slug}/")


@bp.post("/<slug>/views")
def keep_view(slug: str) -> ResponseReturnValue:
    """Save the question of the list under a name."""
    actor, record_type = open_type(slug, "list")
    question = question_of(record_type, actor, request.args)
    name = " ".join(request.form.get("name", "").split())[:NAME]
    if not name or actor.role == "observer" or "\x00" in name:
        raise Invalid(_("A view needs a name, and observers keep none."))
    if saved.save_view(actor, record_type.name, name, question.address()):
        flash(_("The view “%(name)s” is kept.", name=name), "success")
    else:
        flash(_("You have 30 views of this list already. Remove one first."), "warning")
    return redirect(question.address())


@bp.post("/<slug>/views/<int:view_id>/delete")
def forget_view(slug: str, view_id: int) -> ResponseReturnValue:
    actor, record_type = open_type(slug, "list")
    saved.drop_view(actor, view_id)
    flash(_("The view is removed."), "success")
    return redirect(f"/{record_type.slug}/")
