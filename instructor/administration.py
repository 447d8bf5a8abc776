"""The administration log: acts on accounts, courses, rosters, rubrics and grades. They are no steps."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import bp, console_page, me
from instructor.log_question import whole
from labapp.db import db
from labapp.oplog import read
from labapp.people.models import Course, Sandbox


@bp.get("/log/administration")
@console_page("users")
def administration_log() -> ResponseReturnValue:
    """The acts that concern this course, newest first."""
    sandbox = db.session.get(Sandbox, me().sandbox_id)
    course = db.session.get(Course, sandbox.course_id) if sandbox else None
    before = whole(request.args.get("before", ""))
    found = read.acts(before, read.PAGE + 1, course)
    shown = found[: read.PAGE]
    return render_template(
        "instructor/administration.html",
        acts=shown,
        next_url=f"/instructor/log/administration?before={shown[-1].id}" if len(found) > len(shown) else None,
        first_url="/instructor/log/administration" if before else None,
        crumbs=[(_("Operation log"), "/instructor/log"), (_("Administration log"), None)],
    )
