"""What an examination is made of: a bank of questions, and papers that draw from it (002 §4-2).

`exam.yaml` of a scenario says it so; a course keeps it as plain JSON (`Exam.model_dump(mode="json")`).
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Moment = Annotated[str, StringConstraints(pattern=r"^[+-]\d{1,4}d ([01]\d|2[0-3]):[0-5]\d$")]
Points = Annotated[Decimal, Field(gt=0, le=1000, max_digits=6, decimal_places=2)]
Number = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]
Accepted = Annotated[str, StringConstraints(min_length=1, max_length=255, strip_whitespace=True)]


class Said(BaseModel):
    """Unknown words are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Wording(Said):
    """One text in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
    zh: Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]

    def say(self, language: str) -> str:
        """The text in that language."""
        return self.zh if language == "zh" else self.en


class Option(Said):
    """What may be chosen. `right` never leaves the server before the results are shown."""

    key: Key
    text: Wording
    right: bool = False


class Question(Said):
    """One question of the bank.

    `options` for single and multiple, `answer` for truth and number (within `tolerance`), `accepts` for text, whatever
    the language. `partial`: a multiple answer that is right in part earns a part. `why` is told with the results.
    """

    key: Key
    topic: Key
    kind: Literal["single", "multiple", "truth", "number", "text"]
    ask: Wording
    points: Points = Decimal(1)
    options: Annotated[tuple[Option, ...], Field(max_length=20)] = ()
    answer: bool | Number | None = None
    tolerance: Annotated[Number, Field(ge=0)] = Decimal(0)
    accepts: Annotated[tuple[Accepted, ...], Field(max_length=50)] = ()
    partial: bool = True
    why: Wording | None = None

    @property
    def right(self) -> frozenset[str]:
        """The keys of the right options."""
        return frozenset(option.key for option in self.options if option.right)


class Draw(Said):
    """So many questions of one topic."""

    topic: Key
    count: Annotated[int, Field(ge=1, le=200)]


class Paper(Said):
    """What a student sits: questions drawn for each, a time limit, so many attempts.

    `opens` and `closes` count from the start, by the sandbox clock. `shows` says when results are seen: at once, or
    once the instructor has released them.
    """

    key: Key
    title: Wording
    about: Wording | None = None
    minutes: Annotated[int, Field(ge=1, le=600)]
    attempts: Annotated[int, Field(ge=1, le=20)] = 1
    shows: Literal["at_once", "released"] = "released"
    opens: Moment | None = None
    closes: Moment | None = None
    shuffle: bool = True
    draw: Annotated[tuple[Draw, ...], Field(min_length=1, max_length=50)]


class Exam(Said):
    """`exam.yaml` as a whole. `topics`: what its topics are called; one without is called by its key."""

    exam: Literal[1]
    topics: Annotated[dict[Key, Wording], Field(max_length=200)] = {}
    papers: Annotated[tuple[Paper, ...], Field(min_length=1, max_length=50)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=2000)]

    def paper(self, key: str) -> Paper | None:
        """The paper of this key, if there is one."""
        return next((paper for paper in self.papers if paper.key == key), None)

    def topic(self, key: str, language: str) -> str:
        """What a topic is called; its key, where nobody said so."""
        return self.topics[key].say(language) if key in self.topics else key
