"""Planned records written together: the rows of a kind by one statement, a set-up step for each as planned."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import instance_dict

from labapp.db import db
from labapp.oplog.append import Step
from labapp.records.after import Later
from labapp.records.describe import Rules
from labapp.records.rows import defaults, give_numbers, insert_rows, new_row
from labapp.scenario.deal import Plan
from labapp.values import dataclass

if TYPE_CHECKING:
    from labapp.scenario.write import Collected, Writer

NO_RULES = Rules()


@dataclass
class Draft:
    """A record on its way: its plan, its steps and, where it is written with others of its kind, its row."""

    plan: Plan
    row: Any = None
    steps: list[tuple[Step, datetime]] = field(default_factory=list)


def write_together(writer: "Writer", plans: Sequence[Plan]) -> None:
    """Make these records; what they link to is made already (`writer.made`) or among them.

    First those that wait for no other. Where the module adds something to a new record, it is made by the ordinary way.
    """
    drafts = [_draft(writer, plan) for plan in plans]
    for alike in _by_kind(drafts):
        give_numbers([draft.row for draft in alike])
    waiting, left, later = {plan.ref for plan in plans}, drafts, Later()
    while left:
        ready = [draft for draft in left if waiting.isdisjoint(draft.plan.links.values())]
        _write(writer, ready, later)
        waiting -= {draft.plan.ref for draft in ready}
        left = [draft for draft in left if draft.plan.ref in waiting]
    later.keep()
    for draft in drafts:
        writer.steps += draft.steps


def _draft(writer: "Writer", plan: Plan) -> Draft:
    record_type = writer.kinds[plan.kind]
    values = writer.values_of(plan)
    if record_type.rules.created is not NO_RULES.created:
        more = record_type.rules.dealt(_work(writer, plan), values)
        if more is None:
            return Draft(plan)
        values |= more
    stamps = {"created_at": plan.at, "updated_at": plan.at, "version": 1, "sandbox_id": writer.sandbox.id}
    columns = {"owner_id": writer.owners[plan.owner], "extra": {}, **defaults(record_type.model), **values}
    return Draft(plan, new_row(record_type.model, columns | stamps))


def _work(writer: "Writer", plan: Plan, into: list[tuple[Step, datetime]] | None = None) -> "Collected":
    return writer.step(f"{plan.kind}.create", plan.at, into=[] if into is None else into)


def _write(writer: "Writer", ready: Sequence[Draft], later: Later) -> None:
    """Those whose links are made. What they are found by is kept `later`, at the latest before a rule asks for it."""
    together = [draft for draft in ready if draft.row is not None]
    for draft in together:
        instance_dict(draft.row).update(writer.links_of(draft.plan))
    for alike in _by_kind(together):
        with _inside(_work(writer, alike[0].plan)):
            insert_rows([draft.row for draft in alike], later)
        for draft in alike:
            writer.serials.note(draft.row)
            writer.made[draft.plan.ref] = (draft.plan.kind, draft.row.id)
    for draft in ready:
        if draft.row is not None:
            draft.steps.append(writer.created(draft.row, draft.plan.at))
        else:
            later.keep()
            _by_the_ordinary_way(writer, draft)


def _by_the_ordinary_way(writer: "Writer", draft: Draft) -> None:
    record_type = writer.kinds[draft.plan.kind]
    with _work(writer, draft.plan, draft.steps) as work:
        values = writer.values_of(draft.plan) | writer.links_of(draft.plan)
        row = work.create(record_type.model, owner_id=writer.owners[draft.plan.owner], **values)
        record_type.rules.created(work, row)
    writer.made[draft.plan.ref] = (draft.plan.kind, row.id)


def _by_kind(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    """Those that are written with others of their kind, the kinds in the order in which they come."""
    kinds: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.row is not None:
            kinds.setdefault(draft.plan.kind, []).append(draft)
    yield from kinds.values()


@contextmanager
def _inside(work: "Collected") -> Iterator[None]:
    """Search asks the running work for the custom fields of its sandbox."""
    db.session.info["work"] = work
    try:
        yield
    finally:
        db.session.info.pop("work")
