"""The life of a customer in one line: lead, customer, sales, won, service, campaigns (004 §1.3).

What the reader may not see is not in it. The kinds that point at a customer are found in the catalog, as customers
know none of them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import String, bindparam, cast, literal, null, or_, select, union_all

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.modules.customers.models import Customer
from labapp.records.catalog import catalog
from labapp.records.cells import money
from labapp.records.codes import codes_of
from labapp.records.query import by_link
from labapp.records.words import language
from labapp.values import dataclass

EACH = 30
POINTING = ("lead", "opportunity", "ticket")
STATES = {
    "lead": "lead_status",
    "opportunity": "stage",
    "ticket": "ticket_status",
    "campaign": "campaign_status",
}
TONES = {
    "won": "success",
    "lost": "danger",
    "closed": "success",
    "resolved": "success",
    "converted": "success",
}


@dataclass(frozen=True)
class Step:
    """Something in the life of a customer. `label` is its kind, `state` how it stands."""

    kind: str
    at: date
    label: str
    title: str
    url: str
    icon: str
    state: str = ""
    tone: str = "secondary"
    amount: str = ""
    key: str = ""


@dataclass(frozen=True)
class Phase:
    """A station of the line: how much of it there is, since when, and where on the page it stands."""

    label: str
    icon: str
    count: int
    since: date | None


@dataclass(frozen=True)
class Life:
    """The stations in their order, and every step, the newest first."""

    phases: list[Phase]
    steps: list[Step]


def life_of(actor: Actor, customer: Customer) -> Life:
    """The life of a customer the actor was found to see: two statements."""
    steps = [began(customer), *pointing(actor, customer), *campaigns(actor, customer)]
    steps.sort(key=lambda step: (step.at, step.kind, step.url), reverse=True)
    return Life(phases(steps), steps)


def began(customer: Customer) -> Step:
    record_type = catalog()["customer"]
    url = f"/customers/{customer.id}"
    day = customer.created_at.date()
    return Step("customer", day, str(record_type.label), customer.name, url, record_type.icon)


def pointing(actor: Actor, customer: Customer) -> list[Step]:
    """Leads that became it, its sales and its tickets: one statement."""
    kinds = tuple(kind for kind in POINTING if kind in catalog() and kind in actor.reads)
    if not kinds:
        return []
    found = read(actor, ("life", kinds), _pointing(kinds), parent=customer.id)
    return [step_of(actor, row) for row in found]


def _pointing(kinds: Sequence[str]) -> Builder:
    def build(visible: Visible) -> Any:
        return union_all(*(select(_part(kind, visible).subquery()) for kind in kinds))

    return build


def _part(kind: str, visible: Visible) -> Any:
    record_type = catalog()[kind]
    model: Any = record_type.model
    state = {"lead": "status", "opportunity": "stage", "ticket": "status"}[kind]
    amount = cast(model.amount, String) if hasattr(model, "amount") else cast(null(), String)
    chosen = (
        select(
            literal(kind).label("kind"),
            model.id.label("id"),
            getattr(model, record_type.title).label("title"),
            getattr(model, state).label("state"),
            model.created_at.label("at"),
            amount.label("amount"),
        )
        .where(model.customer_id == bindparam("parent"), visible(model))
        .order_by(model.id.desc())
        .limit(EACH)
    )
    return by_link(chosen, model, "customer_id")


def campaigns(actor: Actor, customer: Customer) -> list[Step]:
    """The campaigns that reached the leads and contacts of the customer that one sees: one statement."""
    known = catalog()
    wanted = {"campaign", "campaign_member", "contact", "lead"}
    if not wanted <= known.keys() or "campaign" not in actor.reads:
        return []
    return [step_of(actor, row) for row in read(actor, ("life", "campaign"), _campaigns, parent=customer.id)]


def _campaigns(visible: Visible) -> Any:
    models: dict[str, Any] = {kind: record_type.model for kind, record_type in catalog().items()}
    campaign, reached = models["campaign"], models["campaign_member"]
    ends = []
    for kind in ("contact", "lead"):
        theirs = select(models[kind].id).where(
            models[kind].customer_id == bindparam("parent"), visible(models[kind])
        )
        ends.append(getattr(reached, f"{kind}_id").in_(by_link(theirs, models[kind], "customer_id")))
    inside = select(reached.campaign_id).where(or_(*ends), reached.deleted_at.is_(None))
    return (
        select(
            literal("campaign").label("kind"),
            campaign.id,
            campaign.name.label("title"),
            campaign.status.label("state"),
            campaign.start_date.label("at"),
            cast(null(), String).label("amount"),
        )
        .where(campaign.id.in_(inside), visible(campaign))
        .order_by(campaign.id.desc())
        .limit(EACH)
    )


def step_of(actor: Actor, row: Any) -> Step:
    record_type = catalog()[row.kind]
    label = codes_of(actor.sandbox_id, actor.stamp).label(STATES[row.kind], row.state, language())
    amount = money(Decimal(row.amount)) if row.amount else ""
    day = row.at.date() if isinstance(row.at, datetime) else row.at
    return Step(
        row.kind,
        day,
        str(record_type.label),
        str(row.title or f"#{row.id}"),
        f"/{record_type.slug}/{row.id}",
        record_type.icon,
        label,
        TONES.get(row.state, "secondary"),
        amount,
        row.state,
    )


def phases(steps: Sequence[Step]) -> list[Phase]:
    """Lead → customer → sales → won → service → campaigns, with the first day of each."""
    stations = (
        (_("Lead"), "person-plus", [s for s in steps if s.kind == "lead"]),
        (_("Customer"), "building", [s for s in steps if s.kind == "customer"]),
        (_("Opportunities"), "trophy", [s for s in steps if s.kind == "opportunity"]),
        (_("Won"), "trophy-fill", [s for s in steps if s.kind == "opportunity" and s.key == "won"]),
        (_("Service"), "headset", [s for s in steps if s.kind == "ticket"]),
        (_("Campaigns"), "megaphone", [s for s in steps if s.kind == "campaign"]),
    )
    return [
        Phase(label, icon, len(found), min((step.at for step in found), default=None))
        for label, icon, found in stations
    ]
