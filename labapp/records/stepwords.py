"""A step of the log in words, with a link to its record."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.db import db
from labapp.oplog.models import LOOKS, Operation
from labapp.records.catalog import catalog
from labapp.records.history import Moved, moves, verb_label
from labapp.records.looks import UNNAMED
from labapp.records.views.common import ORIGINS
from labapp.values import dataclass

OUTCOMES = {
    "done": (_l("done"), "success"),
    "refused": (_l("refused"), "danger"),
    "invalid": (_l("invalid"), "warning"),
}
KINDS = {
    "session": _l("Session"),
    "position": _l("Position"),
    "group": _l("Sharing group"),
    "code": _l("Code"),
    "stage": _l("Stage"),
    "field": _l("Custom field"),
    "setting": _l("Setting"),
    "membership": _l("Membership"),
    "timeline": _l("Timeline"),
    "attempt": _l("Examination paper"),
}


VERBS = {
    "approve": _l("Approved"),
    "change": _l("Changed"),
    "deactivate": _l("Deactivated"),
    "dispute": _l("Disputed"),
    "leave": _l("Left"),
    "move": _l("Moved"),
    "remind": _l("Reminded"),
    "request": _l("Page refused"),
    "reset": _l("Reset"),
    "retire": _l("Retired"),
    "self_check": _l("Self-check"),
    "start": _l("Begun"),
    "submit": _l("Submitted"),
    "tell": _l("News"),
    "quarter_end": _l("Quarter over"),
}
MANY = 6


@dataclass(frozen=True)
class Change:
    """One row that a step changed. `moved` holds its fields in words."""

    what: Any
    kind: Any
    serial: Any
    moved: list[Moved]

    @property
    def long(self) -> bool:
        """Whether a page should fold it up: every field of a new record."""
        return len(self.moved) > MANY


@dataclass(frozen=True)
class StepLine:
    """A step as the log pages show it. `lab_at` is lab time, `at` UTC; `url` leads to the record if it is there.

    `seen_as`: the student through whose eyes it was looked at.
    """

    id: int
    member: str | None
    member_name: str
    lab_at: datetime
    at: datetime
    kind: Any
    verb: Any
    what: str
    record: int | None
    label: str
    url: str | None
    outcome: Any
    tone: str
    origin: Any
    address: str
    request: str
    answers: dict[str, Any]
    changes: list[Change]
    hash: str
    seen_as: str = ""

    @property
    def page(self) -> str:
        """The address of a refused page, where nothing else says which it was."""
        return str(self.answers.get("page", "")) if tuple(self.what.split(".")) in UNNAMED else ""

    @property
    def is_look(self) -> bool:
        """Whether somebody only looked."""
        return self.what.partition(".")[2] in LOOKS


def lines(steps: list[Operation], actor: Actor) -> list[StepLine]:
    """Steps in words; their records are looked up together, one statement per kind."""
    ids = record_ids(steps, actor)
    return [line(step, actor, ids) for step in steps]


def record_ids(steps: list[Operation], actor: Actor) -> dict[tuple[str, int], int]:
    """Ids of the records that these steps were done to, as far as the actor reads them, by kind and serial."""
    wanted: dict[str, set[int]] = {}
    for step in steps:
        if step.record is not None and step.kind in catalog():
            wanted.setdefault(step.kind, set()).add(step.record)
    found: dict[tuple[str, int], int] = {}
    for kind, serials in wanted.items():
        model = catalog()[kind].model
        query = select(model.serial, model.id).where(
            model.serial.in_(sorted(serials)), model.deleted_at.is_(None)
        )
        rows = db.session.execute(query, execution_options={"seen_by": actor})
        found |= {(kind, row.serial): row.id for row in rows}
    return found


def line(step: Operation, actor: Actor, ids: dict[tuple[str, int], int]) -> StepLine:
    """One step in words."""
    member = actor.directory.by_key.get(step.member or "")
    record_type = catalog().get(step.kind)
    seen_as = (step.answers or {}).get("viewed_as", "")
    student = actor.directory.by_key.get(seen_as)
    record_id = ids.get((step.kind, step.record or 0))
    outcome, tone = OUTCOMES[step.outcome]
    return StepLine(
        step.id,
        step.member,
        member.name if member else _("the house"),
        step.lab_at,
        step.at,
        kind_label(step.kind),
        act_label(step.kind, step.verb),
        f"{step.kind}.{step.verb}",
        step.record,
        step.label,
        f"/{record_type.slug}/{record_id}" if record_type and record_id else None,
        outcome,
        tone,
        ORIGINS.get(step.origin, step.origin),
        step.address,
        step.request,
        step.answers or {},
        [change_of(change, actor) for change in step.changes or []],
        step.hash,
        student.name if student else seen_as,
    )


def change_of(change: dict[str, Any], actor: Actor) -> Change:
    words = {"created": _("created"), "changed": _("changed"), "deleted": _("deleted")}
    shown = [move for move in moves(change, actor) if move.before or move.after]
    return Change(words.get(change["what"], change["what"]), kind_label(change["kind"]), change["id"], shown)


def act_label(kind: str, verb: str) -> Any:
    """The word for what was done, as the screens say it."""
    found = verb_label(kind, verb)
    return VERBS.get(verb, found) if found == verb else found


def kind_label(kind: str) -> Any:
    """The word for a kind, as the screens say it."""
    record_type = catalog().get(kind)
    return record_type.label if record_type else KINDS.get(kind, kind)
