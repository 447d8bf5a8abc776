"""Whom a lead may be already: customers of a similar name, contacts of the same name, mobile or e-mail.

They are offered, nothing is matched silently; only what the person can see is offered (product.md §5.4).
"""

import re
from typing import Any

from sqlalchemy import or_, select

from labapp.access.actor import Actor
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.records import query

OFFERED = 8
READ_AT_MOST = 20_000
ALIKE = 70
LEGAL_FORM = re.compile(
    r"(股份)?(有限)?(责任)?公司|集团|总公司|分公司|\b(co|ltd|inc|llc|gmbh|corp|corporation|company|group)\b|[\s.,()（）·]"
)


def core(name: str) -> str:
    """A company's name without legal form, spaces and signs."""
    return LEGAL_FORM.sub("", name.casefold()) or name.casefold()


def likeness(one: str, other: str) -> float:
    """How alike two cores are, 0 to 100; a short name inside a long one is alike."""
    from rapidfuzz import fuzz  # late: a fiftieth of a start

    if min(len(one), len(other)) >= 2 and (one in other or other in one):
        return 95 if one != other else 100
    return float(fuzz.ratio(one, other))


def similar_customers(actor: Actor, company: str) -> list[tuple[int, str]]:
    """(id, name) of the visible customers whose name is like this one, most alike first."""
    asked = core(company)
    newest: Any = select(Customer.id, Customer.name).order_by(Customer.id.desc()).limit(READ_AT_MOST)
    names = query.answers(newest, actor)
    marked = [(likeness(asked, core(row.name)), row.id, row.name) for row in names]
    best = sorted((m for m in marked if m[0] >= ALIKE), key=lambda m: (-m[0], m[1]))
    return [(row_id, name) for _likeness, row_id, name in best[:OFFERED]]


def same_people(actor: Actor, lead: Lead) -> list[Contact]:
    """The visible contacts with the lead's name, mobile or e-mail."""
    marks = [
        getattr(Contact, field) == getattr(lead, field)
        for field in ("name", "mobile", "email")
        if getattr(lead, field)
    ]
    return query.rows(Contact, actor, or_(*marks), limit=OFFERED)
