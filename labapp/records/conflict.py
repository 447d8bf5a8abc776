"""The optimistic lock's page: what stands now against what was typed, field by field."""

from typing import Any

from markupsafe import escape

from labapp.access.actor import Actor
from labapp.records.cells import formatter
from labapp.records.custom import fields_in
from labapp.records.describe import RecordType
from labapp.records.links import Links, getter
from labapp.records.values import plain
from labapp.values import dataclass


@dataclass(frozen=True)
class Difference:
    """A field whose values differ. `mine_raw` and `theirs_raw` are what the input would carry."""

    name: str
    label: Any
    theirs: Any
    mine: Any
    theirs_raw: str
    mine_raw: str


def differences(record_type: RecordType, record: Any, form: Any, actor: Actor) -> list[Difference]:
    """The fields in which what was typed differs from what stands now."""
    links = Links(actor)
    rows = []
    for name, shape in fields_in(actor, record_type).items():
        if name not in form or form[name].data == getter(shape)(record):
            continue
        mine, theirs = form[name].data, getter(shape)(record)
        if shape.shape == "link":
            links.want(shape.target or "", [mine, theirs])
        show = formatter(shape, actor, links)
        typed = form[name].raw_data[0] if form[name].raw_data else ""
        rows.append(
            Difference(name, shape.label, escape(show(theirs)), escape(show(mine)), raw(theirs), str(typed))
        )
    return rows


def raw(value: Any) -> str:
    """A value as its input carries it."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "y" if value else ""
    return "" if value is None else str(plain(value))
