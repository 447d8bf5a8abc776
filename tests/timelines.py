"""A small scenario with a timeline, for the tests of the clock."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

from sqlalchemy import select

import scenarios as scenarios_shipped
from labapp.access.actor import actor_of
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.clockwork import Walk
from labapp.lifecycle.moving import change, send
from labapp.oplog.models import Operation
from labapp.people.models import INSTRUCTOR, Membership, Sandbox
from labapp.records.work import Source
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import read_scenario

TIMELINE = """
events:
  - key: lift_stuck
    at: "+0d 10:20"
    kind: ticket
    values:
      kind: complaint
      subject: {en: "{customer}: the displays stay dark", zh: "{customer}：会议平板不亮"}
    links: {customer: growth_customer, contact: growth_contact}
  - key: asks_for_offer
    at: "+1d 09:00"
    kind: lead
    invent: true
    values: {source: web, status: new}
  - {key: news, at: "+1d 09:00", per: once, tell: {en: The fair begins tomorrow, zh: 展会明天开幕}}
  - {key: silence, at: "+2d 08:00", quiet: neglected_customer, tell: {en: Nobody answers there, zh: 对方无人接听}}
  - key: price_cut
    at: "+3d 09:00"
    per: once
    kind: competitor
    values: {name: {en: Bluewave, zh: 蓝浪}, threat: low}
  - key: price_cut_again
    at: "+4d 09:00"
    per: once
    changes: price_cut
    values: {threat: high}
    tell: {en: Bluewave cuts its prices, zh: 蓝浪降价了}
  - {key: quarter_end, at: "+5d 00:00", per: once, quarter_ends: 2026Q3}
"""
SCENARIO_EDITS = (("clock: real", "clock: stepped\npace: 0"), ("key: sales-basics", "key: unfolding"))


def scenario_in(folder: Path, timeline: str = TIMELINE) -> Path:
    """The shipped first week, stepped, with this timeline."""
    place = folder / "unfolding"
    shutil.copytree(Path(next(iter(scenarios_shipped.__path__))) / "sales-basics", place)
    said = (place / "scenario.yaml").read_text("utf-8")
    for old, new in SCENARIO_EDITS:
        assert old in said
        said = said.replace(old, new, 1)
    (place / "scenario.yaml").write_text(said, "utf-8")
    (place / "timeline.yaml").write_text(dedent(timeline), "utf-8")
    return place


def opened(folder: Path, name: str = "stepping", students: int = 2, timeline: str = TIMELINE) -> int:
    """The id of a sandbox opened from it."""
    place = folder / "unfolding"
    scenario = read_scenario(place if place.exists() else scenario_in(folder, timeline))
    return open_sandbox(scenario, Opening(name, seed=3, students=students, language="en")).id


def box(sandbox_id: int) -> Sandbox:
    return db.session.get_one(Sandbox, sandbox_id, populate_existing=True)


def teacher(sandbox_id: int) -> Any:
    """The instructor of a sandbox as an actor."""
    query = select(Membership.id).filter_by(sandbox_id=sandbox_id, role=INSTRUCTOR)
    return actor_of(box(sandbox_id), db.session.scalars(query).one())


def advance(sandbox_id: int, **length: float) -> int:
    """Send the clock on by so much and walk there. Returns how much was done on the way."""
    db.session.rollback()
    actor = teacher(sandbox_id)
    send(actor, actor.lab_now + timedelta(**length), Source())
    walk = Walk(sandbox_id)
    assert walk.go()
    db.session.remove()
    return walk.done


def run_at(sandbox_id: int, mode: str, pace: int) -> None:
    change(teacher(sandbox_id), Source(), mode, pace)


def steps(sandbox_id: int, *origins: str) -> list[Operation]:
    """The steps of these origins, oldest first."""
    query = select(Operation).where(Operation.sandbox_id == sandbox_id, Operation.origin.in_(origins))
    return list(db.session.scalars(query.order_by(Operation.id)))


def happenings(sandbox_id: int) -> list[tuple[str, str, datetime]]:
    """(event, what was done, lab time) of everything the timeline did."""
    return [(s.answers["event"], f"{s.kind}.{s.verb}", s.lab_at) for s in steps(sandbox_id, "timeline")]


def all_of(sandbox_id: int, model: Any) -> list[Any]:
    query = select(model).where(model.sandbox_id == sandbox_id).order_by(model.id)
    return list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))
