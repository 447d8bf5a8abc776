"""What the tests that walk every record type know of each: who keeps it, what it stands on, what a person types."""

import io
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from tests.forms import form_on, invented
from tests.world import Person

LOOKS = ("open", "list", "report", "export")
KEPT_BY_INSTRUCTOR = frozenset({"product", "category", "article"})
KEPT_BY_MANAGER = frozenset({"campaign", "campaign_member", "quota", "adjustment", "announcement"})
OPEN_REACHES = frozenset({"everybody", "open", "published"})
OTHERS = {
    "quota": {"amount": "77.00"},
    "forecast": {"comment": "Something else altogether"},
    "adjustment": {"reason": "Something else altogether"},
}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Life:
    """One kind of record in the hands of the one who keeps it: Ben, or Ines for the catalogue."""

    app: Flask
    kind: str
    cast: Any
    make: Any
    browse: Any

    @property
    def type(self) -> Any:
        return self.app.extensions["catalog"][self.kind]

    @property
    def slug(self) -> str:
        return str(self.type.slug)

    @property
    def keeper(self) -> Person:
        if self.kind in KEPT_BY_MANAGER:
            manager: Person = self.cast.ada
            return manager
        person: Person = self.cast.ines if self.kind in KEPT_BY_INSTRUCTOR else self.cast.ben
        return person

    @property
    def holder(self) -> Person:
        """Whose record it is: the keeper's own, but a quota is given to Ben."""
        person: Person = self.cast.ben if self.kind == "quota" else self.keeper
        return person

    @property
    def open_to_all(self) -> bool:
        model = self.type.model
        if model.reach == "parent":
            model = self.app.extensions["catalog"][self.type.fields[self.type.parent].target].model
        return model.reach in OPEN_REACHES

    @property
    def has_file(self) -> bool:
        return self.kind in {"attachment", "document"}

    def made(self) -> int:
        """A record of the keeper's, with what it needs; its id."""
        if self.has_file:
            return self.uploaded()
        given = (*("related_kind", "related_id"), "forecast_id")
        hanging = {name: value for name, value in self.stands_on().items() if name in given}
        opened = {"status": "published"} if self.type.model.reach == "published" else {}
        record_id = self.make(self.kind, self.holder, **hanging, **opened).id
        db.session.remove()
        return int(record_id)

    def stands_on(self) -> dict[str, Any]:
        """The links a new one needs: the customer of a contact, the opportunity and product of a line."""
        hanging: dict[str, Any] = {}
        if self.type.model.reach == "hanging":
            hanging = {"related_kind": "customer", "related_id": self.make("customer", self.cast.ben).id}
        needed = [f for f in self.type.fields.values() if f.shape == "link" and f.required]
        if self.kind == "campaign_member":
            needed.append(self.type.fields["contact_id"])
        needed += [self.type.fields[names[0]] for names in self.type.model.ends]
        return {**{f.name: self.make(f.target, self.cast.ben).id for f in needed}, **hanging}

    def uploaded(self) -> int:
        data = {"file": (io.BytesIO(PICTURE), "plan.png"), **self.stands_on()}
        done = self.browse(self.keeper).post(f"/{self.slug}/new", data, content_type="multipart/form-data")
        assert done.status_code == 302
        return self.newest()

    def newest(self) -> int:
        model = self.type.model
        found = db.session.scalar(
            select(model.id).order_by(model.id.desc()), execution_options={"seen_by": EVERYONE}
        )
        db.session.remove()
        return int(found)

    def row(self, record_id: int) -> Any:
        """The record as it stands, whoever may see it, also from the bin."""
        db.session.remove()
        query = select(self.type.model).where(self.type.model.id == record_id)
        return db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one()

    def url(self, record_id: int, verb: str = "") -> str:
        return f"/{self.slug}/{record_id}" + (f"/{verb}" if verb else "")

    def new_form(self) -> tuple[str, dict[str, str]]:
        """The address and the filled form of a new one."""
        links = {name: str(value) for name, value in self.stands_on().items()}
        url = f"/{self.slug}/new?{urlencode(links)}"
        served = form_on(self.browse(self.keeper), url, next(iter(links), None) or self.title)
        typed = invented(self.app, self.kind, self.keeper, Random(7))
        return url, {**served, **typed, **links, **self.sensible()}

    def sensible(self) -> dict[str, str]:
        """What the rules of the kind ask of invented values."""
        if self.kind == "line":
            return {"quantity": "3", "unit_price": "100.00"}
        if self.kind == "quota":
            return {"owner_id": str(self.holder.membership_id)}
        if self.kind == "announcement":
            return {"start_date": "2026-09-08", "end_date": "2026-09-30"}
        if self.kind == "campaign":
            return {"start_date": "2026-09-08", "end_date": "2026-09-30", "expected_response": "20"}
        return {"code": "P-77", "floor_price": "1.00", "list_price": "9.00"} if self.kind == "product" else {}

    @property
    def title(self) -> str:
        """A field that every form of the kind has."""
        typed = (f.name for f in self.type.fields.values() if f.on_edit and f.shape != "link")
        return next(typed, str(self.type.title))

    @property
    def other(self) -> dict[str, str]:
        """What a person changes in an edit: one field and its new value."""
        if self.kind == "line":
            return {"discount": "7"}
        if self.kind == "relation":
            return {"description": "Something else altogether"}
        if self.kind in OTHERS:
            return OTHERS[self.kind]
        if self.kind == "contact_role":
            return {"role": "decision_maker" if "decision_maker" in self.roles() else self.roles()[0]}
        if self.kind == "rival":
            return {"remark": "Something else altogether"}
        if self.kind == "campaign_member":
            return {"comment": "Something else altogether"}
        return {self.title: "Something else altogether"}

    def roles(self) -> list[str]:
        from labapp.records.codes import codes_of

        actor = self.keeper.actor
        return [key for key, _label in codes_of(actor.sandbox_id, actor.stamp).choices("contact_role", "en")]

    def fresh_copy(self) -> dict[str, str]:
        """What a clone must say anew."""
        if self.kind == "product":
            return {"code": "P-78"}
        if self.kind == "relation":
            return {"to_customer_id": str(self.make("customer", self.cast.ben).id)}
        if self.kind in {"contact_role", "campaign_member"}:
            return {"contact_id": str(self.make("contact", self.cast.ben).id)}
        if self.kind == "document_link":
            return {"document_id": str(self.make("document", self.cast.ben).id)}
        if self.kind == "rival":
            return {"competitor_id": str(self.make("competitor", self.cast.ben).id)}
        if self.kind == "competitor":
            return {"name": "Another competitor"}
        return {"customer_id": str(self.make("customer", self.cast.ben).id)} if self.kind == "partner" else {}

    @property
    def verbs(self) -> list[str]:
        return [
            v
            for v in self.app.extensions["catalog"].verbs(self.type)
            if v in {"edit", "clone", "transfer", "delete"}
        ]


def last_step(person: Person) -> int:
    """The number of the last step of the sandbox."""
    db.session.remove()
    return int(db.session.scalar(select(Sandbox.last_step).where(Sandbox.id == person.sandbox_id)))


def steps_since(person: Person, number: int) -> list[Operation]:
    """The steps after that one that are no looks and no sign-ins."""
    db.session.remove()
    query = select(Operation).where(
        Operation.sandbox_id == person.sandbox_id,
        Operation.id > number,
        Operation.verb.not_in(LOOKS) | (Operation.outcome != "done"),
        Operation.verb.not_in(["sign_in", "sign_out"]),
    )
    return list(db.session.scalars(query.order_by(Operation.id)))
