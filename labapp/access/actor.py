"""The one who asks: a member of a sandbox, with the facts that decide what they reach."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

from flask import has_request_context

from labapp import clock
from labapp.access import profiles
from labapp.access.errors import NotFound
from labapp.people.directory import Directory, Member, directory_of
from labapp.people.models import ASSISTANT, INSTRUCTOR, OBSERVER, OPEN, STUDENT, Sandbox
from labapp.people.words import here
from labapp.values import dataclass

T = TypeVar("T")
KEPT = 5_000


class Shared(Generic[T]):
    """A property worked out once for all actors that share their `kept`."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self.work_out, self.name = work_out, work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, actor: None, _owner: Any = None) -> "Shared[T]": ...
    @overload
    def __get__(self, actor: "Actor", _owner: Any = None) -> T: ...

    def __get__(self, actor: "Actor | None", _owner: Any = None) -> "T | Shared[T]":
        if actor is None:
            return self
        kept = actor.kept
        value: T = kept[self.name] if self.name in kept else kept.setdefault(self.name, self.work_out(actor))
        actor.__dict__[self.name] = value  # found there from now on
        return value


@dataclass(frozen=True)
class Clock:
    """The sandbox's clock, as `clock.lab_now` reads it."""

    clock_mode: str
    clock_base: datetime
    clock_set_at: datetime
    clock_pace: int = 1
    clock_goal: datetime | None = None

    @classmethod
    def of(cls, sandbox: Sandbox) -> "Clock":
        """The clock of a sandbox as it stands."""
        return cls(
            sandbox.clock_mode,
            sandbox.clock_base,
            sandbox.clock_set_at,
            sandbox.clock_pace,
            sandbox.clock_goal,
        )

    @classmethod
    def standing_at(cls, moment: datetime) -> "Clock":
        """A clock that shows this lab time for good."""
        return cls("stepped", moment, moment, 0, moment)


@dataclass(frozen=True, eq=False)
class Actor:
    """A member acting in a sandbox. Sets of owners are sets of membership ids."""

    sandbox_id: int
    member: Member
    directory: Directory
    settings: Mapping[str, Any]
    stamp: str
    clock: "Clock"
    language: str = "zh"
    state: str = OPEN

    @property
    def frozen(self) -> bool:
        """Whether the sandbox is read and not changed: frozen, put aside or restored."""
        return self.state != OPEN

    @property
    def lab_now(self) -> datetime:
        return clock.lab_now(self.clock)

    def at(self, moment: datetime) -> "Actor":
        """The same at a lab time that stands still: for what falls due then."""
        return replace(self, clock=Clock.standing_at(moment))

    @property
    def id(self) -> int:
        return self.member.id

    @property
    def key(self) -> str:
        return self.member.key

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def role(self) -> str:
        return self.member.role

    @property
    def is_instructor(self) -> bool:
        return self.role == INSTRUCTOR

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What reading for this actor has worked out once, for as long as the request."""
        return {}

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What follows from the standing of this member, for as long as the sandbox has this stamp."""
        return {}

    @Shared
    def sees_all(self) -> bool:
        """Instructors and assistants see the whole sandbox; an observer without a position too (P3)."""
        return self.role in {INSTRUCTOR, ASSISTANT} or (self.role == OBSERVER and not self.member.positions)

    @Shared
    def below(self) -> frozenset[int]:
        """The members below me; for an observer everybody in the subtree of the position."""
        if self.role == OBSERVER:
            return frozenset(m for p in self.member.positions for m in self.directory.people_in(p))
        return self.directory.below(self.id)

    @Shared
    def itself(self) -> frozenset[int]:
        return frozenset({self.id})

    @Shared
    def configures(self) -> bool:
        """Whether a student keeps the set-up of the own sandbox, as its administrator would (design.md)."""
        return self.role == STUDENT and "configurator" in self.profiles

    @Shared
    def commands(self) -> frozenset[int]:
        """Whose records are mine to delete and to transfer: my own and those of the people below."""
        return self.below | {self.id}

    @Shared
    def mates(self) -> frozenset[int]:
        """Members of my sharing groups."""
        return self.directory.mates(self.id)

    @Shared
    def circle(self) -> frozenset[int]:
        """Whose private records I read and edit: mine, those below, those of my groups (P5, P6)."""
        return self.commands | self.mates

    @Shared
    def profiles(self) -> frozenset[str]:
        """The profiles of my positions; one without inherits from the nearest above that has one."""
        return frozenset(self._profile(place_id) for place_id in self.member.positions)

    def _profile(self, place_id: int) -> str:
        chain = [self.directory.places[place_id], *self.directory.above(place_id)]
        return next((place.profile for place in chain if place.profile), profiles.DEFAULT)

    @Shared
    def writes(self) -> frozenset[str]:
        found = profiles.writes(self.role, self.profiles)
        return found | profiles.GIVEN if self.role == STUDENT and self.below else found

    @Shared
    def reads(self) -> frozenset[str]:
        return profiles.reads(self.role, self.profiles)

    @Shared
    def console(self) -> frozenset[str]:
        pages = profiles.console(self.role, self.profiles)
        return pages | {"quotas"} if self.role == "student" and self.below else pages

    def mode(self, setting: str | None) -> str:
        """The sharing mode: private, read_only or read_write."""
        return str(self.settings.get(f"sharing.{setting}", "private")) if setting else "private"


def actor_of(sandbox: Sandbox, membership_id: int) -> Actor:
    """The member of this sandbox as an actor. Raises `NotFound` if the membership is not in it."""
    directory = directory_of(sandbox)
    member = directory.members.get(membership_id)
    if member is None:
        raise NotFound("membership")
    actor = Actor(
        sandbox.id,
        member,
        directory,
        sandbox.settings,
        sandbox.stamp,
        Clock.of(sandbox),
        sandbox.language,
        sandbox.state,
    )
    actor.__dict__["kept"] = _kept_of(actor)
    return actor


def _kept_of(actor: Actor) -> dict[str, Any]:
    """What is kept for the member at this stamp, while settings and directory are the very same."""
    key = (actor.sandbox_id, actor.stamp, actor.id)
    found = _kept.get(key)
    if found is None or found[0] is not actor.settings or found[1] is not actor.directory:
        if len(_kept) >= KEPT:
            _kept.clear()
        found = _kept[key] = (actor.settings, actor.directory, {})
    return found[2]


_kept: dict[tuple[int, str, int], tuple[Mapping[str, Any], Directory, dict[str, Any]]] = {}


def forget() -> None:
    """Keep nothing: what a profile opens is another now."""
    _kept.clear()


def current_actor() -> Actor | None:
    """Who makes this request, in the sandbox they are in; None when signed out or outside a sandbox."""
    return here().get("actor") if has_request_context() else None


def current_viewer() -> Actor | None:
    """Who looks at this page through the eyes of the current actor; None where everybody is themselves."""
    return here().get("viewer") if has_request_context() else None


def system_actor(sandbox: Sandbox) -> Actor:
    """The house itself in this sandbox: for set-up, timeline and public forms. Only `Setup` acts by it."""
    nobody = Member(0, 0, "", "labapp", None, INSTRUCTOR, "active", None, ())
    return Actor(
        sandbox.id,
        nobody,
        directory_of(sandbox),
        sandbox.settings,
        sandbox.stamp,
        Clock.of(sandbox),
        sandbox.language,
    )
