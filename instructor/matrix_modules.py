"""The surfaces that single modules have, for the visibility matrix. Each gives None for a kind it does not show."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from instructor.matrix_samples import Sample
from labapp.access.actor import Actor
from labapp.access.rules import COMMAND, granted
from labapp.modules.competitors.pages import SHOWN, meetings
from labapp.modules.customers.lifecycle import life_of
from labapp.modules.customers.segments import SEGMENT
from labapp.modules.relations.network import around
from labapp.records import matching, query
from labapp.records.catalog import catalog
from labapp.records.imports.checking import Check
from labapp.records.imports.lookups import twins
from labapp.records.imports.models import UPDATE
from labapp.records.imports.targets import fields_for, telling
from labapp.records.views.detail import standing_of
from labapp.web.calendar.scope import ORGANISATION, Scope, entries_of

NEAR = timedelta(days=1)


def in_calendar(actor: Actor, sample: Sample) -> bool | None:
    """What the calendar draws and its feed writes."""
    at = getattr(sample.record, "starts_at", None) or getattr(sample.record, "due_at", None)
    if sample.record_type.name != "activity" or at is None:
        return None
    found = entries_of(actor, Scope(ORGANISATION), at - NEAR, at + NEAR)
    return any((entry.kind, entry.id) == ("activity", sample.record.id) for entry in found)


def in_network(actor: Actor, sample: Sample) -> bool | None:
    """A contact among the neighbours in the graph of its customer."""
    if sample.record_type.name != "contact" or sample.parent is None:
        return None
    found, more = around(actor, sample.parent, "customer")
    met = any((one.kind, one.id) == ("contact", sample.record.id) for one in found)
    return None if more and not met else met


def key_of(actor: Actor, sample: Sample) -> tuple[str, Any]:
    """The field by which an import would know this record again, and its value; none for kinds without imports."""
    if not sample.record_type.importable:
        return "", None
    shapes = fields_for(sample.record_type, actor)
    said = [name for name in shapes if getattr(sample.record, name, None)]
    name = next(iter(telling(shapes, sample.record_type, said)), "")
    return name, getattr(sample.record, name) if name else None


def is_met(actor: Actor, sample: Sample) -> bool | None:
    """Whether a row with the same key meets this record."""
    name, value = key_of(actor, sample)
    if not name:
        return None
    found = twins(actor, sample.record_type.name, name, [value])
    return sample.record.id in found.get(str(value), [])


def is_changed(actor: Actor, sample: Sample) -> bool | None:
    """Whether a row with the same key would change this record.

    A key that several records have which this reader meets changes none of them: it says nothing about this one.
    """
    name, value = key_of(actor, sample)
    if not name or len(twins(actor, sample.record_type.name, name, [value]).get(str(value), [])) > 1:
        return None
    if not granted(actor, sample.record_type.name, "create"):
        return False
    check = Check(actor, sample.record_type, {0: name}, by=name, on_twin=UPDATE)
    (row,) = check.rows([(1, [str(value)])])
    return bool(row.fate == UPDATE and row.record_id == sample.record.id)


def is_duplicate(actor: Actor, sample: Sample) -> bool | None:
    """Whether the hint of possible duplicates names it to who types the same."""
    model: Any = sample.record_type.model
    if not model.same_by:
        return None
    found = matching.same_as(actor, model, lambda name: getattr(sample.record, name), most=1_000)
    told = {row.id for row in query.rows(model, actor, model.id.in_(found))}
    has_keys = bool(matching.keys_of(model, lambda name: getattr(sample.record, name)))
    return sample.record.id in told if has_keys else None


def merges(actor: Actor, sample: Sample) -> bool | None:
    """Whether it can be merged into another record."""
    name = sample.record_type.name
    if not sample.record_type.model.same_by:
        return None
    reached = query.one(sample.record_type.model, actor, sample.record.id) is not None
    return reached and granted(actor, name, "merge") and COMMAND in standing_of(actor, sample.record)


def in_segment(actor: Actor, sample: Sample) -> bool | None:
    """Whether it is counted in any segment."""
    if sample.record_type.name != "customer":
        return None
    model: Any = sample.record_type.model
    chosen = select(SEGMENT.key(actor)).select_from(model).where(model.id == sample.record.id)
    return bool(query.answers(chosen, actor))


def in_life(actor: Actor, sample: Sample) -> bool | None:
    """A sale on the line of its customer's life."""
    if sample.record_type.name != "opportunity" or sample.parent is None:
        return None
    return any(
        step.url == f"/opportunities/{sample.record.id}" for step in life_of(actor, sample.parent).steps
    )


def has_met(actor: Actor, sample: Sample) -> bool | None:
    """A sale on the page of the competitor that takes part in it."""
    if sample.record_type.name != "rival" or "opportunity" not in actor.reads:
        return None
    competitor: Any = query.one(catalog()["competitor"].model, actor, sample.record.competitor_id)
    if competitor is None:
        return False
    found: Any = meetings(competitor, actor)
    met = any(one.id == sample.record.opportunity_id for one in found)
    return None if len(found) == SHOWN and not met else met
