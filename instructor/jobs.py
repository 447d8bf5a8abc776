"""The long work of one's courses: what was asked for, how far it is, how it ended."""

from flask import g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from instructor.common import bp, console_page
from instructor.semester import GOING
from instructor.semester_data import is_mine
from labapp.db import db
from labapp.jobs import Job
from labapp.people.models import Account, Course

SHOWN = 100
NAMES = {
    **GOING,
    "course.open": _l("Open a course"),
    "clock.move": _l("Move the clock"),
    "grade.run": _l("Grade the course"),
    "integrity.search": _l("Integrity search"),
    "upgrade.fill": _l("Complete old records after an upgrade"),
    "import.check": _l("Check an import"),
    "import.write": _l("Import"),
    "import.undo": _l("Undo an import"),
}
STATES = {
    "queued": (_l("Waiting"), "secondary"),
    "running": (_l("Running"), "info"),
    "done": (_l("Done"), "success"),
    "failed": (_l("Failed"), "danger"),
}


@bp.get("/jobs")
@console_page("jobs")
def job_list() -> ResponseReturnValue:
    """The last hundred, newest first."""
    query = (
        select(Job, Course.title, Account.name)
        .outerjoin(Course, Course.id == Job.course_id)
        .outerjoin(Account, Account.id == Job.account_id)
        .where(or_(Job.account_id == g.account.id, Job.course_id.in_(select(Course.id).where(is_mine()))))
    )
    rows = db.session.execute(query.order_by(Job.id.desc()).limit(SHOWN)).all()
    crumbs = [(_("Jobs"), None)]
    return render_template("instructor/jobs.html", rows=rows, names=NAMES, states=STATES, crumbs=crumbs)
