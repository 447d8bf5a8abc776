"""The contact report: who the people at our customers are (004 §2.3)."""

from flask_babel import lazy_gettext as _l

from labapp.records.report_kinds import COUNT, grouped, listed

CONDITIONS = ("from", "to", "owner", "role", "gender", "preferred_channel")
GROUPS = (
    "role",
    "customer",
    "title",
    "department",
    "gender",
    "preferred_channel",
    "owner",
    "position",
    "month",
)

contacts = listed(
    "contacts",
    _l("Contact report"),
    ("name", "customer_id", "title", "department", "phone", "mobile", "email", "role", "owner_id"),
    (COUNT,),
    groups=GROUPS,
    conditions=CONDITIONS,
    explain=_l("The people at our customers with telephone and e-mail."),
)
by_role = grouped(
    "role",
    _l("Contacts by role"),
    (COUNT,),
    groups=GROUPS,
    conditions=CONDITIONS,
    chart="doughnut",
    explain=_l("Who decides, advises, uses, buys and pays."),
)

by_tag = grouped(
    "tags",
    _l("Contacts by tag"),
    (COUNT,),
    groups=("tags", *GROUPS),
    conditions=CONDITIONS,
    explain=_l("How many contacts carry each tag."),
)

REPORTS = (contacts, by_role, by_tag)
