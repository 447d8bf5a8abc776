"""The calendar's page and the entries it asks for. Without a script the page is a plain agenda."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.modules.customers.models import Customer
from labapp.records import looks, parse, query
from labapp.records.agenda import MOST, Entry
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.links import Links
from labapp.records.views.common import open_type
from labapp.records.words import language
from labapp.values import dataclass
from labapp.web.calendar.quick import quick_form
from labapp.web.calendar.scope import (
    MINE,
    ORGANISATION,
    SCOPES,
    TEAM,
    VIEWS,
    WEEK,
    Scope,
    days_shown,
    entries_of,
    people_offered,
    places_offered,
    scope_of,
    stretch_of,
)

TITLES = {MINE: _l("My calendar"), TEAM: _l("My team"), ORGANISATION: _l("Organisation")}
VIEW_WORDS = {"day": _l("Day"), "week": _l("Week"), "month": _l("Month"), "list": _l("List")}
WORDS = {
    "today": _l("Today"),
    "day": _l("Day"),
    "week": _l("Week"),
    "month": _l("Month"),
    "list": _l("List"),
    "all_day": _l("All day"),
    "empty": _l("Nothing is planned."),
    "more": _l("{count} more"),
    "open": _l("Open the record"),
    "edit": _l("Edit"),
    "complete": _l("Complete"),
    "earlier": _l("A day earlier"),
    "later": _l("A day later"),
    "moved": _l("Moved: {title}"),
    "failed": _l("The entries could not be read. Load the page again."),
    "capped": _l("Only the first entries of this time are shown. Choose a shorter time, or fewer people."),
    "done": _l("done"),
    "owner": _l("Owner"),
    "about": _l("About"),
}


@dataclass(frozen=True)
class Line:
    """An entry as the agenda shows it. `when` is its hour, empty for a whole day."""

    entry: Entry
    when: str
    owner: str
    about: Any
    late: bool


def page() -> ResponseReturnValue:
    """The calendar, with the agenda of the days it begins with."""
    actor, record_type = open_type("activities", "list")
    scope, view, day = asked(actor)
    first, after = days_shown(view, day)
    found = entries_of(actor, scope, *stretch_of(first, after))
    answer = render_template(
        "calendar/page.html",
        type=record_type,
        scope=scope,
        view=view,
        day=day,
        first=first,
        until=after - timedelta(days=1),
        days=agenda_of(actor, found),
        scopes=[(str(TITLES[name]), changed(scope, name=name), scope.name == name) for name in SCOPES],
        views=[(str(VIEW_WORDS[name]), at(scope, name, day), view == name) for name in VIEWS],
        before=at(scope, view, first - timedelta(days=1)),
        behind=at(scope, view, after),
        people=people_offered(actor) if scope.name == TEAM else [],
        places=places_offered(actor) if scope.name == TEAM else [],
        tones=tones(actor),
        more=[found for found in catalog().agendas if not found.always],
        customer=customer_of(actor, scope),
        form=quick_form(actor)() if granted(actor, "activity", "create") else None,
        words={name: str(word) for name, word in WORDS.items()},
        feed=scope.address("/calendar/events"),
        capped=len(found) >= MOST,
        crumbs=[(_("Calendar"), None)],
    )
    said = {"view": "calendar", "scope": scope.name, "date": day.isoformat()}
    looks.looked(actor, record_type.name, "list", answers=said)
    return answer


def asked(actor: Actor) -> tuple[Scope, str, date]:
    """Whose calendar, in which view, around which day; today and this week where nothing is said."""
    view = request.args.get("view", WEEK)
    return (
        scope_of(actor, request.args),
        view if view in VIEWS else WEEK,
        day_of(request.args.get("date"), actor),
    )


def day_of(text: str | None, actor: Actor) -> date:
    try:
        found = parse.day(text or "")
    except ValueError:
        found = None
    return found or actor.lab_now.date()


def changed(scope: Scope, name: str) -> str:
    """The address of another scope; who and where belong to the team's alone."""
    keep = {} if name == TEAM else {"who": "", "place": ""}
    return scope.address(scope=name, **keep)


def at(scope: Scope, view: str, day: date) -> str:
    return scope.address(view=view, date=day.isoformat())


