"""A replay in parts that can be put away and taken out again: what live pages know without reading the log anew.

What is put away says nothing of any rubric. A `Shelf` has it: a row for each record, the acts of each member, and a
head for the rest. `keep` says what to put there for further steps, `partial_of` takes out what concerns one member;
with the steps since then it judges as the whole log does. All of it is plain JSON.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any, Protocol

from labapp.grading.log import Change, Header, Step, quick_tuple
from labapp.grading.needs import LOOKS, Needs
from labapp.grading.predicates import is_filled
from labapp.grading.replay import Acts, Key, Record, Replay, created_by, folded, is_work, place
from labapp.values import dataclass

Row = dict[str, Any]
ActRow = list[Any]
NO_FIELDS: Mapping[str, Any] = {}
CONVERT = ("lead", "convert")


@dataclass(frozen=True)
class Head:
    """What is kept of the log besides records and acts, up to the step `step` at `lab_at`.

    `settings`: path → [value, [step, member, lab_at]]. `resets`: [step, who, names, number]. `taken`: conversions that
    were taken back, by member. `looks`: whether looks at records are kept with them.
    """

    step: int = 0
    lab_at: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    resets: Sequence[Any] = ()
    taken: Mapping[str, Sequence[int]] = field(default_factory=dict)
    looks: bool = False


class Shelf(Protocol):
    """Where the parts lie. Serials are whatever the log has; a deleted record belongs to nobody."""

    def rows(self, keys: Iterable[Key]) -> Mapping[Key, Row]:
        """These records, as far as they are known."""

    def mine(self, member: str, kinds: frozenset[str]) -> Mapping[Key, Row]:
        """The existing records of these kinds that the member owns, made or has in charge."""

    def everybody(self, kinds: frozenset[str]) -> Mapping[Key, Row]:
        """All existing records of these kinds."""

    def counts(self, kind: str, name: str) -> Mapping[str, int]:
        """How many existing records of the kind have each value of this field (`value_of`)."""

    def acts(self, member: str) -> Iterable[ActRow]:
        """All acts of the member, oldest first, also those that count no more."""


@dataclass(frozen=True)
class Kept:
    """What is to be put away after further steps: the new head, changed rows, new acts by member.

    `before` has the rows as they were, as far as there were any.
    """

    head: Head
    before: Mapping[Key, Row]
    rows: Mapping[Key, Row]
    acts: Mapping[str, list[ActRow]]


def keep(shelf: Shelf, header: Header, head: Head, steps: Sequence[Step]) -> Kept:
    """What is to be put away for these steps, which follow the head's."""
    rows = _rows_touched(shelf, steps, head.looks)
    keeper = _Keeper(header, head)
    for key, row in rows.items():
        keeper.take(key, row)
    keeper.feed(steps)
    return keeper.kept(head, rows)


def partial_of(shelf: Shelf, header: Header, head: Head, who: "Wanted", steps: Sequence[Step] = ()) -> Replay:
    """The replay of the head and of the steps behind it, as far as it concerns one member and what is asked."""
    needs = who.needs
    touched = _rows_touched(shelf, steps, needs.looks)
    rows = {**shelf.mine(who.member, needs.kinds), **shelf.everybody(needs.everybody), **touched}
    part = _Part(header, head, who)
    part.touched = {key for step in steps if step.outcome == "done" for key in _touched(step, needs.looks)}
    part.take_acts(shelf.acts(who.member))
    for key, row in rows.items():
        part.take(key, row)
    for key, row in shelf.rows(part.unknown_chains(steps)).items():
        part.take_root(key, row)
    part.settle()
    for kind, name in needs.values:
        part.count(kind, name, shelf.counts(kind, name), touched)
    part.feed(steps)
    return part


@dataclass(frozen=True)
class Wanted:
    """Whose part, for what, and the lab time at which it is judged (None: that of the last step)."""

    member: str
    needs: Needs
    cutoff: datetime | None = None


def people_of(row: Row) -> tuple[str | None, str | None, str | None]:
    """Owner, who has it in charge, and who made it: by these a shelf finds a member's records. None: deleted."""
    if "f" not in row or not row["e"]:
        return None, None, None
    fields = row["f"]
    charge = fields.get("assignee") or fields.get("owner")
    return _text(fields.get("owner")), _text(charge), _text(row["c"] and row["c"][0])


def named_in(row: Row) -> tuple[str | None, str | None, str | None]:
    """Owner, assignee and who made it, also of a record that is deleted."""
    fields = row.get("f", NO_FIELDS)
    made = row.get("c")
    return _text(fields.get("owner")), _text(fields.get("assignee")), _text(made and made[0])


def value_of(row: Row, name: str) -> str:
    """The value of a field as it is counted; '' where the record does not exist or the field is not filled."""
    value = row["f"].get(name) if row.get("e") else None
    return folded(value) if is_filled(value) else ""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rows_touched(shelf: Shelf, steps: Sequence[Step], looks: bool) -> dict[Key, Row]:
    """The records that the steps change or were done on, and those whose conversion they take back."""
    keys = {key: None for step in steps if step.outcome == "done" for key in _touched(step, looks)}
    rows = dict(shelf.rows(keys))
    leads = {("lead", step.record) for step in steps if (step.kind, step.verb) == ("lead", "unconvert")}
    behind = {_key(key) for lead in leads for made in rows.get(lead, {}).get("v", ()) for key in made[3]}
    return rows | dict(shelf.rows(behind - rows.keys())) if behind else rows


