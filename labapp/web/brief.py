"""What the course is about, in the words of its scenario: read before the first task (product.md L1)."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from labapp.db import db
from labapp.people.models import Course
from labapp.people.words import language
from labapp.scenario.models import ScenarioText

bp = Blueprint("brief", __name__)


@bp.get("/coach/brief")
def page() -> ResponseReturnValue:
    """The brief of the course as it was opened, in the reader's language."""
    return render_template(
        "coach/brief.html",
        text=brief_of(g.sandbox.course_id, language()),
        crumbs=[(_("My tasks"), "/coach"), (_("The brief"), None)],
    )


def brief_of(course_id: int, reader: str) -> str:
    """The brief in Markdown; empty where the course keeps none."""
    kept = select(ScenarioText.files).join(Course, Course.scenario_sha256 == ScenarioText.sha256)
    files = db.session.scalars(kept.where(Course.id == course_id)).first() or {}
    return str(files.get(f"brief.{reader}.md", ""))
