"""What one may do: roles, and the profile of one's position (design.md, Position)."""

from labapp.people.models import ASSISTANT, INSTRUCTOR, OBSERVER, STUDENT

SALES = frozenset(
    "lead customer contact opportunity line contact_role partner competitor rival forecast ticket survey "
    "document activity".split()
)
MARKETING = frozenset("lead customer contact campaign campaign_member document activity".split())
SERVICE = frozenset("lead customer contact ticket survey article document activity".split())
CATALOGUE = frozenset({"product", "category"})
COMMON = frozenset({"note", "attachment", "activity", "relation", "document", "document_link", "competitor"})
OUTREACH = frozenset({"campaign", "campaign_member"})  # what all who deal with customers read
GIVEN = frozenset({"quota", "adjustment"})  # what superiors give: whoever has people below writes them
NEWS = frozenset({"announcement"})  # everybody reads it; managers and instructors write it
SET_UP = frozenset(
    "position sharing_group group code stage field rule setting quota holiday membership".split()
)
SITS = frozenset({"attempt"})  # every student sits examinations, in whatever position
CRM = SALES | MARKETING | SERVICE | CATALOGUE | COMMON

WRITES: dict[str, frozenset[str]] = {
    "everything": CRM,
    "manager": SALES | MARKETING | SERVICE | COMMON | GIVEN | NEWS,
    "sales": SALES | COMMON,
    "marketing": MARKETING | COMMON,
    "service": SERVICE | COMMON,
    "product": CATALOGUE | COMMON,
    "configurator": SET_UP | CRM | NEWS,
}
READS: dict[str, frozenset[str]] = {
    "everything": CRM | GIVEN,
    "manager": CRM | GIVEN,
    "sales": SALES | GIVEN | COMMON | CATALOGUE | OUTREACH | frozenset({"article"}),
    "marketing": MARKETING | COMMON | CATALOGUE | frozenset({"article", "opportunity", "line", "rival"}),
    "service": SERVICE | COMMON | CATALOGUE | OUTREACH,
    "product": CATALOGUE | COMMON | frozenset({"article"}),
    "configurator": SET_UP | CRM | GIVEN,
}
DEFAULT = "everything"

CONSOLE: dict[str, frozenset[str]] = {
    INSTRUCTOR: frozenset(
        "registrations positions sharing groups organisation segments service codes fields quotas roster users courses "
        "scenarios sandboxes clock matrix log grades rubrics wall disputes exams bank integrity jobs semester".split()
    ),
    ASSISTANT: frozenset("registrations log grades wall disputes exams".split()),
    STUDENT: frozenset(),
    OBSERVER: frozenset(),
}
CONFIGURATOR_PAGES = frozenset(
    "organisation segments service positions sharing groups codes fields quotas".split()
)


def writes(role: str, profiles: frozenset[str]) -> frozenset[str]:
    """The kinds a member of this role, in positions of these profiles, may write."""
    if role == INSTRUCTOR:
        return CRM | GIVEN | NEWS | SET_UP
    if role != STUDENT:
        return frozenset()
    return SITS.union(*(WRITES[profile] for profile in profiles or {DEFAULT}))


def reads(role: str, profiles: frozenset[str]) -> frozenset[str]:
    """The kinds whose pages are open to that member."""
    if role != STUDENT:
        return CRM | GIVEN | NEWS | SET_UP
    return NEWS.union(*(READS[profile] for profile in profiles or {DEFAULT}))


def console(role: str, profiles: frozenset[str]) -> frozenset[str]:
    """The console pages open to that member, by name."""
    pages = CONSOLE[role]
    if role == STUDENT and "configurator" in profiles:
        pages |= CONFIGURATOR_PAGES
    return pages
