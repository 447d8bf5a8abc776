"""The history of every mark: who gave what, when and why, runs and rubrics among them (product.md L5)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from instructor.common import bp, console_page
from instructor.gradebook import crumbs, member_or_404, sandboxes, tasks_by_key, ways
from labapp.db import db
from labapp.gradebook.models import KINDS, GradeRun, LedgerEntry
from labapp.gradebook.rubrics import versions_of
from labapp.oplog.models import AdminEntry
from labapp.oplog.read import of_course
from labapp.people.directory import Member, directory_of
from labapp.people.models import Course, Sandbox
from labapp.values import dataclass

PAGE, RUNS = 100, 50


@dataclass(frozen=True)
class Entry:
    """One line of the history. `at` is UTC, `until` lab time; `member` None: everybody. `number`: of the row."""

    at: datetime
    kind: str
    account: str
    number: int
    member: Member | None = None
    task: str = ""
    points: Any = None
    until: datetime | None = None
    reason: str = ""
    note: str = ""


@bp.get("/grades/history")
@console_page("grades")
def grades_history() -> ResponseReturnValue:
    """The newest first, a hundred at a time; of one member, of one task or of one kind where asked."""
    key, task, kind = (request.args.get(name, "").strip()[:80] for name in ("member", "task", "kind"))
    asked = {"member": key, "task": task, "kind": kind if kind in (*KINDS, "run", "rubric") else ""}
    found = sorted(entries(**asked), key=lambda entry: (entry.at, entry.number), reverse=True)
    start = start_asked()
    return render_template(
        "instructor/grades_history.html",
        entries=found[start : start + PAGE],
        more=start + PAGE if len(found) > start + PAGE else None,
        asked=asked,
        tasks=tasks_by_key(),
        kinds=(*KINDS, "run", "rubric"),
        members=sorted(
            (
                one
                for sandbox in sandboxes()
                for one in directory_of(sandbox).members.values()
                if is_shown(one)
            ),
            key=lambda one: one.key,
        ),
        ways=ways("history"),
        crumbs=crumbs((_("History"), None)),
    )


def start_asked() -> int:
    text = request.args.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def is_shown(member: Member) -> bool:
    return member.role == "student" and member.account_id is not None


def entries(member: str, task: str, kind: str) -> Iterator[Entry]:
    """All that fits, in no order."""
    places = [member_or_404(member)[0]] if member else sandboxes()
    for sandbox in places:
        people = directory_of(sandbox)
        only = people.by_key[member] if member else None
        if kind not in {"run", "rubric"}:
            yield from words(sandbox, only, task, kind)
        if kind in {"", "run"}:
            yield from results(sandbox, only, task) if only else runs(sandbox)
    if kind in {"", "rubric"} and not task:
        yield from rubrics()


def rubrics() -> Iterator[Entry]:
    """The rubrics of the course as they came into force, with the reason that was given."""
    course = db.session.get_one(Course, g.sandbox.course_id)
    acts = select(AdminEntry.details).where(AdminEntry.action == "rubric.force", of_course(course))
    last = db.session.scalars(acts.order_by(AdminEntry.id))
    why = {act.get("sha256"): act.get("reason", "") for act in last}
    for version in versions_of(g.sandbox.course_id):
        sha256, account = version.sha256, version.account or ""
        yield Entry(version.at, "rubric", account, version.id, reason=why.get(sha256, ""), note=sha256[:12])


def words(sandbox: Sandbox, member: Member | None, task: str, kind: str) -> Iterator[Entry]:
    """The words of people, from the ledger."""
    query = select(LedgerEntry).where(LedgerEntry.sandbox_id == sandbox.id)
    if member is not None:
        query = query.where((LedgerEntry.membership_id == member.id) | LedgerEntry.membership_id.is_(None))
    if task:
        query = query.where(LedgerEntry.task == task)
    if kind:
        query = query.where(LedgerEntry.kind == kind)
    people = directory_of(sandbox).members
    for row in db.session.scalars(query):
        whose = people.get(row.membership_id) if row.membership_id else None
        yield Entry(row.at, row.kind, row.account, row.id, whose, row.task, row.points, row.until, row.reason)


def runs(sandbox: Sandbox) -> Iterator[Entry]:
    """The runs that are stored, without looking into them."""
    query = select(GradeRun.at, GradeRun.id, GradeRun.cutoff, GradeRun.last_step, GradeRun.rubric_sha256)
    for row in db.session.execute(query.where(GradeRun.sandbox_id == sandbox.id)):
        yield Entry(row.at, "run", "", row.id, note=run_note(row))


def run_note(row: Any) -> str:
    step, rubric = row.last_step, row.rubric_sha256[:12]
    if row.cutoff:
        cutoff = row.cutoff.replace("T", " ")
        return _(
            "cut-off %(cutoff)s, step %(step)s, rubric %(rubric)s", cutoff=cutoff, step=step, rubric=rubric
        )
    return _("step %(step)s, rubric %(rubric)s", step=step, rubric=rubric)


def results(sandbox: Sandbox, member: Member, task: str) -> Iterator[Entry]:
    """What each of the last runs gave this member, where it gave something else than the one before."""
    query = select(GradeRun).where(GradeRun.sandbox_id == sandbox.id).order_by(GradeRun.id.desc()).limit(RUNS)
    last: Any = ()
    for run in reversed(db.session.scalars(query).all()):
        row = next((one for one in run.result["results"] if one["member"] == member.key), None)
        points = points_in(row, task) if row is not None else ()
        if row is not None and points != last:
            yield Entry(run.at, "run", "", run.id, member, task, points, note=run_note(run))
        last = points


def points_in(row: dict[str, Any], task: str) -> Any:
    """The member's points of a run: of one task where asked, else the total."""
    if not task:
        return row["points"]
    return next((one["points"] for one in row["tasks"] if one["key"] == task), None)
