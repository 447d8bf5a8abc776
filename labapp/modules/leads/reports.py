"""Reports on leads: where they stand, where they come from, what becomes of them (004 §2.2)."""

from flask_babel import lazy_gettext as _l

from labapp.records.report_kinds import COUNT, Measure, grouped

CONDITIONS = ("from", "to", "owner", "industry", "source", "status", "rating")
GROUPS = ("status", "source", "industry", "rating", "owner", "position", "month")


def first(group: str) -> tuple[str, ...]:
    """All groups, this one first."""
    return (group, *(name for name in GROUPS if name != group))


by_status = grouped("status", _l("Leads by status"), (COUNT,), groups=first("status"), conditions=CONDITIONS)
by_source = grouped("source", _l("Leads by source"), (COUNT,), groups=first("source"), conditions=CONDITIONS)
by_industry = grouped(
    "industry", _l("Leads by industry"), (COUNT,), groups=first("industry"), conditions=CONDITIONS
)
conversion = grouped(
    "conversion",
    _l("What becomes of leads"),
    (
        COUNT,
        Measure(_l("Converted"), {"status": ("converted",)}),
        Measure(_l("Unqualified"), {"status": ("unqualified",)}),
        Measure(_l("Conversion rate"), share=(1, 0)),
    ),
    groups=first("source"),
    conditions=CONDITIONS,
    series=(1, 2),
)

REPORTS = (by_status, by_source, by_industry, conversion)