def _touched(step: Step, looks: bool) -> Iterable[Key]:
    if step.record is not None and (looks or step.verb not in LOOKS):
        yield step.kind, step.record
    for change in step.changes:
        if change.kind != "setting":
            yield change.kind, change.id


def _key(pair: Sequence[Any]) -> Key:
    return pair[0], pair[1]


def _mark(step: Step) -> list[Any]:
    """What evidence needs of a step."""
    return [step.id, step.member, step.lab_at.isoformat()]


def _step(mark: Sequence[Any], kind: str = "", verb: str = "", changes: Sequence[Change] = ()) -> Step:
    number, member, lab_at = mark
    moment = datetime.fromisoformat(lab_at)
    values = (number, member, moment, kind, verb, None, "", "done", NO_FIELDS, changes, number)
    return quick_tuple(Step, values)


class _Shelved(Replay):
    """A replay that begins with rows from a shelf."""

    def __init__(self, header: Header, head: Head, cutoff: datetime | None = None) -> None:
        super().__init__(header, cutoff)
        if head.lab_at is not None:
            self.last = _step([head.step, None, head.lab_at])
        for path, (value, mark) in head.settings.items():
            self.settings[path] = (value, _step(mark))

    def take(self, key: Key, row: Row) -> None:
        """Begin with this record as it was put away."""
        kind, serial = key
        if "f" in row:
            record = self._records[kind][serial] = Record(
                serial, dict(row["f"]), _step(row["l"]), created=False
            )
            record.exists = row["e"]
            if row["c"]:
                record.creator, record.created_at = row["c"][0], datetime.fromisoformat(row["c"][1])
        self.take_root(key, row)
        if "v" in row:
            self._converts[serial] = [_converted(made) for made in row["v"]]

    def take_root(self, key: Key, row: Row) -> None:
        if "r" in row:
            self._roots[key] = _key(row["r"]) if row["r"] else None


def _converted(made: Sequence[Any]) -> Step:
    changes = [Change("created", kind, serial, NO_FIELDS) for kind, serial in made[3]]
    return _step(made[:3], "lead", "convert", changes)


class _Keeper(_Shelved):
    """Notes what has to be kept of the steps that it is fed."""

    def __init__(self, header: Header, head: Head) -> None:
        super().__init__(header, head)
        self.looks = head.looks
        self.touched: dict[Key, None] = {}
        self.trails: dict[Key, list[Any]] = {}
        self.acts_done: dict[str, list[ActRow]] = {}
        self.moved: dict[str, None] = {}
        self.resets: list[Any] = []
        self.taken: dict[str, list[int]] = defaultdict(list)

    def take(self, key: Key, row: Row) -> None:
        super().take(key, row)
        if "t" in row:
            self.trails[key] = list(row["t"])

    def kept(self, head: Head, before: Mapping[Key, Row]) -> Kept:
        """Everything that is new or has changed."""
        taken = {
            key: [*head.taken.get(key, ()), *self.taken.get(key, ())] for key in {*head.taken, *self.taken}
        }
        settings = {path: [value, _mark(step)] for path, (value, step) in self.settings.items() if step}
        step, lab_at = (self.last.id, self.last.lab_at.isoformat()) if self.last else (head.step, head.lab_at)
        resets = [*head.resets, *self.resets]
        new = replace(head, step=step, lab_at=lab_at, settings=settings, resets=resets, taken=taken)
        return Kept(new, before, {key: self._row(key) for key in self.touched}, self.acts_done)

    def _note(self, step: Step) -> None:
        if step.member is not None:
            self.acts_done.setdefault(step.member, []).append(_act_row(step))

    def _apply(self, step: Step) -> None:
        for key in _touched(step, self.looks):
            self.touched[key] = None
        if step.record is not None and (self.looks or step.verb not in LOOKS):
            trail = self.trails.setdefault((step.kind, step.record), [])
            trail.append([step.id, step.verb, step.member, step.lab_at.isoformat()])
        super()._apply(step)

    def _converted(self, step: Step) -> None:
        super()._converted(step)
        self._touch_lead(step)

    def _unconverted(self, step: Step) -> None:
        for made in self._converts.get(step.record, ()):
            if made.member is not None:
                self.taken[made.member].append(made.id)
            for key in created_by(made):
                self.touched[key] = None
        self._touch_lead(step)
        super()._unconverted(step)

    def _touch_lead(self, step: Step) -> None:
        if step.record is not None:
            self.touched["lead", step.record] = None

    def _reset(self, step: Step) -> None:
        self.resets.append([step.id, step.member, *self._names_reset(step)])

    def _row(self, key: Key) -> Row:
        kind, serial = key
        row: Row = {}
        record = self._records[kind].get(serial)
        if record is not None:
            made = record.created_at
            row = {"f": record.fields, "e": record.exists, "l": _mark(record.last)}
            row["c"] = [record.creator, made.isoformat()] if made else None
        if key in self._roots:
            root = self._roots[key]
            row["r"] = list(root) if root else None
        if key in self.trails:
            row["t"] = self.trails[key]
        if kind == "lead" and serial in self._converts:
            row["v"] = [
                [*_mark(step), [list(made) for made in created_by(step)]] for step in self._converts[serial]
            ]
        return row


