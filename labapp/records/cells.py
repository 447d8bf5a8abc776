"""Values as people read them: one formatter per shape."""

import html
from collections.abc import Callable, Hashable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from labapp.access.actor import Actor
from labapp.db.fields import Field
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.links import Links

Formatter = Callable[[Any], Any]
EMPTY = ""
TONES = {
    "new": "info",
    "contacted": "primary",
    "qualified": "success",
    "unqualified": "secondary",
    "converted": "primary",
    "won": "success",
    "lost": "danger",
    "hot": "danger",
    "warm": "warning",
    "cold": "info",
    "planned": "info",
    "active": "primary",
    "completed": "success",
    "interested": "success",
    "responded": "primary",
    "complaint": "danger",
    "feedback": "info",
    "assigned": "info",
    "in_progress": "primary",
    "waiting": "warning",
    "resolved": "success",
    "open": "primary",
    "done": "success",
    "draft": "warning",
    "published": "success",
    "cancelled": "secondary",
    "high": "danger",
    "urgent": "danger",
    "strategic": "warning",
    "key": "primary",
}
BADGED = frozenset(
    "lead_status rating stage activity_status article_status priority level member_state "
    "campaign_status campaign_response ticket_kind ticket_status".split()
)


def money(value: Decimal | None) -> str:
    """￥12,000.00"""
    return EMPTY if value is None else f"￥{value:,.2f}"


def whole(value: int | None) -> str:
    return EMPTY if value is None else f"{value:,}"


def percent(value: int | None) -> str:
    return EMPTY if value is None else f"{value}%"


def day(value: date | None) -> str:
    return EMPTY if value is None else value.isoformat()


def moment(value: datetime | None) -> str:
    return EMPTY if value is None else str(value)[:16]


def check(value: bool | None) -> str:
    return _("Yes") if value else _("No")


def tags(value: list[str] | None) -> Markup:
    return Markup(" ").join(Markup('<span class="badge tag">{}</span>').format(word) for word in value or [])


def email(value: str | None) -> Any:
    return _linked("mailto", value) if value else EMPTY


def phone(value: str | None) -> Any:
    return _linked("tel", value) if value else EMPTY


def _linked(scheme: str, value: str) -> Markup:
    """A link that begins a call or a letter. In a list there are fifty: Markup.format takes ten times as long."""
    text = html.escape(value)
    return Markup(f'<a href="{scheme}:{text}">{text}</a>')  # noqa: S704 - escaped above


def url(value: str | None) -> Any:
    if not value or not value.startswith(("http://", "https://")):
        return value or EMPTY
    return Markup('<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>').format(value)


def prose(value: str | None) -> Any:
    return Markup('<span class="prose">{}</span>').format(value) if value else EMPTY


def short(value: str | None) -> str:
    """The beginning of a long text, for lists."""
    return EMPTY if not value else value if len(value) <= 80 else value[:79] + "…"


PLAIN: dict[str, Formatter] = {
    "money": money,
    "number": whole,
    "percent": percent,
    "day": day,
    "moment": moment,
    "check": check,
    "tags": tags,
    "email": email,
    "phone": phone,
    "mobile": phone,
    "url": url,
    "prose": prose,
}


def formatter(field: Field, actor: Actor, links: Links, *, in_list: bool = False) -> Formatter:
    """A function from a column's value to what is shown: text, or Markup that is safe."""
    if field.shape == "choice":
        return _choices(field, actor, links.language)
    if field.shape == "member":
        members = actor.directory.members
        return lambda value: members[value].name if value in members else EMPTY
    if field.shape == "link":
        return lambda value: links.shown(field.target or "", value)
    if field.shape == "related":
        return lambda value: links.shown(value[0] or "", value[1])
    if field.shape == "related_kind":
        return _kind_name
    if field.shape == "prose" and in_list:
        return short
    if field.name == "year":
        return str  # a name, not a quantity: 2026, never 2,026
    return PLAIN.get(field.shape, lambda value: EMPTY if value is None else value)


def _kind_name(kind: str | None) -> Any:
    """The word for a kind of record."""
    found = catalog().get(kind or "")
    return found.label if found is not None else kind or EMPTY


KEPT = 2_000
_drawn: dict[Hashable, dict[Any, Any]] = {}  # what a code looks like, for as long as nobody changes the codes


def _choices(field: Field, actor: Actor, spoken: str) -> Formatter:
    if len(_drawn) >= KEPT:
        _drawn.clear()
    known = _drawn.setdefault((actor.sandbox_id, actor.stamp, field.codes or field, spoken), {None: EMPTY})

    def shown(key: str | None) -> Any:
        if key not in known:
            own = {one: str(label) for one, label in field.choices}
            book = codes_of(actor.sandbox_id, actor.stamp)
            word = escape(own.get(key or "") or book.label(field.codes or "", key, spoken))
            tone = TONES.get(key or "", "secondary")
            badge = Markup(f'<span class="badge tone-{tone}">{word}</span>')  # noqa: S704 - escaped
            known[key] = badge if field.codes in BADGED else word
        return known[key]

    return shown