def tones(actor: Actor) -> list[tuple[str, str]]:
    """(colour, word) of every type of activity, for the legend."""
    book = codes_of(actor.sandbox_id, actor.stamp)
    return [
        (value.key, value.name(language())) for value in book.values("activity_type") if not value.retired
    ]


def customer_of(actor: Actor, scope: Scope) -> Customer | None:
    """The customer whose schedule this is, if one was asked for and the reader sees it."""
    return query.one(Customer, actor, scope.customer) if scope.customer else None


# -- the plain agenda ------------------------------------------------------------------------------


def agenda_of(actor: Actor, found: Sequence[Entry]) -> list[tuple[date, list[Line]]]:
    """The entries by the day they begin on."""
    links = links_for(actor, found)
    drawn = [line_of(entry, actor, links) for entry in found]
    return [(day, list(lines)) for day, lines in groupby(drawn, key=lambda line: line.entry.start.date())]


def links_for(actor: Actor, found: Iterable[Entry]) -> Links:
    links = Links(actor)
    for entry in found:
        if entry.about:
            links.want(entry.about[0], [entry.about[1]])
    return links


def line_of(entry: Entry, actor: Actor, links: Links) -> Line:
    member = actor.directory.members.get(entry.owner_id)
    return Line(
        entry,
        hours_of(entry),
        member.name if member else "",
        links.shown(*entry.about) if entry.about else "",
        is_late(entry, actor),
    )


def hours_of(entry: Entry) -> str:
    if entry.whole_day:
        return ""
    start = entry.start.strftime("%H:%M")
    if entry.end is None:
        return start
    same = entry.end.date() == entry.start.date()
    return f"{start}–{entry.end.strftime('%H:%M' if same else '%m-%d %H:%M')}"


def is_late(entry: Entry, actor: Actor) -> bool:
    """A task whose time is over and that is not done."""
    return entry.is_task and not entry.is_over and entry.start < actor.lab_now


# -- what the script asks --------------------------------------------------------------------------


def events() -> ResponseReturnValue:
    """The entries between `start` and `end`, two months at most. No look: the page asks whenever it is turned."""
    actor, _type = open_type("activities", "list")
    first = day_of(request.args.get("start", "")[:10], actor)
    after = day_of(request.args.get("end", "")[:10], actor)
    found = entries_of(actor, scope_of(actor, request.args), *stretch_of(first, after))
    links = links_for(actor, found)
    rows = [event_of(entry, actor, links) for entry in found]
    return jsonify(events=rows, capped=len(found) >= MOST)


def event_of(entry: Entry, actor: Actor, links: Links) -> dict[str, Any]:
    """An entry as the script draws it."""
    line = line_of(entry, actor, links)
    classes = ["cal", *(["cal-over"] if entry.is_over else []), *(["cal-late"] if line.late else [])]
    start, end = shown_between(entry)
    return {
        "id": f"{entry.kind}-{entry.id}",
        "title": entry.title,
        "start": start,
        "end": end,
        "allDay": entry.whole_day,
        "className": " ".join([*classes, f"cal-{entry.tone}"]),
        "startEditable": entry.version is not None,
        "durationEditable": entry.version is not None and not entry.is_task,
        "url": entry.url,
        "record": entry.id,
        "kind": entry.kind,
        "version": entry.version,
        "task": entry.is_task,
        "over": entry.is_over,
        "late": line.late,
        "label": entry.label,
        "owner": line.owner if entry.owner_id != actor.id else "",
        "when": line.when,
        "about": links.title(*entry.about) if entry.about else "",
        "about_url": about_url(entry, links),
    }


def about_url(entry: Entry, links: Links) -> str:
    if not entry.about or not links.title(*entry.about):
        return ""
    return f"/{catalog()[entry.about[0]].slug}/{entry.about[1]}"


def shown_between(entry: Entry) -> tuple[str, str | None]:
    """Beginning and end as the script takes them: days without hours, the last one not included."""
    if not entry.whole_day:
        return entry.start.isoformat(), entry.end.isoformat() if entry.end else None
    last: datetime = entry.end or entry.start
    day_after = last.date() if entry.end and last.hour == 0 else last.date() + timedelta(days=1)
    return entry.start.date().isoformat(), max(day_after, entry.start.date() + timedelta(days=1)).isoformat()
