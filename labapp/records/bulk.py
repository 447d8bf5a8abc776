"""One verb to many records: a step each under one request, in transactions short enough for others to write between."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone
from labapp.access.everyone import EVERYONE
from labapp.access.rules import need_of, reachable
from labapp.db import db
from labapp.records import looks
from labapp.records.describe import RecordType
from labapp.records.work import Work, writing

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


def run_each(
    actor: Actor,
    record_type: RecordType,
    verb: str,
    ids: Sequence[int],
    one: Callable[[Any, Any], Any],
    answers: dict[str, Any],
) -> Outcome:
    """Do `one(work, record)` to each. What may not be touched is logged refused and told; the rest is done."""
    outcome = Outcome()
    source = replace(looks.source(), origin="bulk")
    for part in chunks(ids, CHUNK):
        with writing():
            for record_id in part:
                _one(Work(actor, f"{record_type.name}.{verb}", answers=answers, source=source), record_type, record_id, one, outcome)
    return outcome


def _one(work: Work, record_type: RecordType, record_id: int, one: Any, outcome: Outcome) -> None:
    try:
        with work:
            one(work, work.on(record_type.model, record_id))
        outcome.done += 1
    except NotDone as error:
        if isinstance(error, Invalid) and error.fields:
            error.sentence = "; ".join(str(sentence) for sentence in error.fields.values())
        outcome.refused.append((record_id, work.header.label, str(error.sentence)))


def chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
