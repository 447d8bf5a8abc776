"""Opening a course as a job: with progress, taken up after a kill, half of it never seen (product.md L1)."""

from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from labapp import clock, jobs
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.db.migrate import analyze
from labapp.people.directory import sandboxes_of
from labapp.people.models import INSTRUCTOR, OPENING, PURGING, READY, Course, Membership, Sandbox
from labapp.records.work import writing
from labapp.scenario.library import looked_at, scenarios
from labapp.scenario.problems import BadScenario

KIND = "course.open"
FURTHER = "course.further"
ASKED = ("name", "seed", "students", "mode", "team_size", "language", "title", "term", "listed")


@jobs.task(KIND)
def open_course(run: jobs.Run) -> None:
    """Open the course that was asked for. `result`: course_id, and membership_id of its instructor.

    `resume` names the course from the transaction on that made it: a run that was killed goes on with that one.
    """
    with force_locale("en" if run.args["locale"] == "en" else "zh_Hans_CN"):
        course_id = _open(run)
    analyze()
    first = sandboxes_of(course_id)[0]
    query = select(Membership.id).where(Membership.sandbox_id == first.id, Membership.role == INSTRUCTOR)
    membership_id = db.session.scalars(query.order_by(Membership.id)).first()
    run.result = {"course_id": course_id, "membership_id": membership_id}


def _open(run: jobs.Run) -> int:
    from labapp.scenario import open as opening

    source = scenarios().get(run.args["scenario"])
    found = looked_at(source) if source is not None else None
    if found is None or isinstance(found, BadScenario):
        raise jobs.GaveUp(_("There is no such scenario any more, or it has mistakes."))
    asked = {name: run.args[name] for name in ASKED if name in run.args}
    wanted = opening.Opening(**asked, instructor_account_id=run.account_id)

    def note(course_id: int) -> None:
        run.progress(0, 0, resume={"course_id": course_id})

    try:
        begun = run.resume.get("course_id")
        return opening.open_course(found, wanted, run.progress, begun=begun, note=note).id
    except Invalid as error:
        raise jobs.GaveUp(str(error)) from error


def is_taken(name: str) -> bool:
    """Whether a course or sandbox is called so, or a course that is being opened will be."""
    course = db.session.scalars(select(Course).where(Course.name == name)).first()
    if course is not None:
        return not _is_broken(course)
    return db.session.execute(select(Sandbox.id).where(Sandbox.name == name)).first() is not None


def free_name(name: str) -> None:
    """Put a course of this name aside whose opening was given up; in the running write transaction."""
    from labapp.scenario.unit import set_aside

    course = db.session.scalars(select(Course).where(Course.name == name)).first()
    if course is None or not _is_broken(course):
        return
    for half in db.session.scalars(select(Sandbox).where(Sandbox.course_id == course.id)):
        set_aside(half)
    course.name, course.listed, course.closed_at = f"{name[:60]}~{course.id}", False, clock.now()
    db.session.flush()


def unfinished(name: str) -> jobs.Job | None:
    """The job that opens, or will go on opening, a course of this name."""
    waiting = select(jobs.Job).where(jobs.Job.kind == KIND, jobs.Job.state.in_((jobs.QUEUED, jobs.RUNNING)))
    return next((job for job in db.session.scalars(waiting) if job.args["name"] == name), None)


def _is_broken(course: Course) -> bool:
    """Nothing of it was ever seen, and nobody goes on with it."""
    seen = select(Sandbox.id).where(
        Sandbox.course_id == course.id, Sandbox.state.not_in(("opening", "ready", "purging"))
    )
    return db.session.execute(seen).first() is None and unfinished(course.name) is None


def leftovers() -> list[int]:
    """Sandboxes that nobody will ever see: put aside when an opening was broken off. Those of late joiners are put
    aside here, a day after; the ids of all.
    """
    from labapp.scenario.unit import set_aside

    with writing():
        old = select(Sandbox).where(
            Sandbox.state.in_((OPENING, READY)),
            Sandbox.clock_set_at < clock.now() - timedelta(days=1),
            Sandbox.name.not_like("%~new%"),  # a reset knows its own
        )
        for half in db.session.scalars(old):
            course = db.session.get_one(Course, half.course_id)
            if unfinished(course.name) is None:
                set_aside(half)
        aside = select(Sandbox.id, Sandbox.name).where(Sandbox.state == PURGING, Sandbox.name.like("%~%"))
        return [number for number, name in db.session.execute(aside) if name.endswith(f"~{number}")]


def as_asked(**said: Any) -> dict[str, Any]:
    """The arguments of the job, in plain JSON: what is not said is left to the scenario."""
    return {**dict.fromkeys(ASKED), "term": "", "mode": "class", "listed": True, **said}


@jobs.task(FURTHER)
def open_further(run: jobs.Run) -> None:
    """Open `count` more sandboxes of a course for those who join late. A run that was killed opens what is missing.

    One that was half made is put aside. `result`: course_id.
    """
    from labapp.scenario import late

    course_id, wanted = int(run.args["course_id"]), int(run.args["count"])
    half = run.resume.get("half")
    done = int(run.resume.get("done", 0)) + late.settle(half)
    with force_locale("en" if run.args["locale"] == "en" else "zh_Hans_CN"):
        while done < wanted:
            at = done

            def note(sandbox_id: int, at: int = at) -> None:
                run.progress(at, wanted, resume={"done": at, "half": sandbox_id})

            try:
                late.open_further(course_id, note=note)
            except Invalid as error:
                raise jobs.GaveUp(str(error)) from error
            done += 1
            run.progress(done, wanted, resume={"done": done})
    analyze()
    run.result = {"course_id": course_id}
