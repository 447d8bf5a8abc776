"""Whom somebody else's step can matter to, so that in a busy class only those are judged anew whose grade may differ.

On the safe side: who is named here may well stand as before, who is not named does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from labapp.grading.needs import LOOKS, Needs
from labapp.grading.replay import Key

People = Mapping[Key, Iterable[str | None]]
FOR_ALL = frozenset((("lead", "unconvert"), ("membership", "reset")))


class Seen(NamedTuple):
    """A step that was done. `changes` as the log has them: what, kind, id, before, after."""

    id: int
    member: str | None
    kind: str
    verb: str
    record: Any
    changes: Sequence[Mapping[str, Any]]


class Concerns:
    """For each member the last step behind `base` that may have changed how they stand; `for_all`: for everybody.

    A record is somebody's by its owner, by who has it in charge, and by who made it. These are told by the steps behind
    the base, and by who asks for a state of the records at the base or later.
    """

    def __init__(self, needs: Needs, base: int) -> None:
        self.needs = needs
        self.base = self.for_all = base
        self.named: dict[Key, set[str]] = {}
        self._made: set[Key] = set()
        self._last: dict[str, int] = {}
        self._kinds = needs.kinds | {kind for kind, _verb in needs.trails}

    def last(self, member: str) -> int:
        """The last step that may matter to the member (their own acts are not meant)."""
        return max(self._last.get(member, 0), self.for_all)

    def take(self, steps: Sequence[Seen], people: Callable[[set[Key]], People]) -> None:
        """Go on by these steps, oldest first.

        `people` says whose records are, in a state no older than the base; it leaves out what it does not know.
        """
        for step in steps:
            self._name(step)
        asked = {step.id: set(self._asked(step)) for step in steps if self._counts(step)}
        known = people({key for keys in asked.values() for key in keys})
        for step in steps:
            if step.id in asked:
                self._note(step, asked[step.id], known)

    def _counts(self, step: Seen) -> bool:
        return step.verb not in LOOKS or (step.kind, step.verb) in self.needs.trails

    def _name(self, step: Seen) -> None:
        for change in step.changes:
            if change["kind"] not in self._kinds:
                continue
            names = self.named.setdefault((change["kind"], change["id"]), set())
            fields = (change.get("before") or {}, change.get("after") or {})
            names.update(name for some in fields for name in map(some.get, ("owner", "assignee")) if name)
            if change["what"] == "created":
                self._made.add((change["kind"], change["id"]))
                names.update([step.member] if step.member else ())

    def _asked(self, step: Seen) -> Iterator[Key]:
        """The records by which the step may matter to somebody."""
        if (step.kind, step.verb) in self.needs.trails and step.record is not None:
            yield step.kind, step.record
        for change in step.changes:
            if change["kind"] in self._kinds:
                yield change["kind"], change["id"]

    def _note(self, step: Seen, keys: set[Key], known: People) -> None:
        if self._is_for_all(step) or any(key not in known and key not in self._made for key in keys):
            self.for_all = step.id
            return
        for key in keys:
            for name in (*known.get(key, ()), *self.named.get(key, ())):
                if name:
                    self._last[name] = step.id

    def _is_for_all(self, step: Seen) -> bool:
        if (step.kind, step.verb) in FOR_ALL:
            return True
        return any(
            change["kind"] == "setting"
            or change["kind"] in self.needs.everybody
            or any(_bears(change, *counted) for counted in self.needs.values)
            for change in step.changes
        )


def _bears(change: Mapping[str, Any], kind: str, name: str) -> bool:
    """Whether the change may alter how often a value of this field is there."""
    return change["kind"] == kind and (change["what"] == "deleted" or name in (change.get("after") or {}))
