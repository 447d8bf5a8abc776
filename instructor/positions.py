"""The tree editor: add, rename, move a subtree with a preview, order, delete (004 §2.11-5)."""

from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, bp, console_page, me
from instructor.registrations import position_choices, whole
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.people.directory import Place
from labapp.people.words import language
from labapp.records import looks, positions
from labapp.records.codes import FIXED
from labapp.records.preview import effects, moved_tree
from labapp.records.views.common import note_attempt

MOST_DEPARTMENTS = 20


@bp.get("/positions")
@console_page("positions")
def positions_page() -> ResponseReturnValue:
    """The tree with who holds what."""
    return tree_page()


def tree_page(error: Invalid | None = None, **_more: Any) -> str:
    directory = me().directory
    rows = [
        (
            place,
            place.path.count("/") - 2,
            [directory.members[i].name for i in sorted(directory.holders(place.id))],
        )
        for place in directory.tree()
    ]
    return render_template(
        "instructor/positions.html",
        rows=rows,
        positions=position_choices(directory),
        kinds=FIXED["position_kind"],
        profiles=FIXED["profile"],
        language=language(),
        typed=request.form,
        problem=str(error) if error else "",
        crumbs=[(_("Positions"), None)],
    )


@bp.get("/positions/<int:place_id>")
@console_page("positions")
def position_page(place_id: int) -> ResponseReturnValue:
    """One position: names, kind, profile, where it hangs."""
    return place_page(None, place_id)


def place_page(error: Invalid | None, place_id: int) -> str:
    directory = me().directory
    place = place_or_404(place_id)
    under = [(value, text) for value, text in position_choices(directory) if not _inside(place, int(value))]
    return render_template(
        "instructor/position.html",
        place=place,
        holders=[directory.members[i] for i in sorted(directory.holders(place_id))],
        under=under,
        typed=request.form,
        problem=str(error) if error else "",
        kinds=FIXED["position_kind"],
        profiles=FIXED["profile"],
        crumbs=[(_("Positions"), "/instructor/positions"), (place.name(language()), None)],
    )


def place_or_404(place_id: int) -> Place:
    return me().directory.places.get(place_id) or abort(404)


def _inside(place: Place, other_id: int) -> bool:
    return me().directory.places[other_id].path.startswith(place.path)


@bp.post("/positions/add")
@console_page("positions")
@asks(tree_page)
def position_add() -> ResponseReturnValue:
    note_attempt("position", "create")
    positions.add(me(), looks.source(), whole("parent_id"), positions.described(request.form))
    return back(_("The position is added."))


@bp.post("/positions/template")
@console_page("positions")
@asks(tree_page)
def position_template() -> ResponseReturnValue:
    """A class with departments and staff at one click (F028)."""
    note_attempt("position", "create")
    require_granted(me(), "position", "create")
    parent_id, departments = whole("parent_id"), whole("departments") or 3
    described = positions.described({**request.form, "position_kind": "class", "profile": ""})
    if parent_id is None or not 1 <= departments <= MOST_DEPARTMENTS:
        raise Invalid(_("Choose the position it belongs under, and 1 to 20 departments."))
    names = (described.name_en, described.name_zh)
    positions.class_template(me(), looks.source(), parent_id, names, departments)
    return back(_("The class is made with its departments."))


@bp.post("/positions/<int:place_id>/edit")
@console_page("positions")
@asks(place_page)
def position_edit(place_id: int) -> ResponseReturnValue:
    positions.change(me(), looks.source(), place_id, positions.described(request.form))
    return back(_("Saved."))


@bp.post("/positions/<int:place_id>/move")
@console_page("positions")
@asks(place_page)
def position_move(place_id: int) -> ResponseReturnValue:
    """First what it opens and closes; with `confirm` it is done, and can be undone by a click."""
    note_attempt("position", "move")
    actor, parent_id = me(), whole("parent_id")
    require_granted(actor, "position", "move")
    directory = actor.directory
    place = directory.places.get(place_id)
    if request.form.get("confirm") == "1" or place is None or parent_id not in directory.places:
        positions.move(actor, looks.source(), place_id, parent_id or 0)
        flash(_("Moved. What it opened and closed is in force from the next click."), "success")
        former = place.parent_id if place else None
        return redirect(
            f"/instructor/positions?undo={place_id}&to={former}" if former else "/instructor/positions"
        )
    if place.parent_id is None or _inside(place, parent_id):
        raise_circle()
    found = effects(actor, directory=moved_tree(directory, place_id, parent_id))
    return preview(
        found,
        _(
            "Move “%(name)s” under “%(to)s”",
            name=place.name(language()),
            to=directory.places[parent_id].name(language()),
        ),
        f"/instructor/positions/{place_id}/move",
        {"parent_id": parent_id},
        "/instructor/positions",
    )


def raise_circle() -> None:
    raise Invalid(_("A position cannot be moved below itself, nor can the top of the tree be moved."))


def preview(found: Any, heading: str, action: str, values: dict[str, Any], back_url: str) -> str:
    """The page that tells what a change opens and closes, with the button that makes it."""
    return render_template(
        "instructor/preview.html",
        effects=found,
        heading=heading,
        action=action,
        values={**values, "confirm": "1"},
        back_url=back_url,
        crumbs=[(_("What it opens and closes"), None)],
    )


@bp.post("/positions/<int:place_id>/<any(up, down):way>")
@console_page("positions")
@asks(tree_page)
def position_shift(place_id: int, way: str) -> ResponseReturnValue:
    positions.shift(me(), looks.source(), place_id, way == "up")
    return back(_("Saved."))


@bp.post("/positions/<int:place_id>/delete")
@console_page("positions")
@asks(place_page)
def position_delete(place_id: int) -> ResponseReturnValue:
    note_attempt("position", "delete")
    positions.delete(me(), looks.source(), place_id)
    return back(_("The position is deleted."))


def back(sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect("/instructor/positions")
