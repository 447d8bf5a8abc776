"""What a student is shown of a paper: questions without their answers, and after that what was right."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from labapp.modules.exams.drawing import questions_of
from labapp.modules.exams.kinds import MULTIPLE, NUMBER, SINGLE, TEXT, TRUTH
from labapp.modules.exams.models import Attempt
from labapp.values import dataclass

if TYPE_CHECKING:  # see labapp.late
    from labapp.modules.exams.shape import Question


@dataclass(frozen=True)
class Choice:
    """One option of a question that is asked. `value` is its place: keys stay on the server."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Asked:
    """A question as it is asked: nothing in it tells what is right."""

    place: int
    kind: str
    text: str
    points: str
    choices: tuple[Choice, ...]
    typed: str

    @property
    def name(self) -> str:
        return f"a{self.place}"

    @property
    def answered(self) -> bool:
        return bool(self.typed) or any(choice.chosen for choice in self.choices)


def asked(attempt: Attempt, language: str) -> list[Asked]:
    """The questions of a paper that is being sat, with what was answered so far."""
    return [
        _asked(place, question, attempt.answers.get(question.key), language)
        for place, question in enumerate(questions_of(attempt.drawn), start=1)
    ]


def _asked(place: int, question: Question, answer: Any, language: str) -> Asked:
    keys = answer if isinstance(answer, list) else []
    choices = tuple(
        Choice(str(number), option.text.say(language), option.key in keys)
        for number, option in enumerate(question.options, start=1)
    )
    if question.kind == TRUTH:
        choices = tuple(
            Choice(value, str(text), answer == value)
            for value, text in (("true", _("True")), ("false", _("False")))
        )
    typed = answer if isinstance(answer, str) and question.kind in (NUMBER, TEXT) else ""
    return Asked(place, question.kind, question.ask.say(language), short(question.points), choices, typed)


@dataclass(frozen=True)
class Told:
    """One option, or one answer, in a result. `right` is None where that is not told yet."""

    text: str
    chosen: bool
    right: bool | None


@dataclass(frozen=True)
class Outcome:
    """A question in a result. `answers` what was chosen and, once it may be told, what was right."""

    place: int
    text: str
    points: str
    most: str
    full: bool
    answers: tuple[Told, ...]
    given: str
    wanted: str
    why: str


def outcomes(attempt: Attempt, language: str, *, answers: bool) -> list[Outcome]:
    """The questions of a paper that was handed in, with their marks; `answers`: with the right answers as well."""
    return [
        _outcome(place, question, attempt, language, answers)
        for place, question in enumerate(questions_of(attempt.drawn), start=1)
    ]


def _outcome(place: int, question: Question, attempt: Attempt, language: str, tell: bool) -> Outcome:
    answer = attempt.answers.get(question.key)
    got = Decimal(attempt.marks.get(question.key, "0"))
    keys = answer if isinstance(answer, list) else []
    told = tuple(
        Told(option.text.say(language), option.key in keys, option.right if tell else None)
        for option in question.options
        if tell or option.key in keys
    )
    return Outcome(
        place,
        question.ask.say(language),
        short(got),
        short(question.points),
        Fraction(got) == Fraction(question.points),
        told,
        said(question, answer) if question.kind not in (SINGLE, MULTIPLE) else "",
        _wanted(question) if tell else "",
        question.why.say(language) if question.why is not None and tell else "",
    )


def said(question: Question, answer: Any) -> str:
    """What was typed, or chosen of true and false, in words."""
    if not isinstance(answer, str):
        return ""
    if question.kind == TRUTH:
        return str(_("True") if answer == "true" else _("False"))
    return answer


def _wanted(question: Question) -> str:
    """The right answer in words, where there are no options."""
    if question.kind == TRUTH:
        return str(_("True") if question.answer else _("False"))
    if question.kind == NUMBER:
        exact = short(Decimal(str(question.answer)))
        return f"{exact} ± {short(question.tolerance)}" if question.tolerance else exact
    return " / ".join(question.accepts)


def short(points: Decimal) -> str:
    """A number without zeros behind the point."""
    return f"{points:f}".rstrip("0").rstrip(".") if "." in f"{points:f}" else f"{points:f}"
