"""What the changes of the log add up to: every record and every setting as it must stand."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import field
from typing import Any

from labapp.values import dataclass

Fields = dict[str, Any]


@dataclass
class State:
    """`records`: kind, serial, fields, of what exists; `settings` by path; both as the log carries values.

    `records` may be any mapping of mappings: what is changed in one is put back into it.
    """

    settings: Fields = field(default_factory=dict)
    records: Mapping[str, MutableMapping[Any, Fields]] = field(default_factory=lambda: defaultdict(dict))

    def feed(self, step: Mapping[str, Any]) -> None:
        """Take one step more. Raises Impossible for a change of what is not there."""
        if step["outcome"] != "done":
            return
        for change in step["changes"]:
            if change["kind"] == "setting":
                self._setting(step["id"], change)
            else:
                self._record(step["id"], change)

    def _setting(self, step: int, change: Mapping[str, Any]) -> None:
        path = change["id"]
        if self.settings.get(path) != change["before"].get("value"):
            raise Impossible(step, "setting", path, "before")
        self.settings[path] = change["after"].get("value")

    def _record(self, step: int, change: Mapping[str, Any]) -> None:
        existing = self.records[change["kind"]].get(change["id"])
        self._check(step, change, existing)
        self._put(existing, change)

    def _put(self, existing: Fields | None, change: Mapping[str, Any]) -> None:
        records, serial = self.records[change["kind"]], change["id"]
        after = changed_by(existing, change)
        if after is None:
            del records[serial]
        else:
            records[serial] = after

    @staticmethod
    def _check(step: int, change: Mapping[str, Any], existing: Fields | None) -> None:
        """Raises Impossible where the change does not fit what is there."""
        kind, serial, what = change["kind"], change["id"], change["what"]
        if (existing is not None) == (what == "created"):
            raise Impossible(step, kind, serial, what)
        stands = existing or {}
        for name, value in change["before"].items():
            if stands.get(name) != value:
                raise Impossible(step, kind, serial, name)


def changed_by(fields: Fields | None, change: Mapping[str, Any]) -> Fields | None:
    """A record after one change to it; None where it is not there."""
    if change["what"] == "deleted":
        return None
    if change["what"] == "created":
        return dict(change["after"])
    return {**(fields or {}), **change["after"]}


class Impossible(ValueError):
    """A step changes what the steps before do not leave behind."""

    def __init__(self, step: int, kind: str, serial: Any, name: str) -> None:
        super().__init__(f"step {step}: {kind} {serial} {name}")
        self.step, self.kind, self.serial, self.name = step, kind, serial, name


def replay(steps: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]) -> State:
    """Play steps, oldest first, from the settings before the first. Raises Impossible."""
    state = State(dict(settings))
    for step in steps:
        state.feed(step)
    return state
