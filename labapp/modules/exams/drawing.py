"""A paper drawn for one member: the same seed, member and attempt give the same questions in the same order.

Pure. The order is that of hashes, so that it is the same on every machine and with every version of Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from labapp.late import Late

if TYPE_CHECKING:
    from labapp.modules.exams import shape
    from labapp.modules.exams.shape import Exam, Paper, Question
else:
    shape = Late("labapp.modules.exams.shape")


def drawn(exam: Exam, paper: Paper, seed: int, member: str, number: int) -> dict[str, Any]:
    """The paper as plain JSON: `questions` as they will be asked, with their right answers."""
    about = f"{seed}/{member}/{paper.key}/{number}"
    chosen: list[Question] = []
    for draw in paper.draw:
        stock = [question for question in exam.questions if question.topic == draw.topic]
        mixed = _mixed([question.key for question in stock], f"{about}/draw")
        taken = frozenset(mixed[: draw.count])
        chosen += [question for question in stock if question.key in taken]
    if paper.shuffle:
        order = _mixed([question.key for question in chosen], f"{about}/order")
        chosen.sort(key=lambda question: order.index(question.key))
    return {
        "paper": paper.model_dump(mode="json"),
        "questions": [_with_options(question, paper, f"{about}/{question.key}") for question in chosen],
    }


def _with_options(question: Question, paper: Paper, about: str) -> dict[str, Any]:
    said = question.model_dump(mode="json")
    if paper.shuffle and question.options:
        order = _mixed([option.key for option in question.options], about)
        said["options"].sort(key=lambda option: order.index(option["key"]))
    return said


def _mixed(keys: Iterable[str], about: str) -> list[str]:
    return sorted(keys, key=lambda key: hashlib.sha256(f"{about}/{key}".encode()).digest())


def questions_of(drawn_paper: dict[str, Any]) -> list[Question]:
    """The questions of a drawn paper, in its order."""
    return [shape.Question.model_validate(said) for said in drawn_paper["questions"]]


def paper_of(drawn_paper: dict[str, Any]) -> Paper:
    return shape.Paper.model_validate(drawn_paper["paper"])
