"""What a check is: settings read from the rubric, and a judgement of one member's log."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, field
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeVar

from labapp.grading.log import Step
from labapp.grading.needs import Needs
from labapp.grading.nodes import Node
from labapp.grading.predicates import Asker
from labapp.grading.reading import Reader, Reading, known_keys, mapping
from labapp.grading.replay import Replay
from labapp.grading.text import Text
from labapp.values import dataclass, fields

TO_BE_MARKED = "to_be_marked"
COULD_NOT_TELL = "could_not_tell"


@dataclass(frozen=True)
class Finding:
    """What a check saw: how much of it (0 to 1), why, and the steps that prove it.

    A check that cannot say has a ``state`` instead of a share.
    """

    share: Fraction | None
    reason: Text
    steps: tuple[Step, ...] = ()
    state: str | None = None


@dataclass(frozen=True)
class Case:
    """One member before one check: ``mark`` is the instructor's, where there is one."""

    replay: Replay
    me: str
    mark: Any = None

    @property
    def asker(self) -> Asker:
        return Asker(self.me, self.replay.header.starts_at)

    @property
    def cutoff(self) -> datetime:
        return self.replay.cutoff


@dataclass(frozen=True, kw_only=True)
class Check(ABC):
    """A check as a rubric sets it. Its fields are its settings, made by ``setting``."""

    @abstractmethod
    def judge(self, case: Case) -> Finding:
        """How far the member got. Whatever is raised means that the check could not tell."""

    def needs(self) -> Needs:
        """What it asks of the log besides the settings, and whether the member did anything at all."""
        return Needs()

    @classmethod
    def misfits(cls, values: Mapping[str, Any], node: Node) -> Iterator[tuple[int, Text]]:
        """Settings that do not fit together: line and what is wrong.

        ``values`` has what could be read of the settings that were written, None where one is unfit.
        """
        return iter(())


def setting(read: Reader, default: Any = MISSING) -> Any:
    """A setting of a check: how it is read; required where it has no default."""
    return field(default=default, metadata={"read": read})


Kind = TypeVar("Kind", bound=Check)


def read_check(check: type[Kind], node: Node, reading: Reading) -> Kind | None:
    """The check as the rubric sets it, or None where something does not fit (noted in the reading)."""
    if node.value is None:
        node = Node({}, node.line)
    entries = mapping(node, reading)
    if entries is None:
        return None
    settings: dict[str, Field[Any]] = {each.name: each for each in fields(check)}
    before = len(reading.problems)
    required = [name for name, each in settings.items() if each.default is MISSING]
    known_keys(node, settings, reading, required)
    reading.kind = _kind(entries)
    values = {}
    for name in [name for name in settings if name in entries]:
        reading.setting = name
        values[name] = settings[name].metadata["read"](entries[name], reading)
    for line, text in check.misfits(values, node):
        reading.wrong(line, text.en, text.zh)
    return check(**values) if len(reading.problems) == before else None


def _kind(entries: dict[str, Node]) -> str | None:
    node = entries.get("kind")
    return node.value if node and isinstance(node.value, str) else None
