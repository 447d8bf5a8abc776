"""Reads that every page makes, built once for all members of one standing.

Building a select together with its visibility rule costs several times what the database takes to answer it. So the
rule is built by the same `reachable`, for a stand-in whose values are then replaced by names, and kept; a request
only brings its values.
"""

from collections.abc import Callable, Hashable
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam
from sqlalchemy.sql.visitors import replacement_traverse

from labapp.access import rules
from labapp.access.actor import Actor
from labapp.db import Record
from labapp.db.quick import Quick, Rows
from labapp.people.models import INSTRUCTOR
from labapp.values import dataclass

KEPT = 2_000
CIRCLE, COMMANDS, BELOW, ITSELF = (frozenset({-place}) for place in range(1, 5))
NAMES = {-1: "circle", -2: "commands", -3: "below", -4: "itself"}


@dataclass(frozen=True)
class StandIn:
    """What of an actor decides the form of the rule. The rule asks it as it asks an actor."""

    role: str
    sees_all: bool
    modes: tuple[tuple[str, str], ...]
    configures: bool = False
    circle = CIRCLE
    commands = COMMANDS
    below = BELOW
    itself = ITSELF

    @property
    def is_instructor(self) -> bool:
        return self.role == INSTRUCTOR

    @property
    def sandbox_id(self) -> BindParameter[Any]:
        return bindparam("sandbox")

    def mode(self, setting: str | None) -> str:
        return dict(self.modes).get(setting or "", "private")


def stand_in(actor: Actor) -> StandIn:
    modes = tuple(
        (path.removeprefix("sharing."), str(mode))
        for path, mode in sorted(actor.settings.items())
        if path.startswith("sharing.")
    )
    return StandIn(actor.role, actor.sees_all, modes, actor.configures)


_kept: dict[Hashable, Quick] = {}
Visible = Callable[..., ColumnElement[bool]]
Builder = Callable[[Visible], Any]


def read(actor: Actor, key: Hashable, build: Builder, **values: Any) -> Rows:
    """The result of a prepared select, as this actor sees it.

    `build(visible)` makes the select the first time that `key` is asked by somebody of this standing;
    `visible(model, need)` is the rule. Whatever differs between two requests stands in it as a bindparam, and its
    value in `values`. A Core result: rows, no entities.
    """
    statement = prepared(actor, key, build)
    return statement({**own_values(actor), **values})


def own_values(actor: Actor) -> dict[str, Any]:
    """What differs from one actor of a standing to the next."""
    own: dict[str, Any] | None = actor.kept.get("own values")
    if own is None:
        own = {name: sorted(getattr(actor, name)) for name in NAMES.values()}
        own = actor.kept["own values"] = {"sandbox": actor.sandbox_id, **own}
    return own


def prepared(actor: Actor, key: Hashable, build: Builder) -> Quick:
    """The statement itself, with the names `sandbox` and `NAMES` for the actor's values."""
    shape = actor.kept.get("stand-in") or actor.kept.setdefault("stand-in", stand_in(actor))
    rulebook = (rules.reachable, rules.standing, rules.owners, *rules.RULES.values(), *rules.KEEPERS.values())
    found = _kept.get((shape, key, rulebook))
    if found is None:
        if len(_kept) >= KEPT:
            _kept.clear()

        def visible(model: type[Record], need: str = rules.READ) -> ColumnElement[bool]:
            return rules.reachable(cast(Actor, shape), model, need)

        found = _kept[shape, key, rulebook] = Quick(named(build(visible)))
    return found


def named(statement: Any) -> Any:
    """The statement with names instead of the stand-in's owners."""

    def name_of(element: Any, **_: Any) -> Any:
        if (
            not isinstance(element, BindParameter)
            or not element.expanding
            or not isinstance(element.value, list)
        ):
            return None
        if not NAMES.keys() & set(element.value):
            return None
        (owners,) = element.value  # a rule that mixes both sets needs a name of its own here
        return bindparam(NAMES[owners], expanding=True, type_=element.type)

    return replacement_traverse(statement, {}, name_of)


def below(select: Select[Any], model: Any, kind: str) -> Select[Any]:
    """The rows of `model` in use that hang on the record `parent` of this kind: notes, attachments, activities.

    For a record that the asker was found to reach: whoever reads it reads these (product.md §5.18).
    """
    return select.where(
        model.sandbox_id == bindparam("sandbox"),
        model.deleted_at.is_(None),
        model.related_kind == kind,
        model.related_id == bindparam("parent"),
    )
