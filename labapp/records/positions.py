"""Changing the tree of positions: each act a step, whole subtrees with it (004 §2.11-5)."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.models import POSITION_KINDS, PROFILES, Position
from labapp.records import parse
from labapp.records.work import Source, Work, writing
from labapp.values import dataclass


@dataclass(frozen=True)
class Described:
    """What is said of a position. `profile` '' inherits from above."""

    name_en: str
    name_zh: str
    kind: str
    profile: str = ""


def described(form: Any) -> Described:
    """The answers of the position form. Raises Invalid."""
    try:
        name_zh, name_en = parse.text(form.get("name_zh", "")), parse.text(form.get("name_en", ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
    kind, profile = form.get("position_kind", ""), form.get("profile", "")
    if not (name_zh or name_en):
        raise Invalid(_("A position needs a name."))
    if kind not in POSITION_KINDS or (profile and profile not in PROFILES):
        raise Invalid(_("Choose one of the values offered."))
    return Described(name_en or name_zh or "", name_zh or name_en or "", kind, profile)


def _values(what: Described) -> dict[str, Any]:
    return {
        "name_en": what.name_en,
        "name_zh": what.name_zh,
        "position_kind": what.kind,
        "profile": what.profile or None,
    }


def add(actor: Actor, source: Source, parent_id: int | None, what: Described) -> int:
    """A new position under another. Returns its id. Raises Refused, NotFound, Invalid."""
    with Work(actor, "position.create", answers=_values(what), source=source) as work:
        work.require("create", Position)
        if parent_id is None:
            raise Invalid(_("Choose the position it belongs under."))
        parent = work.get(Position, parent_id)
        row = work.create(Position, parent_id=parent.id, sort=len(actor.directory.places), **_values(what))
        row.path = f"{parent.path}{row.id}/"
    return row.id


def change(actor: Actor, source: Source, place_id: int, what: Described) -> None:
    """Rename, other kind, other profile."""
    with Work(actor, "position.edit", answers=_values(what), source=source) as work:
        work.require("edit", Position)
        work.update(work.on(Position, place_id), **_values(what))


def move(actor: Actor, source: Source, place_id: int, parent_id: int) -> None:
    """Hang a subtree under another position; paths below follow. Raises Invalid for a circle or the top."""
    with Work(actor, "position.move", answers={"parent_id": parent_id}, source=source) as work:
        work.require("move", Position)
        place, parent = work.on(Position, place_id), work.get(Position, parent_id)
        if place.parent_id is None or parent.path.startswith(place.path):
            raise Invalid(_("A position cannot be moved below itself, nor can the top of the tree be moved."))
        old, new = place.path, f"{parent.path}{place.id}/"
        work.update(place, parent_id=parent.id)
        query = select(Position).where(Position.sandbox_id == actor.sandbox_id, Position.path.startswith(old))
        for row in db.session.scalars(query).all():
            row.path = new + row.path[len(old) :]


def delete(actor: Actor, source: Source, place_id: int) -> None:
    """Remove an empty position. Raises Invalid where people or positions are in it, naming them."""
    with Work(actor, "position.delete", source=source) as work:
        work.require("delete", Position)
        place = work.on(Position, place_id)
        inside = actor.directory.holders(place_id)
        if inside:
            names = ", ".join(sorted(actor.directory.members[i].name for i in inside)[:5])
            raise Invalid(
                _("People hold this position (%(names)s). Move them first; nothing was changed.", names=names)
            )
        if any(p.parent_id == place_id for p in actor.directory.places.values()):
            raise Invalid(
                _("There are positions below this one. Move or delete them first; nothing was changed.")
            )
        if place.parent_id is None:
            raise Invalid(_("The top of the tree stays."))
        work.delete(place)


def shift(actor: Actor, source: Source, place_id: int, up: bool) -> None:
    """One place up or down among its siblings."""
    place = actor.directory.places.get(place_id)
    siblings = [p for p in actor.directory.tree() if place is not None and p.parent_id == place.parent_id]
    order = [p.id for p in siblings]
    at = order.index(place_id) if place_id in order else -1
    other = at - 1 if up else at + 1
    if place is None or at < 0 or not 0 <= other < len(order):
        raise Invalid(_("It stands at the end already."))
    order[at], order[other] = order[other], order[at]
    with Work(actor, "position.edit", answers={"sort": other}, source=source) as work:
        work.require("edit", Position)
        work.on(Position, place_id)
        for sort, row_id in enumerate(order):
            work.update(work.get(Position, row_id), sort=sort)


def class_template(
    actor: Actor, source: Source, parent_id: int, names: tuple[str, str], departments: int
) -> None:
    """A class with departments, each with a manager's and a staff position (004 §3.1-3), a step each."""
    en, zh = names
    with writing():
        class_id = add(actor, source, parent_id, Described(en, zh, "class"))
        for number in range(1, departments + 1):
            what = Described(f"Department {number}", f"{number}部经理", "department", "manager")
            department = add(actor, source, class_id, what)
            add(actor, source, department, Described("Sales representative", "业务员", "staff", "sales"))
