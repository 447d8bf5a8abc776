"""Marking an answer. Pure: a question and what was answered give points, exactly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from labapp.modules.exams.kinds import MULTIPLE, NUMBER, SINGLE, TEXT, TRUTH

if TYPE_CHECKING:  # see labapp.late
    from labapp.modules.exams.shape import Question

CENT = Decimal("0.01")
LONGEST = 255
NUMERAL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
BETWEEN = re.compile(r"[\s,_']")
ENDS = " .。!！?？;；,，"


def points_for(question: Question, answer: Any) -> Decimal:
    """The points of one answer, rounded half up to two decimals; an unanswered question has 0."""
    return rounded(share_of(question, answer) * Fraction(question.points))


def share_of(question: Question, answer: Any) -> Fraction:
    """How much of the question was answered rightly, from 0 to 1."""
    if question.kind == MULTIPLE:
        return _several(question, answer)
    return Fraction(int(_fits(question, answer)))


def _fits(question: Question, answer: Any) -> bool:
    if question.kind == SINGLE:
        return isinstance(answer, list) and len(answer) == 1 and set(answer) == question.right
    if not isinstance(answer, str):
        return False
    if question.kind == TRUTH:
        return answer == ("true" if question.answer else "false")
    if question.kind == NUMBER:
        given = number(answer)
        return given is not None and abs(given - Decimal(str(question.answer))) <= question.tolerance
    assert question.kind == TEXT
    return plain(answer) in {plain(text) for text in question.accepts}


def _several(question: Question, answer: Any) -> Fraction:
    """Right choices less wrong ones, of all right ones; nothing below 0. Without `partial`: all or nothing."""
    given = set(answer) if isinstance(answer, list) else set()
    if not question.partial:
        return Fraction(int(given == question.right))
    hits = len(given & question.right) - len(given - question.right)
    return Fraction(max(0, hits), len(question.right))


def number(typed: str) -> Decimal | None:
    """A number as people type it, with commas between thousands, a sign of money or per cent; None for no number."""
    text = BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).strip("¥$€%")
    if not NUMERAL.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def plain(typed: str) -> str:
    """A short text without what people write differently: case, width, blanks, a full stop at the end."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().split()).strip(ENDS)


def rounded(points: Fraction) -> Decimal:
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return exact.quantize(CENT, ROUND_HALF_UP)


def marked(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Decimal]:
    """The points of every question by its key."""
    return {question.key: points_for(question, answers.get(question.key)) for question in questions}


def most(questions: Sequence[Question]) -> Decimal:
    """The most points a paper gives."""
    return sum((question.points for question in questions), start=Decimal(0)).quantize(CENT)


def taken(question: Question, values: Sequence[str]) -> Any:
    """An answer as it is kept, from what a form sent: keys of options by their place, or the text. None: no answer."""
    if question.kind in (SINGLE, MULTIPLE):
        places = [int(value) for value in values if value.isdecimal() and len(value) < 4]
        keys = [option.key for number, option in enumerate(question.options, start=1) if number in places]
        return (keys[:1] if question.kind == SINGLE else keys) or None
    text = values[0][:LONGEST].strip() if values else ""
    if question.kind == TRUTH:
        return text if text in ("true", "false") else None
    return text or None
