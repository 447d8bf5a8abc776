"""Saved views: a list's question under a name, at an address of its own."""

from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp.access.actor import Actor
from labapp.db import Model, begin_write, db
from labapp.db.quick import Quick
from labapp.people.words import here

MOST = 30


class SavedView(Model):
    """A member's named question over one kind of record. No step: it changes nothing that is graded."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(2000))

    __table_args__ = (Index(None, "membership_id", "kind", "name", unique=True),)


_view = SavedView.__table__
VIEWS = Quick(
    select(_view.c.id, _view.c.name, _view.c.address)
    .where(_view.c.membership_id == bindparam("member"), _view.c.kind == bindparam("kind"))
    .order_by(_view.c.name)
)  # made once: every list asks it


def saved_by(membership: Any) -> Select[Any]:
    """Any view of this member. It is asked with who makes a request, which then knows in `g.saves`."""
    return select(_view.c.id).where(_view.c.membership_id == membership)


def views_of(actor: Actor, kind: str) -> list[tuple[int, str, str]]:
    """(id, name, address) of the member's views of this kind, by name. Most have none, and are asked nothing more."""
    if here().get("saves") is False:
        return []
    return [(row.id, row.name, row.address) for row in VIEWS({"member": actor.id, "kind": kind})]


def save_view(actor: Actor, kind: str, name: str, address: str) -> bool:
    """Keep a question under a name; one of that name is replaced. False where there are 30 already."""
    begin_write()
    here().saves = None
    found = db.session.scalars(
        select(SavedView).where(SavedView.membership_id == actor.id, SavedView.kind == kind)
    ).all()
    same: Any = next((view for view in found if view.name == name), None)
    if same is None and len(found) >= MOST:
        db.session.rollback()
        return False
    if same is None:
        same = SavedView(membership_id=actor.id, kind=kind, name=name)
        db.session.add(same)
    same.address = address
    db.session.commit()
    return True


def drop_view(actor: Actor, view_id: int) -> None:
    """Forget one of the member's own views."""
    begin_write()
    view = db.session.get(SavedView, view_id)
    if view is not None and view.membership_id == actor.id:
        db.session.delete(view)
    db.session.commit()
