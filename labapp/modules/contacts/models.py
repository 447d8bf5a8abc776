"""A contact: a person at a customer."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Contact(Record):
    """See product.md M3. Who reads the customer reads its contacts (004 §2.3)."""

    __tablename__ = "contact"
    reach = "follows"
    follows = "customer_id"
    reported = ("customer_id", "role", "gender", "preferred_channel", "created_at")
    same_by = (("phone", ("mobile",)), ("phone", ("phone", "name")), ("email", ("email",)))

    customer_id: Mapped[int] = f.link(_l("Customer"), "customer", required=True, index=True)
    name: Mapped[str] = f.text(_l("Contact name"), required=True, search=True)
    gender: Mapped[str | None] = f.choice(_l("Gender"), "gender")
    title: Mapped[str | None] = f.text(_l("Job title"))
    department: Mapped[str | None] = f.text(_l("Department"))
    phone: Mapped[str | None] = f.phone(_l("Phone"), search=True)
    mobile: Mapped[str | None] = f.mobile(_l("Mobile"), search=True)
    email: Mapped[str | None] = f.email(_l("E-mail"), search=True)
    birthday: Mapped[date | None] = f.day(_l("Birthday"))
    role: Mapped[str | None] = f.choice(_l("Role in the decision"), "contact_role")
    preferred_channel: Mapped[str | None] = f.choice(_l("Preferred channel"), "channel")
    reports_to_id: Mapped[int | None] = f.link(_l("Reports to"), "contact", index=True)
    address: Mapped[str | None] = f.text(_l("Address"))
    tags: Mapped[list[str]] = f.tags(_l("Tags"), server_default="[]")
    description: Mapped[str | None] = f.prose(_l("Description"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return tuple(Index(None, "sandbox_id", column, "id") for column in ("name", "created_at"))
