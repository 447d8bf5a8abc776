"""A typed link between two of our customers and contacts (001 five-2)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Relation(Record):
    """The second is `relation_type` of the first: a subsidiary, a supplier, a spouse.

    Each end is a customer or a contact. Both ends must be visible to whoever reads it. The word for the other
    direction is the value of the same key in the code table relation_back.
    """

    __tablename__ = "relation"
    reach = "between"
    ends = (("from_customer_id", "from_contact_id"), ("to_customer_id", "to_contact_id"))

    relation_type: Mapped[str] = f.choice(
        _l("The second is to the first"), "relation_type", required=True, default="partner"
    )
    from_customer_id: Mapped[int | None] = f.link(
        _l("First: customer"), "customer", on_edit=False, index=True
    )
    from_contact_id: Mapped[int | None] = f.link(_l("First: contact"), "contact", on_edit=False, index=True)
    to_customer_id: Mapped[int | None] = f.link(_l("Second: customer"), "customer", on_edit=False, index=True)
    to_contact_id: Mapped[int | None] = f.link(_l("Second: contact"), "contact", on_edit=False, index=True)
    description: Mapped[str | None] = f.prose(_l("Description"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return (Index(None, "sandbox_id", "relation_type", "id"),)

    def end(self, place: int) -> tuple[str, int | None]:
        """(kind, id) of the first (0) or second (1) end."""
        customer, contact = self.ends[place]
        of_contact = getattr(self, contact)
        return ("contact", of_contact) if of_contact is not None else ("customer", getattr(self, customer))
