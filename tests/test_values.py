"""Dataclasses that are finished late behave as those of the standard library."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, field, replace
from functools import cached_property

import pytest

from labapp.values import dataclass, fields


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0
    names: tuple[str, ...] = field(default_factory=tuple)

    @cached_property
    def length(self) -> int:
        return self.x + self.y


def test_it_is_finished_by_the_first_that_is_made() -> None:
    @dataclass(frozen=True)
    class Late:
        x: int

    assert not dataclasses.is_dataclass(Late)
    assert Late(3) == Late(x=3) != Late(4)
    assert dataclasses.is_dataclass(Late)
    assert repr(Late(3)).endswith("Late(x=3)")


def test_it_is_frozen_hashed_copied_and_kept() -> None:
    point = Point(1, 2)
    with pytest.raises(FrozenInstanceError):
        point.x = 5  # type: ignore[misc]
    assert {point: "a"}[Point(1, 2)] == "a"
    assert replace(point, y=7) == Point(1, 7)
    assert copy(point) == deepcopy(point) == point
    assert point.length == 3


def test_wrong_arguments_are_refused_as_ever() -> None:
    @dataclass
    class Late:
        x: int

    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        Late()  # type: ignore[call-arg]


def test_a_mistake_in_a_class_is_told_when_it_is_made() -> None:
    @dataclass
    class Wrong:
        x: list[int] = []

    with pytest.raises(ValueError, match="mutable default"):
        Wrong()


def test_those_it_is_made_from_are_finished_before_it() -> None:
    @dataclass(frozen=True)
    class Base:
        x: int

    @dataclass(frozen=True)
    class More(Base):
        y: int

    class Plain(Base):
        def __init__(self, x: int) -> None:
            super().__init__(x + 1)

    assert More(1, 2) == More(x=1, y=2)
    assert Plain(1).x == 2
    assert [each.name for each in fields(More)] == ["x", "y"]


def test_fields_of_a_class_nobody_made_are_known() -> None:
    @dataclass(kw_only=True)
    class Late:
        x: int

    assert [each.name for each in fields(Late)] == ["x"]


def test_many_threads_finish_it_once() -> None:
    @dataclass(frozen=True)
    class Late:
        x: int

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(Late, range(200)))
    assert [each.x for each in made] == list(range(200))


def test_slots_are_made_at_once() -> None:
    @dataclass(frozen=True, slots=True)
    class Slim:
        x: int

    assert dataclasses.is_dataclass(Slim)
    assert not hasattr(Slim(1), "__dict__")
