"""The rubric in force: read once per version."""

from functools import lru_cache

from sqlalchemy import select

from labapp.db import db
from labapp.grading import Rubric, read_rubric
from labapp.people.models import Course, Sandbox


@lru_cache(maxsize=64)
def parsed(content: str) -> Rubric | None:
    """The rubric of a text; None for an empty one. Raises BadRubric."""
    return read_rubric(content.encode(), name="rubric.yaml") if content.strip() else None


def rubric_text(sandbox: Sandbox) -> str:
    """The rubric of the sandbox's course, as text; '' where there is none."""
    return db.session.execute(select(Course.rubric).where(Course.id == sandbox.course_id)).scalar_one()


def rubric_of(sandbox: Sandbox) -> Rubric | None:
    """The rubric of the sandbox's course; None where there is none."""
    return parsed(rubric_text(sandbox))
