"""Reports on leads: where they stand, where they come from, what becomes of them (004 §2.2)."""

from flask_babel import lazy_gettext as _l

from labapp.records.report_kinds import COUNT, Measure, grouped

CONDITIONS = ("from", "to", "owner", "industry", "source", "status", "rating")
GROUPS = ("status", "source", "industry", "rating", "owner", "position", "month")


def first(group: str) -> tuple[str, ...]:
    """All groups, this one first."""
    return (group, *(name for name in GROUPS if name != group))


by_status = grouped(
    "status",
    _l("Leads by status"),
    (COUNT,),
    groups=first("status"),
    conditions=CONDITIONS,
    explain=_l("How far the leads have come."),
)
by_source = grouped(
    "source",
    _l("Leads by source"),
    (COUNT,),
    groups=first("source"),
    conditions=CONDITIONS,
    explain=_l("Which way the leads came to us."),
)
by_industry = grouped(
    "industry",
    _l("Leads by industry"),
    (COUNT,),
    groups=first("industry"),
    conditions=CONDITIONS,
    explain=_l("In which industries the leads are."),
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
    explain=_l("How many became customers, by where they came from."),
)

by_tag = grouped(
    "tags",
    _l("Leads by tag"),
    (COUNT,),
    groups=("tags", *GROUPS),
    conditions=CONDITIONS,
    explain=_l("How many leads carry each tag."),
)

REPORTS = (by_status, by_source, by_industry, conversion, by_tag)
