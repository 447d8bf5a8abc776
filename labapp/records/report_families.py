"""The six families of reports (004 §2.9): which there are, and which report belongs to which."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, Report
from labapp.values import dataclass


@dataclass(frozen=True)
class Family:
    """A family of reports, and what its reports tell."""

    name: str
    label: Any
    icon: str
    explain: Any


FAMILIES = (
    Family(
        "customers",
        _l("Customers and contacts"),
        "building",
        _l("Whom we know, how they came to us, who was forgotten, and how their number grows."),
    ),
    Family(
        "opportunities",
        _l("Opportunities"),
        "trophy",
        _l("What is in the making: the pipeline, where it gets stuck, what is lost and why."),
    ),
    Family(
        "sales",
        _l("Sales"),
        "graph-up",
        _l("What was sold: over time, by person and department, against quota and forecast."),
    ),
    Family(
        "leads",
        _l("Leads"),
        "person-plus",
        _l("Where leads come from and what becomes of them, campaigns included."),
    ),
    Family(
        "competitors",
        _l("Competitors"),
        "binoculars",
        _l("How dangerous they are, of what nature, and how we fare against each."),
    ),
    Family(
        "service",
        _l("Customer service"),
        "headset",
        _l("Feedback and complaints by month and fiscal year: how many, how fast, how well."),
    ),
)
BY_NAME = {family.name: family for family in FAMILIES}
OF_KIND = {
    "customer": "customers",
    "contact": "customers",
    "relation": "customers",
    "activity": "customers",
    "document": "customers",
    "opportunity": "opportunities",
    "forecast": "sales",
    "adjustment": "sales",
    "quota": "sales",
    "product": "sales",
    "lead": "leads",
    "campaign": "leads",
    "campaign_member": "leads",
    "competitor": "competitors",
    "rival": "competitors",
    "ticket": "service",
    "survey": "service",
    "article": "service",
}


def family_of(record_type: RecordType, report: Report) -> Family:
    """The family a report says it belongs to, else that of its kind; a child's is its parent's."""
    name = report.family or OF_KIND.get(record_type.name) or OF_KIND.get(_parent(record_type), "customers")
    return BY_NAME[name]


def _parent(record_type: RecordType) -> str:
    field = record_type.fields.get(record_type.parent or "")
    return field.target or "" if field is not None else ""


def reports_for(actor: Actor) -> dict[str, list[tuple[RecordType, Report]]]:
    """By family the reports on the kinds that the actor may read, in the order of the modules."""
    found: dict[str, list[tuple[RecordType, Report]]] = {family.name: [] for family in FAMILIES}
    for record_type in catalog().values():
        for report in record_type.reports if record_type.name in actor.reads else ():
            found[family_of(record_type, report).name].append((record_type, report))
    return found
