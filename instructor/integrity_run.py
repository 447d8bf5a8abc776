"""Searching the logs of a course for suspicious facts: at once where it is short, else as a job (product.md L8)."""

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from instructor.integrity_finding import Finding
from instructor.integrity_mates import Mates
from instructor.integrity_pace import Bursts, Overlaps
from instructor.integrity_read import Act, Limits, Log, dealt, field_shape
from instructor.integrity_texts import Canaries, SameText
from labapp import jobs
from labapp.db import db
from labapp.gradebook.models import IntegrityRun
from labapp.people.directory import Directory, directory_of, sandboxes_of
from labapp.people.models import STUDENT, SignInAttempt
from labapp.records.work import writing

KIND, AT_ONCE, EVERY = "integrity.search", 10_000, 1_000
TOGETHER = timedelta(minutes=15)
ORDER = ("canary", "text", "similar", "burst", "overlap", "mate", "common")
Told = Callable[[int, int], object]


def begin(course_id: int, limits: Limits, account: str, account_id: int) -> jobs.Job | None:
    """Search now, or ask for a job (returned) where there is much to read; one that runs already is used."""
    running = unfinished(course_id)
    if running is not None:
        return running
    if sum(sandbox.last_step for sandbox in sandboxes_of(course_id)) <= AT_ONCE:
        keep(course_id, limits, account)
        return None
    args = {"limits": asdict(limits), "account": account}
    with writing():
        return jobs.ask(KIND, args, course_id=course_id, account_id=account_id)


def unfinished(course_id: int) -> jobs.Job | None:
    """The search of this course that waits or runs."""
    query = select(jobs.Job).where(
        jobs.Job.course_id == course_id,
        jobs.Job.kind == KIND,
        jobs.Job.state.in_((jobs.QUEUED, jobs.RUNNING)),
    )
    return db.session.scalars(query.order_by(jobs.Job.id)).first()


@jobs.task(KIND)
def search(run: jobs.Run) -> None:
    """A killed search begins anew: it only reads, and keeps what it found at the end."""
    assert run.course_id is not None
    if not sandboxes_of(run.course_id):
        raise jobs.GaveUp(_("The course has no open sandbox."))
    keep(run.course_id, Limits(**run.args["limits"]), run.args["account"], run.progress)


def keep(course_id: int, limits: Limits, account: str, told: Told = lambda done, total: None) -> None:
    """Search, and keep the outcome in place of the one before."""
    steps = {str(sandbox.id): sandbox.last_step for sandbox in sandboxes_of(course_id)}
    found = [finding.as_json() for finding in findings(course_id, limits, told)]
    with writing():
        db.session.execute(delete(IntegrityRun).where(IntegrityRun.course_id == course_id))
        values = {"limits": asdict(limits), "steps": steps, "findings": found}
        db.session.add(IntegrityRun(course_id=course_id, account=account, **values))


def findings(course_id: int, limits: Limits, told: Told = lambda done, total: None) -> list[Finding]:
    """Everything that is found, in the order of the page, what has most facts first."""
    sandboxes = [(sandbox.id, sandbox.last_step) for sandbox in sandboxes_of(course_id)]
    detectors = detectors_for(course_id, limits)
    done, total = 0, sum(last for _sandbox_id, last in sandboxes)
    for sandbox_id, last in sandboxes:
        log = Log(sandbox_id)
        for act in log.acts():
            for detector in detectors:
                detector.feed(act, log)
            if act.step % EVERY == 0:
                told(done + act.step, total)
        done += last
    found = [finding for detector in detectors for finding in detector.findings()]
    return sorted(found, key=lambda one: (ORDER.index(one.kind), -len(one.facts), one.members))


def detectors_for(course_id: int, limits: Limits) -> list[Any]:
    """What looks at every act, in the order of how much a find says."""
    sandboxes = sandboxes_of(course_id)
    people = {sandbox.id: directory_of(sandbox) for sandbox in sandboxes}
    written = dealt([sandbox.id for sandbox in sandboxes], limits.text)
    students = students_of(people.values())
    return [
        StudentsOnly(Canaries(written, may_know(people)), students),
        StudentsOnly(SameText(written, limits, is_free), students),
        StudentsOnly(Bursts(limits), students),
        StudentsOnly(Overlaps(limits), students),
        Mates(limits, students, is_superior(people), together_in(people.values())),
    ]


class StudentsOnly:
    """Passes on what students do; staff try things out."""

    def __init__(self, inner: Any, students: frozenset[str]) -> None:
        self.inner, self.students, self.findings = inner, students, inner.findings

    def feed(self, act: Act, log: Log) -> None:
        if act.member in self.students:
            self.inner.feed(act, log)


def students_of(people: Collection[Directory]) -> frozenset[str]:
    """Keys of the students of the course, those who have left too."""
    members = (member for directory in people for member in directory.members.values())
    return frozenset(member.key for member in members if member.role == STUDENT)


def is_free(kind: str, name: str) -> bool:
    """Whether people write sentences there: long text, own fields, reasons and comments."""
    return field_shape(kind, name) in {"prose", None}


def is_superior(people: dict[int, Directory]) -> Callable[[int, str, str], bool]:
    """Asks whether somebody is a superior of another in a sandbox."""

    @cache
    def asked(sandbox_id: int, who: str, whose: str) -> bool:
        known = people[sandbox_id].by_key
        return who in known and whose in known and known[whose].id in people[sandbox_id].below(known[who].id)

    return asked


def may_know(people: dict[int, Directory]) -> Callable[[int, str, str], bool]:
    """Asks whether somebody reads the records of another anyway: as a superior or by a sharing group."""
    superior = is_superior(people)

    def asked(sandbox_id: int, who: str, whose: str) -> bool:
        directory = people[sandbox_id]
        known = directory.by_key
        grouped = who in known and whose in known and known[whose].id in directory.mates(known[who].id)
        return grouped or superior(sandbox_id, who, whose)

    return asked


def together_in(people: Collection[Directory]) -> Callable[[str, str], int]:
    """Asks how often one browser signed in as both of two members within a quarter of an hour."""
    accounts = {
        member.account_id: member.key
        for directory in people
        for member in directory.members.values()
        if member.account_id is not None
    }
    query = select(SignInAttempt.account_id, SignInAttempt.device, SignInAttempt.at).where(
        SignInAttempt.account_id.in_(sorted(accounts)), SignInAttempt.outcome == "ok"
    )
    by_device: dict[str, list[tuple[datetime, str]]] = {}
    for row in db.session.execute(query.order_by(SignInAttempt.at)):
        by_device.setdefault(row.device, []).append((row.at, accounts[row.account_id]))

    def asked(one: str, other: str) -> int:
        return sum(
            {before[1], after[1]} == {one, other} and after[0] - before[0] <= TOGETHER
            for signs in by_device.values()
            for before, after in pairwise(signs)
        )

    return asked
