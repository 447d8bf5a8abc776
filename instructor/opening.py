"""Opening a course from a scenario: long work, done by a job that survives a kill (product.md L1)."""

from typing import TYPE_CHECKING

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from labapp import clock, jobs
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.db.migrate import analyze
from labapp.people.models import INSTRUCTOR, Account, Course, Membership, Sandbox
from labapp.records.work import writing
from labapp.scenario.library import looked_at, scenarios_for
from labapp.scenario.problems import BadScenario

if TYPE_CHECKING:  # read when a scenario is: it takes a tenth of the time of a start
    from labapp.scenario.read import Scenario

KIND = "course.open"


def known_scenarios(account: Account) -> "dict[str, Scenario | BadScenario]":
    """Every scenario an instructor may open, by key: what it says, or all that is wrong with it."""
    return {key: looked_at(files) for key, files in scenarios_for(account).items()}


def is_taken(name: str) -> bool:
    """Whether a course or sandbox is called so."""
    query = select(Course.id).where(Course.name == name).union(select(Sandbox.id).where(Sandbox.name == name))
    return db.session.execute(query).first() is not None


@jobs.task(KIND)
def open_course(run: jobs.Run) -> None:
    """Open the course that was asked for. `result`: course_id and membership_id of its instructor.

    A run that was killed is begun anew; what it had made half is set aside, unseen by everybody.
    """
    with force_locale("en" if run.args["locale"] == "en" else "zh_Hans_CN"):
        if run.resume.get("begun"):
            _set_aside(run.args["name"], run.id)
        run.progress(0, 0, resume={"begun": True})
        sandbox = _standing(run) or _open(run)
    analyze()
    query = select(Membership.id).where(Membership.sandbox_id == sandbox.id, Membership.role == INSTRUCTOR)
    membership_id = db.session.scalars(query.order_by(Membership.id)).first()
    run.result = {"course_id": sandbox.course_id, "membership_id": membership_id}


def _standing(run: jobs.Run) -> Sandbox | None:
    """The sandbox, if an earlier run of this job had finished it."""
    if run.resume.get("finished") is None:
        return None
    return db.session.get(Sandbox, run.resume["finished"])


def _open(run: jobs.Run) -> Sandbox:
    from labapp.scenario.open import Opening, open_sandbox

    account = db.session.get(Account, run.account_id)
    found = known_scenarios(account).get(run.args["scenario"]) if account is not None else None
    if found is None or isinstance(found, BadScenario):
        raise jobs.GaveUp(_("There is no such scenario any more, or it has mistakes."))
    asked = run.args
    opening = Opening(
        name=asked["name"],
        seed=asked["seed"],
        students=asked["students"],
        language=asked["language"],
        instructor_account_id=run.account_id,
        title=asked["title"],
        term=asked["term"],
    )
    try:
        sandbox = open_sandbox(found, opening, run.progress)
    except Invalid as error:
        raise jobs.GaveUp(str(error)) from error
    run.progress(1, 1, resume={"begun": True, "finished": sandbox.id})
    return db.session.get_one(Sandbox, sandbox.id)


def _set_aside(name: str, job_id: int) -> None:
    """Free the name of a course whose opening was broken off."""
    with writing():
        half = db.session.scalars(
            select(Sandbox).where(Sandbox.name == name, Sandbox.state == "opening")
        ).first()
        if half is None:
            return
        course = db.session.get_one(Course, half.course_id)
        half.name = course.name = f"{name}~{job_id}"
        course.listed, course.closed_at = False, clock.now()