def _act_row(step: Step) -> ActRow:
    """A member's step without what no check of steps asks: fields before and after."""
    keys = [[change.kind, change.id] for change in step.changes]
    own = keys == [[step.kind, step.record]]
    row = [step.id, step.lab_at.isoformat(), step.kind, step.verb, step.record, step.origin, step.outcome]
    return [*row, dict(step.answers) or 0, 1 if own else keys or 0]


def _act(row: ActRow, member: str) -> Step:
    number, lab_at, kind, verb, record, origin, outcome, answers, keys = row
    kind = intern(kind)
    changes: Sequence[Change] = ()
    if keys == 1:
        changes = (quick_tuple(Change, ("changed", kind, record, NO_FIELDS)),)
    elif keys:
        changes = [quick_tuple(Change, ("changed", one, serial, NO_FIELDS)) for one, serial in keys]
    moment = datetime.fromisoformat(lab_at)
    what = (kind, intern(verb), record, intern(origin), intern(outcome))
    return quick_tuple(Step, (number, member, moment, *what, answers or NO_FIELDS, changes, number))


class _Part(_Shelved):
    """What concerns one member."""

    def __init__(self, header: Header, head: Head, who: Wanted) -> None:
        super().__init__(header, head, who.cutoff)
        self.who = who
        self.counts = self._what_counts(head)
        self.counted: dict[tuple[str, str], Counter[str]] = {}
        self.touched: set[Key] = set()
        self.marks: dict[tuple[str | None, str, str], list[Step]] = defaultdict(list)

    def _what_counts(self, head: Head) -> Callable[[str | None, int], bool]:
        """Whether a member's step still counts: it was not reset, and not taken back."""
        resets = {self._named(names, number, who): step for step, who, names, number in head.resets}
        taken = {step for steps in head.taken.values() for step in steps}
        return lambda member, step: step >= resets.get(member, 0) and step not in taken

    def take_acts(self, rows: Iterable[ActRow]) -> None:
        """Begin with the member's own steps that count, as far as they are asked for.

        Of the rest one that is work tells that the member did anything at all. Conversions may be taken back later.
        """
        me, counts, asks_for = self.who.member, self.counts, lru_cache(self.who.needs.asks_for)
        worked = False
        for row in rows:
            asked = asks_for(row[2], row[3]) or (row[2], row[3]) == CONVERT
            if (asked or not worked) and counts(me, row[0]):
                step = _act(row, me)
                if asked or is_work(step):
                    self._note(step)
                    worked = worked or not asked

    def take(self, key: Key, row: Row) -> None:
        """Besides, what others did on it, where that is asked for."""
        super().take(key, row)
        for number, verb, member, lab_at in row.get("t", ()):
            act = (key[0], verb)
            if act in self.who.needs.trails and member != self.who.member and self.counts(member, number):
                step = _step([number, member, lab_at], *act)
                self.marks[member, *act].append(step._replace(record=key[1]))

    def settle(self) -> None:
        """What others did, in order."""
        for (member, kind, verb), steps in self.marks.items():
            acts = self._acts.setdefault(member, Acts())
            acts.by_act[kind, verb] = sorted(steps, key=place)

    def unknown_chains(self, steps: Sequence[Step]) -> set[Key]:
        """Records in the member's chains of which nothing is known yet."""
        acts = self.acts(self.who.member)
        own = [step for act in self.who.needs.chains for step in acts.matching(*act)]
        new = [step for step in steps if step.member == self.who.member]
        keys = {(change.kind, change.id) for step in (*own, *new) for change in step.changes}
        keys |= {(step.kind, step.record) for step in (*own, *new) if step.record is not None}
        known = self._records
        return {
            (kind, serial) for kind, serial in keys if kind != "setting" and serial not in known.get(kind, {})
        }

    def count(self, kind: str, name: str, counts: Mapping[str, int], touched: Mapping[Key, Row]) -> None:
        """Take the counts of a field's values as they were put away, less those of records that steps touch since."""
        olds = Counter(
            value_of(row, name) for key, row in touched.items() if key[0] == kind and key in self.touched
        )
        self.counted[kind, name] = Counter(counts)
        self.counted[kind, name].subtract(olds)

    def _values(self, kind: str, name: str) -> Counter[str]:
        moved = (self.record(kind, serial) for one, serial in self.touched if one == kind)
        found = (record.fields.get(name) for record in moved if record is not None)
        counts = Counter(self.counted[kind, name])
        counts.update(folded(value) for value in found if is_filled(value))
        return counts


__all__ = ["Head", "Kept", "Shelf", "Wanted", "keep", "partial_of", "people_of", "value_of"]
