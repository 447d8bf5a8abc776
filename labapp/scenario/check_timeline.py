"""Whether timeline.yaml names what exists, in an order in which it can happen."""

from collections.abc import Sequence
from typing import Any

from labapp.db.fields import Field
from labapp.scenario.check_records import Path, RecordChecker
from labapp.scenario.check_tools import Keyed
from labapp.scenario.check_values import Cell
from labapp.scenario.own_fields import own_fields
from labapp.scenario.shape import RELATIVE_MOMENT
from labapp.scenario.shape_timeline import Event
from labapp.scenario.words import is_link

LINKED = ("customer", "contact")  # whose names the texts of what arrives may say


class TimelineChecker(RecordChecker):
    """Checks the events of timeline.yaml; `keys` are what links may name, the events' own among them."""

    def check_events(self, events: Sequence[Event]) -> None:
        """Note everything that is wrong with them."""
        arrivals = {event.key: event for event in events if event.kind is not None}
        taken = set(self.keys) - set(arrivals)
        for index, event in enumerate(events):
            path: Path = (self.section, index)
            if event.key in taken:
                self._wrong((*path, "key"), f"the key {event.key!r} is used twice", f"键 {event.key!r} 重复")
            taken.add(event.key)
            self._moment(event, path)
            self._event(event, path)
            self._later(event, arrivals, path)
        self._circles([event.given for event in events if event.given is not None])

    def _moment(self, event: Event, path: Path) -> None:
        if not RELATIVE_MOMENT.fullmatch(event.at) or event.at.startswith("-"):
            self._wrong(
                (*path, "at"),
                "the timeline begins with the sandbox: write +0d 09:30 or later",
                "时间线从沙盒开始时起算：请写 +0d 09:30 或更晚的时间",
            )

    def _event(self, event: Event, path: Path) -> None:
        given = event.given
        if given is not None:
            texts = {name: _named(value, given.links) for name, value in given.values.items()}
            self._record(given.model_copy(update={"values": texts}), path)
            return
        self._audience(event, path)
        for name in ("changes", "quiet"):
            key = getattr(event, name)
            if key is not None:
                self._about(event, key, (*path, name), "customer" if name == "quiet" else None)
        if event.changes is not None and event.changes in self.keys:
            self._new_values(event, self.keys[event.changes].kind, path)

    def _audience(self, event: Event, path: Path) -> None:
        for index, key in enumerate(event.only):
            if key not in self.tools.seated():
                self._unknown((*path, "only", index), key, self.tools.seated())

    def _about(self, event: Event, key: str, path: Path, kind: str | None) -> None:
        target = self.keys.get(key)
        if target is None or (kind is not None and target.kind != kind):
            fitting = [name for name, keyed in self.keys.items() if kind in (keyed.kind, None)]
            self._unknown(path, key, fitting)
        elif target.per_seat and event.per == "once":
            self._wrong(
                path,
                f"every seat has its own {key!r}: which one?",
                f"每个座位都有自己的 {key!r}，无法确定是哪一个",
            )
        elif not target.per_seat and event.per == "seat":
            self._wrong(
                path, f"there is one {key!r} for all: say per: once", f"{key!r} 为所有人共用：请写 per: once"
            )

    def _new_values(self, event: Event, kind: str, path: Path) -> None:
        fields = {**self.tools.words.kinds.get(kind, {}), **own_fields(self.tools.said, kind)}
        if not event.values:
            self._wrong(path, "say the new values", "请写出新的值（values）")
        for name, value in event.values.items():
            where = (*path, "values", name)
            field = fields.get(name)
            if field is None or not _may_change(field):
                self._unknown(where, name, [n for n, f in fields.items() if _may_change(f)])
            else:
                self.tools.values.check(Cell(field, value, self.file.place(where)))

    def _later(self, event: Event, arrivals: dict[str, Event], path: Path) -> None:
        """What an event is about must have arrived before."""
        for key in (*event.links.values(), event.changes, event.quiet):
            other = arrivals.get(key or "")
            if other is not None and _order(other.at) > _order(event.at):
                self._wrong(
                    path,
                    f"{event.key!r} comes before {key!r}, which it is about",
                    f"{event.key!r} 早于它所涉及的 {key!r}",
                )


def _may_change(field: Field) -> bool:
    """Whether a field is edited: stages and statuses move by verbs, links stay."""
    return bool(field.on_edit) and not is_link(field)


def _named(value: Any, links: dict[str, str]) -> Any:
    """A text without the blanks that names of linked records fill."""
    if isinstance(value, dict):
        return {language: _named(text, links) for language, text in value.items()}
    if isinstance(value, str):
        for name in LINKED:
            value = value.replace(f"{{{name}}}", "") if name in links else value
    return value


def _order(at: str) -> tuple[int, str]:
    day, _space, clock = at.partition("d ")
    return int(day), clock


def keys_of_events(events: Sequence[Event]) -> dict[str, Keyed]:
    """The records that arrive, by key."""
    return {event.key: Keyed(event.kind, event.per == "seat") for event in events if event.kind is not None}
