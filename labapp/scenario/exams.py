"""The examination of a course: from exam.yaml at its opening, and from a text that is edited while it runs (B12)."""

from typing import Any

from pydantic import ValidationError

from labapp.clock import now
from labapp.db import db
from labapp.grading import BadRubric, read_rubric
from labapp.modules.exams.kinds import SHOWN
from labapp.modules.exams.models import CourseExam
from labapp.modules.exams.shape import Exam
from labapp.people.models import Course
from labapp.scenario.check_exam import FILE, ExamChecker, check_papers
from labapp.scenario.files import kept_files
from labapp.scenario.messages import said as sentence
from labapp.scenario.problems import Problems
from labapp.scenario.read import Scenario
from labapp.scenario.yamlfile import read_yaml


def read_exam(text: str, rubric: str = "") -> Exam:
    """An examination from its text. Raises BadScenario with all that is wrong, papers that the rubric misses too."""
    problems = Problems()
    file = read_yaml(kept_files("", {FILE: text}), FILE, problems)
    problems.stop_if_any()
    assert file is not None
    try:
        exam = Exam.model_validate(file.data)
    except ValidationError as invalid:
        for error in invalid.errors():
            said = sentence(error)
            problems.add(file.place(error["loc"]), said.en, said.zh)
        problems.stop_if_any()
        raise
    ExamChecker(exam, file, problems).check()
    _held_against(rubric, exam, problems)
    problems.stop_if_any()
    return exam


def _held_against(rubric: str, exam: Exam, problems: Problems) -> None:
    """A rubric that cannot be read is told of elsewhere."""
    try:
        read = read_rubric(rubric.encode(), "rubric.yaml") if rubric.strip() else None
    except BadRubric:
        return
    if read is not None:
        check_papers(read, exam, problems)


def shown(scenario: Scenario) -> dict[str, Any]:
    """The setting by which the menu knows that there are papers."""
    return {SHOWN: True} if scenario.exam is not None else {}


def give_exam(course: Course, scenario: Scenario) -> None:
    """Give a course that is being opened the examination of its scenario, if that has one."""
    if scenario.exam is not None:
        text = scenario.texts[FILE]
        content = scenario.exam.model_dump(mode="json")
        db.session.add(CourseExam(course_id=course.id, text=text, content=content))


def change_exam(row: CourseExam, text: str, exam: Exam) -> None:
    """Put another text in force. Papers that somebody sits, or has sat, stay as they were drawn."""
    row.text, row.content = text, exam.model_dump(mode="json")
    row.version, row.updated_at = row.version + 1, now()
