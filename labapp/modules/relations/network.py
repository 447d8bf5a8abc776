"""Who is tied to a customer or contact, as somebody sees it: typed relations, and those that follow from records.

One node's neighbours at a time, at most sixty. Everything is asked for the reader, so what is hidden is neither
drawn nor counted.
"""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, or_, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.db.detached import detached
from labapp.modules.relations.actions import words_of
from labapp.modules.relations.models import Relation
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.links import Links
from labapp.records.words import language
from labapp.values import dataclass

MOST = 60
Node = tuple[str, int]


@dataclass(frozen=True)
class Tie:
    """A neighbour: `words` say what it is to the one in focus; `url` leads to what says so, if it has a page."""

    kind: str
    id: int
    words: str
    url: str = ""


@dataclass(frozen=True)
class Neighbour:
    """A neighbour with everything that ties it, for graph and list."""

    kind: str
    id: int
    title: str
    words: tuple[str, ...]
    urls: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"


def around(actor: Actor, record: Any, kind: str) -> tuple[list[Neighbour], bool]:
    """The visible neighbours of a record, at most sixty, and whether there are more."""
    ties = [tie for tie in (*relations(actor, kind, record.id), *implied(actor, kind, record)) if tie.id]
    order = dict.fromkeys((tie.kind, tie.id) for tie in ties if (tie.kind, tie.id) != (kind, record.id))
    links = Links(actor)
    for other, other_id in order:
        links.want(other, [other_id])
    seen = [(node, links.title(*node)) for node in order]
    shown = [(node, title) for node, title in seen if title]
    return [_neighbour(node, title, ties) for node, title in shown[:MOST]], len(shown) > MOST


def _neighbour(node: Node, title: str, ties: list[Tie]) -> Neighbour:
    own = [tie for tie in ties if (tie.kind, tie.id) == node]
    words = tuple(dict.fromkeys(tie.words for tie in own))
    return Neighbour(*node, title, words, tuple(dict.fromkeys(tie.url for tie in own if tie.url)))


def relations(actor: Actor, kind: str, record_id: int) -> list[Tie]:
    """The typed relations of a record, each in the words of its own side."""
    rows = read(actor, ("relations", kind), _touching(kind), record=record_id)
    found = [detached(Relation, row) for row in rows]
    ties = []
    for row in found:
        back = row.end(1) == (kind, record_id)
        other, other_id = row.end(0 if back else 1)
        words = words_of(actor, row.relation_type, back=back)
        ties.append(Tie(other, other_id or 0, words, f"/relations/{row.id}"))
    return ties


def _touching(kind: str) -> Builder:
    """The relations with the record `record` of this kind at either end."""

    def build(visible: Visible) -> Any:
        here, there = (getattr(Relation, f"{side}_{kind}_id") for side in ("from", "to"))
        either = or_(here == bindparam("record"), there == bindparam("record"))
        chosen = select(*Relation.__table__.c).where(either, visible(Relation))
        return chosen.order_by(Relation.id).limit(MOST + 1)

    return build


def implied(actor: Actor, kind: str, record: Any) -> Iterator[Tie]:
    """What follows from records: people of a company, parents and daughters, superiors, parts in sales."""
    yield from (_of_customer if kind == "customer" else _of_contact)(actor, record)
    yield from _sales(actor, kind, record.id)


def _of_customer(actor: Actor, record: Any) -> Iterator[Tie]:
    customer, contact = catalog()["customer"].model, catalog()["contact"].model
    if record.parent_id:
        yield Tie("customer", record.parent_id, _("Parent company"))
    for row_id, _title in _ids(actor, customer, customer.parent_id == record.id, customer.name):  # type: ignore[attr-defined]
        yield Tie("customer", row_id, _("Subsidiary"))
    for row_id, title in _ids(actor, contact, contact.customer_id == record.id, contact.title):  # type: ignore[attr-defined]
        yield Tie("contact", row_id, title or _("Contact"))


def _of_contact(actor: Actor, record: Any) -> Iterator[Tie]:
    contact: Any = catalog()["contact"].model
    yield Tie("customer", record.customer_id, _("Customer"))
    if record.reports_to_id:
        yield Tie("contact", record.reports_to_id, _("Superior"))
    for row_id, _title in _ids(actor, contact, contact.reports_to_id == record.id, contact.title):
        yield Tie("contact", row_id, _("Reports here"))


def _ids(actor: Actor, model: Any, where: Any, column: Any) -> list[Any]:
    """(id, column) of the visible rows, oldest first."""
    chosen = select(model.id, column).where(where).order_by(model.id).limit(MOST + 1)
    return list(query.answers(query.by_link(chosen, model, where.left.key), actor))


def _sales(actor: Actor, kind: str, record_id: int) -> Iterator[Tie]:
    """Who plays a part in a sale to this customer, or to whom this one does."""
    role, partner = catalog()["contact_role"].model, catalog()["partner"].model
    book, word = codes_of(actor.sandbox_id, actor.stamp), language()
    for part in _parts(actor, role, "contact_id", kind, record_id):
        named = book.label("contact_role", part.role, word) or _("Takes part")
        words = _("%(role)s in “%(sale)s”", role=named, sale=part.name)
        other: Node = ("customer", part.customer_id) if kind == "contact" else ("contact", part.who)
        yield Tie(*other, words, f"/opportunities/{part.id}")
    for part in _parts(actor, partner, "customer_id", kind, record_id) if kind == "customer" else ():
        other_id = part.who if part.customer_id == record_id else part.customer_id
        words = _("Partner in “%(sale)s”", sale=part.name)
        yield Tie("customer", other_id, words, f"/opportunities/{part.id}")


def _parts(actor: Actor, model: Any, column: str, kind: str, record_id: int) -> list[Any]:
    """Role, customer of the sale, `who` takes part, sale and its name, where this record is at either side."""
    sale: Any = catalog()["opportunity"].model
    who = getattr(model, column)
    sides = [who == record_id] if column == f"{kind}_id" else []
    sides += [sale.customer_id == record_id] if kind == "customer" else []
    statement = (
        select(model.role, sale.customer_id, who.label("who"), sale.id, sale.name)
        .join(sale, sale.id == model.opportunity_id)
        .where(or_(*sides))
    )
    return list(query.answers(statement.order_by(model.id).limit(MOST + 1), actor))
