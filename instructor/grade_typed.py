"""What is typed on the pages of grades: tasks, points, reasons, times, comments. Raises Invalid with a sentence."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from flask import g, request
from flask_babel import gettext as _

from labapp.access.errors import Invalid
from labapp.gradebook import bank
from labapp.gradebook.book import Line
from labapp.grading import Rubric
from labapp.grading.checks.by_hand import ByHand
from labapp.grading.rubric import Task
from labapp.records import parse

REASON = 2_000


def task_typed(rubric: Rubric) -> Task:
    try:
        return rubric.task(request.form.get("task", ""))
    except KeyError:
        raise Invalid(_("There is no such task in the rubric.")) from None


def check_typed(task: Task) -> int:
    """The place of a check by hand in its task."""
    place = number_typed("check")
    if place is None or place >= len(task.lines) or not isinstance(task.lines[place].check, ByHand):
        raise Invalid(_("This check is not marked by hand."))
    return place


def number_typed(name: str) -> int | None:
    """A whole number from 0; None where nothing of the sort was sent."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def comment_typed(line: Line, task: str) -> int | None:
    """The comment in force on a task whose number was sent."""
    number = number_typed("about")
    if number is None:
        return None
    if number not in {said.id for said in line.fold.comments.get(task, ())}:
        raise Invalid(_("There is nothing to withdraw: this comment is not in force."))
    return number


def comments_typed(task: str) -> list[str]:
    """What is said with a mark: the chosen ones of the bank, then the words typed; those are kept where asked for."""
    course_id, account_id = g.sandbox.course_id, g.account.id
    chosen = set(request.form.getlist("bank"))
    said = [kept.text for kept in bank.found(course_id, account_id, task) if str(kept.id) in chosen]
    typed = " ".join(request.form.get("comment", "").split())[:REASON]
    if typed and request.form.get("keep") and len(typed) <= bank.LONGEST:
        bank.keep(course_id, account_id, task, typed, shared=request.form.get("keep") == "shared")
    return [*said, typed] if typed else said


def scale_of(task: Task, place: int) -> Fraction:
    check = task.lines[place].check
    return check.scale if isinstance(check, ByHand) else Fraction(0)


def points_typed(most: Fraction) -> Decimal:
    """Points from 0 to `most`, at most two decimals. Raises Invalid."""
    try:
        found = parse.money(request.form.get("points", ""))
    except ValueError:  # its sentence speaks of amounts
        found = None
    if found is None or Fraction(found) > most:
        sentence = _("Give points from 0 to %(most)s, with at most two decimals.", most=f"{float(most):g}")
        raise Invalid(sentence)
    return found


def reason_typed(needed: bool = True) -> str:
    reason = " ".join(request.form.get("reason", "").split())[:REASON]
    if needed and not reason:
        raise Invalid(_("Say why: the student may ask, and so may an examiner."))
    return reason


def moment_typed(name: str) -> datetime | None:
    try:
        return parse.moment(request.form.get(name, ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
