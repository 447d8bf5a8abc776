"""The two questions: which rows does a member reach, and may they do this verb."""

from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.sql.elements import True_

from labapp.access.actor import Actor
from labapp.access.errors import Refused
from labapp.db import Model, Record
from labapp.oplog.models import LOOKS
from labapp.people.models import ACTIVE, ARCHIVED, FROZEN, RESTORED, SIMULATED

READ, EDIT, COMMAND = "read", "edit", "command"
NEEDS = {"delete": COMMAND, "transfer": COMMAND, "restore": COMMAND, "reopen_won": COMMAND, "merge": COMMAND}
OPINIONS = frozenset({"vote"})  # verbs of whoever reads a record: they need no right to write its kind


def reachable(actor: Actor, model: type[Record], need: str = READ) -> ColumnElement[bool]:
    """The rows of `model` that the actor reads (`READ`), edits (`EDIT`), or may delete and give away (`COMMAND`).

    Same sandbox and: mine, or owned below me, or of my group, or opened by the sharing mode (P4-P6, product.md §5).
    Says nothing of profiles: those decide what one may do, not on which rows.
    """
    return and_(
        model.sandbox_id == actor.sandbox_id, model.deleted_at.is_(None), standing(actor, model, need)
    )


def in_bin(actor: Actor, model: type[Record]) -> ColumnElement[bool]:
    """The deleted rows of `model` that the actor may restore: superiors and instructors (product.md §2)."""
    mine: ColumnElement[bool] = model.owner_id.in_(sorted(actor.commands))
    if actor.is_instructor:
        mine = true()
    elif model.kept_by == "superior":
        mine = standing(actor, model, COMMAND)
    return and_(model.sandbox_id == actor.sandbox_id, model.deleted_at.is_not(None), mine)


