"""One verb to many records: a step each under one request, in transactions short enough for others to write between."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone
from labapp.access.everyone import EVERYONE
from labapp.access.rules import need_of, reachable
from labapp.db import db
from labapp.records import looks
from labapp.records.describe import RecordType
from labapp.records.work import Source, writing
from labapp.values import dataclass

MOST = 2_000
CHUNK = 40


@dataclass
class Outcome:
    """How many were done, and who was refused: (id, title, sentence)."""

    done: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(record, why not) of those that were refused."""
        return [(label or f"#{record_id}", sentence) for record_id, label, sentence in self.refused]


def reach_of(actor: Actor, record_type: RecordType, verb: str, ids: Sequence[int]) -> int:
    """How many of these the actor's standing lets them touch with this verb."""
    model = record_type.model
    found = 0
    for part in chunks(ids, 500):
        query = select(model.id).where(model.id.in_(part), reachable(actor, model, need_of(verb)))
        found += len(db.session.execute(query, execution_options={"seen_by": EVERYONE}).all())
    return found


def run_each(ids: Sequence[int], one: Callable[[int, Source], Any]) -> Outcome:
    """Do `one(id, source)`, which opens its own Works, to each. Who is refused is logged and told; the rest is done."""
    outcome = Outcome()
    source = replace(looks.source(), origin="bulk")
    for part in chunks(ids, CHUNK):
        with writing():
            for record_id in part:
                _one(record_id, one, source, outcome)
    return outcome


def _one(record_id: int, one: Callable[[int, Source], Any], source: Source, outcome: Outcome) -> None:
    try:
        one(record_id, source)
        outcome.done += 1
    except NotDone as error:
        sentences = error.fields.values() if isinstance(error, Invalid) and error.fields else [error.sentence]
        label = error.attempt[0].label if error.attempt else ""
        outcome.refused.append((record_id, label, "; ".join(str(sentence) for sentence in sentences)))


def chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
