"""The log as the search for suspicious facts reads it: one act after the other, with what was typed (product.md L8)."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, cast, select

from labapp.db import db
from labapp.db.quick import Quick
from labapp.oplog.models import LOOKS, Operation
from labapp.records.catalog import catalog
from labapp.scenario.canaries import Spotter, canaries
from labapp.values import dataclass

AT_ONCE = 2_000
DEALT = ("setup", "timeline", "automation", "public")  # origins of what nobody of the class wrote
COPIED = frozenset({"clone", "restore", "transfer", "merge"})  # their texts were there before
TYPED = frozenset({"text", "prose", "phone", "mobile", "email", "url", "money", "number", "percent"})
REASON, EXCERPT = 10, 300
Thing = tuple[int, str, int]  # sandbox, kind, serial
Shapes = Callable[[str, str], str | None]
Entered = tuple[tuple[tuple[str, str], ...], int]
# A whole log is read by this: compiled once, the JSON of a portion decoded in one go.
STEPS = Quick(
    select(
        Operation.id, Operation.member, Operation.at, Operation.lab_at, Operation.kind, Operation.verb,
        Operation.record, Operation.label, Operation.origin, Operation.outcome, Operation.address,
        Operation.request, cast(Operation.answers, Text).label("answers"),
        cast(Operation.changes, Text).label("changes"),
    )
    .where(Operation.sandbox_id == bindparam("sandbox"), Operation.id > bindparam("after"))
    .order_by(Operation.id)
    .limit(AT_ONCE)
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """The thresholds, in the words of the page: `integrity_form.py`."""

    text: int = 40
    alike: int = 90
    parties: int = 5
    chars: int = 80
    speed: int = 15
    fields: int = 6
    seconds: int = 3
    times: int = 3
    switches: int = 3
    minutes: int = 10
    acts: int = 20
    share: int = 60


class Act(NamedTuple):
    """A step of a member. `texts` are what was typed by hand: (field, value); `owner` whose the record was before."""

    sandbox: int
    step: int
    member: str
    at: datetime
    lab_at: datetime
    kind: str
    verb: str
    record: int | None
    label: str
    origin: str
    outcome: str
    address: str
    request: str
    texts: tuple[tuple[str, str], ...]
    fields: int
    owner: str | None

    @property
    def is_look(self) -> bool:
        return self.verb in LOOKS or self.kind == "session"

    @property
    def chars(self) -> int:
        """How many letters were typed."""
        return sum(len(value) for _name, value in self.texts)

    def fact(self, **more: Any) -> dict[str, Any]:
        """What a finding keeps of it, as plain JSON."""
        return {
            "sandbox": self.sandbox,
            "step": self.step,
            "member": self.member,
            "at": self.at.isoformat(timespec="seconds"),
            "lab_at": self.lab_at.isoformat(timespec="seconds"),
            "kind": self.kind,
            "verb": self.verb,
            "label": self.label,
            **more,
        }


def field_shape(kind: str, name: str) -> str | None:
    """The shape of a field of this kind; None for what is no field of it."""
    record_type = catalog().get(kind)
    found = record_type.fields.get(name) if record_type is not None else None
    return found.shape if found is not None else None


@dataclass
class Log:
    """The steps of one sandbox in their order. While it is read, `owners` says whose each record is.

    `received`: (member, record) where a record came to a member from somebody else.
    """

    sandbox_id: int
    shape_of: Shapes = field_shape
    owners: dict[Thing, str] = field(default_factory=dict)
    received: set[tuple[str, Thing]] = field(default_factory=set)

    def acts(self) -> Iterator[Act]:
        """Every step of a member."""
        after, portion = 0, AT_ONCE
        while portion == AT_ONCE:  # by portions: whoever reads may commit between them
            rows = STEPS({"sandbox": self.sandbox_id, "after": after})
            portion = len(rows)
            told = zip(
                rows, decoded(row.answers for row in rows), decoded(row.changes for row in rows), strict=True
            )
            for row, answers, changes in told:
                after = row.id
                owner = self.owners.get((self.sandbox_id, row.kind, row.record or 0))
                if row.member is not None:
                    yield self._act(row, owner, typed(row, answers, changes, self.shape_of))
                self._follow(changes)

    def _act(self, row: Any, owner: str | None, entered: "Entered") -> Act:
        texts, fields = entered
        about = (row.member, row.at, row.lab_at, row.kind, row.verb, row.record, row.label, row.origin)
        return Act(
            self.sandbox_id, row.id, *about, row.outcome, row.address, row.request, texts, fields, owner
        )

    def _follow(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Whose the records are after a step."""
        for change in changes:
            owner = change["after"].get("owner")
            if owner is None:
                continue
            thing = (self.sandbox_id, change["kind"], change["id"])
            if self.owners.get(thing) not in (None, owner):
                self.received.add((owner, thing))
            self.owners[thing] = owner


def decoded(texts: Iterable[str]) -> list[Any]:
    """The values of these JSON texts, by one call of the decoder."""
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def typed(
    row: Any, answers: dict[str, Any], changes: Sequence[Mapping[str, Any]], shape_of: Shapes
) -> Entered:
    """What a person entered by hand in this step: its texts, and how many fields. Nothing copied or brought in bulk."""
    if row.origin != "screen" or row.verb in COPIED or row.verb in LOOKS or not answers:
        return (), 0
    if row.verb == "edit" and row.outcome == "done":
        moved = {name for change in changes if change["what"] == "changed" for name in change["after"]}
        answers = {
            name: value for name, value in answers.items() if name.replace("extra_", "extra.", 1) in moved
        }
    by_hand = {name: value for name, value in answers.items() if is_typed(value, shape_of(row.kind, name))}
    texts = tuple((name, value) for name, value in by_hand.items() if isinstance(value, str))
    return texts, len(by_hand)


def is_typed(value: Any, shape: str | None) -> bool:
    """Whether somebody typed this value: not chosen, ticked or picked. What is no field is a reason or a comment."""
    if shape is None:
        return isinstance(value, str) and len(value) >= REASON
    return shape in TYPED


def plain(text: str) -> str:
    """A text as it is compared: letters and digits alone, without regard to capitals and forms of letters."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def weight(text: str) -> int:
    """How long a text is: a Chinese character says as much as two letters."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


@dataclass(frozen=True)
class Dealt:
    """What the house wrote: who of whose canaries, and the texts that anybody may have copied from it."""

    spotter: Spotter
    texts: frozenset[str]


def dealt(sandbox_ids: Sequence[int], least: int) -> Dealt:
    """Read what set-up, timeline and automation wrote into these sandboxes. `least`: the weight of texts kept."""
    set_up: list[tuple[int, Sequence[Mapping[str, Any]]]] = []
    texts: set[str] = set()
    query = select(Operation.id, Operation.origin, Operation.changes).where(
        Operation.sandbox_id.in_(sandbox_ids), Operation.origin.in_(DEALT)
    )
    for row in db.session.execute(query.order_by(Operation.sandbox_id, Operation.id)):
        if row.origin == "setup":
            set_up.append((row.id, row.changes))
        for change in row.changes:
            values = (value for value in change["after"].values() if isinstance(value, str))
            texts |= {short for value in values if weight(short := plain(value)) >= least}
    return Dealt(Spotter(canaries(set_up)), frozenset(texts))