def standing(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """What the actor's standing opens, in any sandbox and bin."""
    if actor.sees_all and (need == READ or actor.is_instructor):
        return true()
    if need != READ and actor.role != "student":
        return false()
    return KEEPERS.get(model.kept_by, RULES[model.reach])(actor, model, need)


def _owner_keeps(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Read as its reach says, changed by its owner alone: superiors have their say beside it (product.md M6)."""
    return (
        RULES[model.reach](actor, model, need) if need == READ else model.owner_id.in_(sorted(actor.itself))
    )


def _superior_keeps(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Given to its owner from above: read as its reach says, changed by superiors, never by the owner (P7).

    A configurator stands as the administrator of the sandbox: reads them all, and changes all but the own.
    """
    if actor.configures:
        return true() if need == READ else model.owner_id.not_in(sorted(actor.itself))
    return RULES[model.reach](actor, model, need) if need == READ else model.owner_id.in_(sorted(actor.below))


def _private(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    mode = actor.mode(model.setting)
    if (mode == "read_write" and need != COMMAND) or (mode == "read_only" and need == READ):
        return true()
    return model.owner_id.in_(owners(actor, need))


def owners(actor: Actor, need: str) -> list[int]:
    """Whose rows: a group opens for reading and editing, never for deleting or giving away."""
    return sorted(actor.commands if need == COMMAND else actor.circle)


def _everybody(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    return true()


def _open(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Everybody reads; changed by the owner's circle, as under the mode read only (product.md §5.18)."""
    return true() if need == READ else model.owner_id.in_(owners(actor, need))


def _published(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Open once its status says published; a draft is read by those who may change it."""
    mine = model.owner_id.in_(owners(actor, need))
    return or_(model.status == "published", mine) if need == READ else mine  # type: ignore[attr-defined]  # kinds of this reach have it


def _between(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Rows between two records: both must be readable, and for changing the row one of them editable."""
    readable = and_(*(_at_end(actor, model, names, READ) for names in model.ends))
    if need == READ:
        return readable
    return and_(readable, or_(*(_at_end(actor, model, names, EDIT) for names in model.ends)))


def _at_end(actor: Actor, model: type[Record], names: tuple[str, ...], need: str) -> ColumnElement[bool]:
    """Whether the record at one end stands open; the end is whichever of these columns is filled."""
    found = []
    for name in names:
        column = getattr(model, name)
        (key,) = column.property.columns[0].foreign_keys
        target = model_of(key.column.table.name)
        opened = select(target.id).where(
            target.sandbox_id == actor.sandbox_id, target.deleted_at.is_(None), standing(actor, target, need)
        )
        found.append(column.in_(opened))
    return or_(*found)


def _assigned(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Private, and the assignee and the assignee's superiors read and edit (product.md §5.18).

    The sandbox stands in both halves, so that each is looked up in an index of its own.
    """
    owned = model.owner_id.in_(owners(actor, need))
    if need == COMMAND:
        return owned
    here, assignee = model.sandbox_id == actor.sandbox_id, model.assignee_id  # type: ignore[attr-defined]  # kinds of this reach have it
    return or_(and_(here, owned), and_(here, assignee.in_(sorted(actor.commands))))


def _follows(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """My parent's readers are mine (contact: also its own owner, product.md §5.18)."""
    column, target = _parent(model)
    need_there = EDIT if need == COMMAND and model.reach == "parent" else need
    through = standing(actor, target, need_there)
    if isinstance(through, True_):
        return true()
    up = column.in_(select(target.id).where(target.sandbox_id == actor.sandbox_id, through))
    if model.reach == "parent":
        return up
    return or_(model.owner_id.in_(owners(actor, need)), up)


def _parent(model: type[Record]) -> tuple[Any, type[Record]]:
    column = getattr(model, model.follows or "")
    (key,) = column.property.columns[0].foreign_keys
    return column, model_of(key.column.table.name)


def _related(actor: Actor, model: type[Record], need: str) -> ColumnElement[bool]:
    """Rows that hang on any record by `related_kind` and `related_id`: notes, attachments, activities."""
    need_there = EDIT if need == COMMAND else need
    hanging = []
    for kind, target in record_models().items():
        if target.reach in {"related", "hanging"}:
            continue
        reached = select(target.id).where(
            target.sandbox_id == actor.sandbox_id, standing(actor, target, need_there)
        )
        hanging.append(and_(model.related_kind == kind, model.related_id.in_(reached)))  # type: ignore[attr-defined]
    if model.reach == "hanging":
        return or_(*hanging)
    return or_(model.owner_id.in_(owners(actor, need)), *hanging)


RULES = {
    "private": _private,
    "everybody": _everybody,
    "open": _open,
    "published": _published,
    "assigned": _assigned,
    "follows": _follows,
    "parent": _follows,
    "related": _related,
    "hanging": _related,
    "between": _between,
}


WORKING = (ACTIVE, SIMULATED)


def may_give(actor: Actor) -> list[int]:
    """Whom the actor gives what superiors keep: those below, all students for instructors; a configurator all others.

    Ids of memberships that work here, simulated company too, in the order of their keys.
    """
    members = actor.directory.members.values()
    everybody = actor.is_instructor or actor.configures
    found = [m for m in members if m.id in actor.below or (everybody and m.role == "student")]
    return [m.id for m in sorted(found, key=lambda m: m.key) if m.id != actor.id and m.state in WORKING]


KEEPERS = {"owner": _owner_keeps, "superior": _superior_keeps}
KEPT_BY = {
    "owner": _l("Only the one whose record this is changes it; a superior adds their own view beside it."),
    "superior": _l("This is given by a superior or the instructor: the one it is for does not change it."),
}


def record_models() -> dict[str, type[Record]]:
    """Every record model by kind."""
    return _models(len(Model.registry._class_registry))


@cache
def _models(_known: int) -> dict[str, type[Record]]:
    classes = (mapper.class_ for mapper in Model.registry.mappers)
    return {
        c.__tablename__: c for c in sorted(classes, key=lambda c: c.__tablename__) if issubclass(c, Record)
    }


def model_of(kind: str) -> type[Record]:
    return record_models()[kind]


def granted(actor: Actor, kind: str, verb: str) -> bool:
    """Whether role and profile allow this verb on this kind at all."""
    if verb in LOOKS:
        return kind in actor.reads
    if verb in OPINIONS:
        return kind in actor.reads and bool(actor.writes) and not actor.frozen
    return kind in actor.writes and not actor.frozen


def require_granted(actor: Actor, kind: str, verb: str) -> None:
    """Raises `Refused` with the rule in words."""
    if granted(actor, kind, verb):
        return
    raise Refused(why_not(actor, kind, verb))


CLOSED = _l("This sandbox cannot be changed at present. Your instructor can say why.")


def why_closed(state: str) -> Any:
    """Why a sandbox of this state is read and not changed."""
    if state == FROZEN:
        return _l("This sandbox is frozen: it can be read, not changed. Your instructor can open it again.")
    if state == ARCHIVED:
        return _l("This sandbox was put aside: it can be read, not changed. A fresh one stands in its place.")
    if state == RESTORED:
        return _l("This sandbox was restored from an archive: it can be read and graded, not changed.")
    return CLOSED


def why_not(actor: Actor, kind: str, verb: str) -> Any:
    """The rule that stands in the way, and the way forward."""
    if actor.frozen and verb not in LOOKS:
        return why_closed(actor.state)
    if actor.role == "observer":
        return _l("Observers read and never change. To work here you need another role.")
    if actor.role == "assistant":
        return _l("Assistants review and grade; they do not change records or structure.")
    return _l("Your position's profile does not include this. Your instructor can give you another position.")


def need_of(verb: str) -> str:
    """Which standing a verb needs on the record it is done to."""
    return READ if verb in LOOKS or verb in OPINIONS or verb == "clone" else NEEDS.get(verb, EDIT)
