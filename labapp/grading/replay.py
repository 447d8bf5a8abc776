"""The log played up to a moment: who did what, and how every record stands then.

Everything the checks ask is answered here once, not once per check. A replay takes further steps
at any time (``feed``), so a live page need not start from the first step again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from labapp.grading.log import Change, Header, Log, Step
from labapp.grading.predicates import is_filled

Key = tuple[str, Any]
place = attrgetter("place")
Answer = TypeVar("Answer")
Thing = TypeVar("Thing")


class Record:
    """A record as the changes left it. ``creator`` and ``created_at`` belong to its first creation."""

    __slots__ = ("created_at", "creator", "exists", "fields", "last", "serial")

    def __init__(self, serial: Any, fields: dict[str, Any], step: Step, created: bool) -> None:
        self.serial = serial
        self.fields = fields
        self.exists = True
        self.last = step
        self.creator = step.member if created else None
        self.created_at: datetime | None = step.lab_at if created else None

    def come_back(self, fields: dict[str, Any], step: Step) -> None:
        """Be created again, by a restore."""
        self.fields = fields
        self.exists = True
        if self.created_at is None:
            self.creator, self.created_at = step.member, step.lab_at


class Acts:
    """The steps of one member that count, by kind and verb, each list oldest first."""

    __slots__ = ("by_act",)

    def __init__(self) -> None:
        self.by_act: dict[tuple[str, str], list[Step]] = {}

    @property
    def worked(self) -> bool:
        """Whether the member did anything at all, signing in apart."""
        return any(is_work(step) for steps in self.by_act.values() for step in steps)

    def matching(self, kind: str, verb: str) -> list[Step]:
        """The steps of this kind and verb, oldest first; ``*`` stands for any. Not to be changed."""
        if kind != "*" and verb != "*":
            return self.by_act.get((kind, verb), [])
        lists = [
            steps
            for (a_kind, a_verb), steps in self.by_act.items()
            if kind in ("*", a_kind) and verb in ("*", a_verb)
        ]
        return sorted((step for steps in lists for step in steps), key=place)

    def forget(self) -> None:
        """Start anew: the member was reset."""
        self.by_act.clear()


class Replay:
    """The log up to some step, ready to be asked.

    ``cutoff`` is the lab time at which everything is judged.
    """

    def __init__(self, header: Header, cutoff: datetime | None = None) -> None:
        """Begin before the first step. Without ``cutoff`` it is the lab time of the last step fed."""
        self.header = header
        self.last: Step | None = None
        self.settings: dict[str, tuple[Any, Step | None]] = {
            path: (value, None) for path, value in header.settings.items()
        }
        self._cutoff = cutoff
        self._acts: dict[str | None, Acts] = defaultdict(Acts)
        self._records: dict[str, dict[Any, Record]] = defaultdict(dict)
        self._converts: dict[Any, list[Step]] = {}
        self._roots: dict[Key, Key | None] = {}
        self._answers: dict[Hashable, Any] = {}
        self._chains: dict[int, list[Key]] = {}

    @property
    def cutoff(self) -> datetime:
        if self._cutoff is not None:
            return self._cutoff
        return self.last.lab_at if self.last else self.header.starts_at

    def feed(self, steps: Iterable[Step]) -> None:
        """Take further steps, oldest first. Steps after a given cut-off are left out."""
        self._answers.clear()
        self._chains.clear()
        for step in steps:
            if self._cutoff is not None and step.lab_at > self._cutoff:
                continue
            self._note(step)
            if step.outcome == "done":
                self._apply(step)
            self.last = step

    def _note(self, step: Step) -> None:
        by_act = self._acts[step.member].by_act
        act = (step.kind, step.verb)
        found = by_act.get(act)
        if found is None:
            by_act[act] = [step]
        else:
            found.append(step)

    def _apply(self, step: Step) -> None:
        if step.changes:
            for change in step.changes:
                self._change(step, change)
        special = _SPECIAL.get((step.kind, step.verb))
        if special is not None:
            getattr(self, special)(step)

    def _change(self, step: Step, change: Change) -> None:
        what, kind, serial, after = change
        if kind == "setting":
            self.settings[serial] = (after.get("value"), step)
            return
        records = self._records[kind]
        record = records.get(serial)
        if record is None:
            record = records[serial] = Record(serial, dict(after), step, created=what == "created")
        elif what == "created":
            record.come_back(dict(after), step)
        else:
            record.fields.update(after)
        if what == "deleted":
            record.exists = False
        record.last = step

    def _converted(self, step: Step) -> None:
        self._converts.setdefault(step.record, []).append(step)
        root = (step.kind, step.record)
        for key in created_by(step):
            self._roots[key] = root

    def _unconverted(self, step: Step) -> None:
        """The conversions of this lead were taken back: they count no more."""
        for taken_back in self._converts.pop(step.record, ()):
            steps = self._acts[taken_back.member].by_act.get(("lead", "convert"), [])
            steps[:] = [one for one in steps if one.place != taken_back.place]
            for key in created_by(taken_back):
                self._roots[key] = None

    def _reset(self, step: Step) -> None:
        """The steps so far of the member who was reset count no more; the reset itself does."""
        key = self._member_reset(step)
        self._acts[key].forget()
        if key == step.member:
            self._note(step)

    def _member_reset(self, step: Step) -> str | None:
        """The key of who was reset: as answered, else as the membership says, else who did it."""
        return self._named(*self._names_reset(step), step.member)

    def _named(self, names: Sequence[str], number: str, who: str | None) -> str | None:
        """The member of these names: the first key that there is, else by the number, else who did it."""
        keys = [key for key in names if key in self.header.by_key]
        return keys[0] if keys else self.header.by_number.get(number, who)

    def _names_reset(self, step: Step) -> tuple[list[str], str]:
        """By what a reset names the member: keys, the likeliest first, and a number."""
        record = self._records["membership"].get(step.record)
        fields = record.fields if record else {}
        named = (step.answers.get("member"), *(fields.get(name) for name in ("key", "member", "owner")))
        return [key for key in named if isinstance(key, str)], str(fields.get("number") or "")

    # What checks ask

    def acts(self, member: str | None) -> Acts:
        """The member's own steps that count."""
        return self._acts.get(member) or Acts()

    def roots(self, step: Step) -> list[Key]:
        """The chains a step lies in: by its own record and those it changed.

        A chain is named by the record it starts with: the lead, for what a conversion made of it.
        """
        known = self._chains.get(step.place)
        if known is None:
            known = self._chains[step.place] = self._chains_of(step)
        return known

    def _chains_of(self, step: Step) -> list[Key]:
        own = (step.kind, step.record)
        keys: list[Key] = [(change.kind, change.id) for change in step.changes]
        if step.record is not None and own not in keys[:1]:
            keys.insert(0, own)
        if len(keys) == 1:
            root = self._roots.get(keys[0], keys[0])
            return [] if root is None else [root]
        found = {self._roots.get(key, key): None for key in keys}
        return [root for root in found if root is not None]

    def record(self, kind: str, serial: Any) -> Record | None:
        """The record as it stands, if it exists."""
        found = self._records.get(kind, {}).get(serial)
        return found if found and found.exists else None

    def existing(self, kind: str) -> list[Record]:
        """All existing records of the kind, in the order of their numbers."""
        return self.once(("existing", kind), lambda: self._existing(kind))

    def owned(self, kind: str, member: str) -> list[Record]:
        """The existing records whose owner is the member."""
        by_owner = self.once(("owned", kind), lambda: grouped(self.existing(kind), owner))
        return by_owner.get(member, [])

    def made(self, kind: str, member: str) -> list[Record]:
        """The existing records that the member created."""
        by_creator = self.once(("made", kind), lambda: grouped(self.existing(kind), creator))
        return by_creator.get(member, [])

    def values(self, kind: str, field: str) -> Counter[str]:
        """How many existing records of the kind have each filled value of the field, trimmed and case folded."""
        return self.once(("values", kind, field), lambda: self._values(kind, field))

    def in_charge(self, kind: str, member: str) -> list[Record]:
        """The existing records that are the member's to work on: assignee if filled, else owner."""
        by_assignee = self.once(("in charge", kind), lambda: grouped(self.existing(kind), assignee))
        return by_assignee.get(member, [])

    def done(self, kind: str, verb: str) -> dict[Any, list[Step]]:
        """The done steps of anyone that count, by record, each list oldest first."""
        return self.once(("done", kind, verb), lambda: self._done(kind, verb))

    def once(self, key: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Answer a question that concerns all members once, until the next step is fed."""
        if key not in self._answers:
            self._answers[key] = answer()
        found: Answer = self._answers[key]
        return found

    def _existing(self, kind: str) -> list[Record]:
        records = self._records.get(kind, {}).values()
        return sorted((record for record in records if record.exists), key=_serial_order)

    def _values(self, kind: str, field: str) -> Counter[str]:
        found = (record.fields.get(field) for record in self.existing(kind))
        return Counter(folded(value) for value in found if is_filled(value))

    def _done(self, kind: str, verb: str) -> dict[Any, list[Step]]:
        lists = [acts.by_act.get((kind, verb), []) for acts in self._acts.values()]
        steps = sorted((step for steps in lists for step in steps if step.outcome == "done"), key=place)
        return grouped(steps, lambda step: step.record)


_SPECIAL = {
    ("lead", "convert"): "_converted",
    ("lead", "unconvert"): "_unconverted",
    ("membership", "reset"): "_reset",
}


def replayed(log: Log, cutoff: datetime | None = None) -> Replay:
    """The whole log, or what of it lies not after the cut-off, replayed."""
    replay = Replay(log.header, cutoff)
    replay.feed(log.steps)
    return replay


def created_by(step: Step) -> list[Key]:
    """The records a step created."""
    return [(change.kind, change.id) for change in step.changes if change.what == "created"]


def is_work(step: Step) -> bool:
    """Whether the step shows that somebody was at work at all: done, by hand, not just signing in."""
    return step.outcome == "done" and step.origin in ("screen", "bulk") and step.kind != "session"


def folded(value: object) -> str:
    """A value as `unique` compares it."""
    return str(value).strip().casefold()


def owner(record: Record) -> Any:
    return record.fields.get("owner")


def creator(record: Record) -> str | None:
    return record.creator


def assignee(record: Record) -> Any:
    return record.fields.get("assignee") or owner(record)


def grouped(things: Iterable[Thing], key: Callable[[Thing], Any]) -> dict[Any, list[Thing]]:
    """The things by their key, in order."""
    groups: dict[Any, list[Thing]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


def _serial_order(record: Record) -> tuple[bool, Any]:
    return (isinstance(record.serial, str), record.serial)
