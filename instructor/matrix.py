"""The visibility matrix: relation × mode × surface, as it ought to be and as it is (product.md P5b).

Reads only: other modes than the one in force are tried on actors whose settings say so, never on the sandbox.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from instructor.common import bp, console_page, me
from instructor.matrix_rules import (
    CHANGES,
    MODES,
    OPEN_KINDS,
    PERSONAL_KINDS,
    RELATIONS,
    Viewer,
    expected,
    expected_of,
    handles,
    viewers,
)
from instructor.matrix_samples import WITH_A_MODE, Sample, samples
from instructor.matrix_surfaces import SURFACES
from instructor.sharing import MODES as MODE_WORDS
from instructor.sharing import OBJECTS
from labapp.access.actor import Actor
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.oplog.models import LOOKS, Operation
from labapp.people.directory import Member
from labapp.people.models import STUDENT
from labapp.records.catalog import catalog
from labapp.records.words import language
from labapp.values import dataclass

NO_SAMPLE, KEPT = "none", 24
LISTS = frozenset({"search", "report", "export", "json"})


@dataclass(frozen=True)
class Cell:
    """One surface for one relation: how many kinds were tried, how many of them stood as they ought."""

    wanted: bool
    right: int
    tried: int
    wrong: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        return NO_SAMPLE if not self.tried else "right" if self.right == self.tried else "wrong"


@dataclass(frozen=True)
class Line:
    """A relation under a mode, surface by surface."""

    relation: str
    viewer: Viewer
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """The lines by mode, and how many cells there are of each state."""

    owner: Member | None
    lines: dict[str, list[Line]]
    counts: dict[str, int]


@bp.get("/matrix")
@console_page("matrix")
def matrix() -> ResponseReturnValue:
    """The matrix under one mode, at first the one that customers are shared by; the others are a click away."""
    actor = me()
    mode = request.args.get("mode", "")
    mode = mode if mode in MODES else actor.mode("customer")
    found = kept(actor, request.args.get("owner", ""), mode)
    return render_template(
        "instructor/matrix.html",
        matrix=found,
        owners=[actor.directory.members[i] for i in owner_ids(actor)[:50]],
        relations=RELATIONS,
        surfaces=[label for label, _shows in SURFACES.values()],
        modes=MODE_WORDS,
        mode=mode,
        in_force={str(OBJECTS[name]): MODE_WORDS[actor.mode(name)][0] for name in OBJECTS},
        crumbs=[(_("Visibility matrix"), None)],
    )


_kept: OrderedDict[tuple[Any, ...], Matrix] = OrderedDict()


def kept(actor: Actor, owner_key: str, mode: str) -> Matrix:
    """The matrix around this owner, as it was asked after the last act in this sandbox: hundreds of questions.

    Whatever changes who sees what changes the stamp or is an act; looks change nothing, rules come with the program.
    """
    act = (
        select(Operation.hash)
        .where(Operation.sandbox_id == actor.sandbox_id, Operation.verb.not_in(LOOKS))
        .order_by(Operation.id.desc())
        .limit(1)
    )
    as_of = (actor.stamp, db.session.scalar(act), actor.lab_now.date())
    key = (actor.sandbox_id, owner_key, mode, language(), *as_of)
    if key not in _kept:
        _kept[key] = matrix_of(actor, owner_key, (mode,))
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return _kept[key]


def owner_ids(actor: Actor) -> list[int]:
    """The students who own customers, those with most first."""
    model: Any = catalog()["customer"].model
    query = (
        select(model.owner_id)
        .where(model.sandbox_id == actor.sandbox_id, model.deleted_at.is_(None))
        .group_by(model.owner_id)
        .order_by(func.count().desc(), model.owner_id)
    )
    members = actor.directory.members
    ids = db.session.scalars(query, execution_options={"seen_by": EVERYONE})
    found = [i for i in ids if i in members and members[i].role == STUDENT and members[i].positions]
    depth = {i: actor.directory.places[members[i].positions[0]].path.count("/") for i in found}
    return sorted(found, key=lambda i: -depth[i])


def matrix_of(actor: Actor, owner_key: str = "", modes: Sequence[str] = MODES) -> Matrix:
    """The matrix around one owner: the one with this key, else the deepest in the tree who owns most."""
    ids = owner_ids(actor)
    named = actor.directory.by_key.get(owner_key)
    owner_id = named.id if named is not None and named.id in ids else next(iter(ids), None)
    if owner_id is None:
        return Matrix(None, {}, {})
    tried = samples(actor, owner_id)
    lines = {
        mode: [line(actor, viewer, mode, tried) for viewer in viewers(actor.directory, owner_id)]
        for mode in modes
    }
    counts = dict.fromkeys(("right", "wrong", NO_SAMPLE), 0)
    for row in (row for rows in lines.values() for row in rows):
        for cell in row.cells:
            counts[cell.state] += 1
    return Matrix(actor.directory.members[owner_id], lines, counts)


def line(actor: Actor, viewer: Viewer, mode: str, tried: list[Sample]) -> Line:
    settings = {**actor.settings, **{f"sharing.{name}": mode for name in OBJECTS}}
    seer = replace(actor, member=viewer.member, directory=viewer.directory, settings=settings)
    cells = tuple(cell(seer, viewer.relation, mode, surface, tried) for surface in SURFACES)
    return Line(viewer.relation, viewer, cells)


def cell(seer: Actor, relation: str, mode: str, surface: str, tried: list[Sample]) -> Cell:
    wanted = expected(relation, mode, surface)
    shows = SURFACES[surface][1]
    found = [(sample, shows(seer, sample)) for sample in tried if readable(seer, sample, mode, surface)]
    known = [(sample, seen) for sample, seen in found if seen is not None]
    wrong = tuple(
        str(sample.record_type.plural)
        for sample, seen in known
        if seen != wanted_of(seer, sample, relation, mode, surface)
    )
    return Cell(wanted, len(known) - len(wrong), len(known), wrong)


def wanted_of(seer: Actor, sample: Sample, relation: str, mode: str, surface: str) -> bool:
    """Whether this viewer ought to meet this record there. Tickets know no mode, but an assignee."""
    if sample.record_type.name != "ticket":
        return expected_of(sample.record_type.name, relation, mode, surface)
    handled = handles(seer.directory, seer.member, sample.record.assignee_id, surface)
    return handled or expected(relation, "private", surface)


def readable(seer: Actor, sample: Sample, mode: str, surface: str) -> bool:
    """Whether this is asked at all: the profile opens the kind (the matrix is about rows, not about modules).

    Kinds that know no mode are tried under the first one, and the many ways of listing on the kinds that know one:
    all kinds come by the same lists. A configurator stands as the administrator to quotas.
    """
    name = sample.record_type.name
    if (name in OPEN_KINDS or name in PERSONAL_KINDS) and mode != MODES[0]:
        return False
    if name == "quota" and seer.configures:
        return False
    if surface in LISTS and name not in WITH_A_MODE:
        return False
    changes = surface in CHANGES or surface == "merge"
    return name in seer.reads and (seer.role != STUDENT or not changes or name in seer.writes)
