"""The findings of the last search with names, words and a person's remarks."""

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from instructor.integrity_form import OPEN
from labapp.db import db
from labapp.gradebook.models import IntegrityRemark, IntegrityRun
from labapp.people.directory import Member, directory_of, sandboxes_of
from labapp.people.models import Sandbox
from labapp.records.catalog import catalog
from labapp.records.history import label_of
from labapp.records.stepwords import act_label, kind_label
from labapp.values import dataclass

HERE = "/instructor/integrity"
KINDS: dict[str, tuple[Any, Any]] = {
    "canary": (
        _l("What only another was dealt"),
        _l(
            "A name, number or amount that the scenario dealt to one member alone stands in a text of another. Left "
            "out: superiors and sharing groups of that member, records handed over, texts on a record of that member."
        ),
    ),
    "text": (
        _l("The same words"),
        _l(
            "Free text that is the same, letter by letter, on different records of different members, and that the "
            "scenario did not write."
        ),
    ),
    "similar": (
        _l("Nearly the same words"),
        _l(
            "Free text on different records of different members that differs in a few letters only, or of which one "
            "stands inside a longer one, and that the scenario did not write."
        ),
    ),
    "burst": (
        _l("Faster than typing"),
        _l(
            "Forms filled by hand sooner after the step before than anybody types. Imports, bulk acts, clones and "
            "forms sent again after signing in do not count. Text prepared elsewhere and pasted looks the same."
        ),
    ),
    "overlap": (
        _l("Two places at once"),
        _l(
            "One member at two networks by turns. A shared address is not listed: a classroom has one. Changing "
            "between Wi-Fi and a phone looks the same."
        ),
    ),
    "mate": (
        _l("Work of another"),
        _l("Records of one student that another student changed for the most part. Superiors are left out."),
    ),
    "common": (
        _l("Given out in class, it seems"),
        _l(
            "The same text with more members than the threshold says: most likely dictated, or taken from the brief."
        ),
    ),
}


@dataclass(frozen=True)
class Shown:
    """A finding as the page shows it. `remarks`: newest first; `state`: the last one's, open again with more facts.

    `people`: key, member (None: gone) and sandbox of every party.
    """

    key: str
    kind: str
    people: list[tuple[str, Member | None, int]]
    facts: list[dict[str, Any]]
    count: int
    data: dict[str, Any]
    remarks: list[IntegrityRemark]
    state: str
    more: int


def last_run() -> IntegrityRun | None:
    query = select(IntegrityRun).where(IntegrityRun.course_id == g.sandbox.course_id)
    return db.session.scalars(query.order_by(IntegrityRun.id.desc()).limit(1)).one_or_none()


def steps_since(run: IntegrityRun) -> int:
    """How many steps were taken in the course since that search."""
    now = sandboxes_of(g.sandbox.course_id)
    return sum(max(0, sandbox.last_step - run.steps.get(str(sandbox.id), 0)) for sandbox in now)


def shown(run: IntegrityRun) -> list[Shown]:
    """The findings with names, words and remarks."""
    sandboxes = {sandbox.id: sandbox for sandbox in sandboxes_of(run.course_id)}
    people = {
        member.key: (member, sandbox.id)
        for sandbox in sandboxes.values()
        for member in directory_of(sandbox).by_key.values()
        if member.role == "student"
    }
    said = remarks_of(run.course_id)
    return [one_shown(finding, people, sandboxes, said.get(finding["key"], [])) for finding in run.findings]


def one_shown(
    finding: dict[str, Any],
    people: dict[str, tuple[Member, int]],
    sandboxes: dict[int, Sandbox],
    remarks: list[IntegrityRemark],
) -> Shown:
    last = remarks[0] if remarks else None
    more = finding["count"] - last.count if last is not None else 0
    parties = [(key, *people.get(key, (None, 0))) for key in finding["members"]]
    names = {key: member.name if member else key for key, member, _sandbox_id in parties}
    return Shown(
        finding["key"],
        finding["kind"],
        parties,
        [told(fact, names, sandboxes) for fact in finding["facts"]],
        finding["count"],
        finding["data"],
        remarks,
        OPEN if last is None or more > 0 else last.state,
        max(more, 0),
    )


def told(fact: dict[str, Any], names: dict[str, str], sandboxes: dict[int, Sandbox]) -> dict[str, Any]:
    """A fact with the words and addresses that the page needs."""
    known = sandboxes.get(fact["sandbox"])
    words = {
        "name": names.get(fact["member"], fact["member"]),
        "what": f"{act_label(fact['kind'], fact['verb'])} · {kind_label(fact['kind'])}",
        "url": step_url(fact["sandbox"], fact["step"]),
        "where": known.name if known is not None and len(sandboxes) > 1 else "",
    }
    if "field" in fact:
        words["field_label"] = label_of(catalog().get(fact["kind"]), fact["field"], g.actor)
    if "dealt_step" in fact:
        words["dealt_label"] = kind_label(fact["dealt_kind"])
    return {**fact, **words}


def step_url(sandbox_id: int, step: int) -> str:
    """A step of this sandbox, or of another of the course: that one is entered first."""
    if sandbox_id == g.sandbox.id:
        return f"/instructor/log/steps/{step}"
    return f"{HERE}/steps/{sandbox_id}/{step}"


def remarks_of(course_id: int) -> dict[str, list[IntegrityRemark]]:
    """Every remark of the course by finding, newest first."""
    found: dict[str, list[IntegrityRemark]] = {}
    query = select(IntegrityRemark).where(IntegrityRemark.course_id == course_id)
    for remark in db.session.scalars(query.order_by(IntegrityRemark.id.desc())):
        found.setdefault(remark.finding, []).append(remark)
    return found
