"""The feed of a member's calendar for a phone or an office program: an address without sign-in (product.md M11)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.actor import Actor, actor_of
from labapp.db import begin_write, db
from labapp.people.enrol import OPEN_STATES
from labapp.people.feeds import close_feed, feed_token, member_of_feed, renew_feed
from labapp.people.models import ACTIVE, Account, Membership, Sandbox
from labapp.records.agenda import Entry
from labapp.records.organisation import ZONE
from labapp.web.calendar.scope import MINE, TEAM, Scope, entries_of
from labapp.web.identity import PUBLIC, open_to
from labapp.web.limits import limited
from labapp.web.viewing import private

if TYPE_CHECKING:  # read with the first feed: it takes a fortieth of the time of a start
    from icalendar import Alarm, Calendar, Event

BEFORE, BEHIND = timedelta(days=90), timedelta(days=365)
PER_ADDRESS = "120 per hour"
TYPE = "text/calendar"


@private
def settings() -> ResponseReturnValue:
    """The member's own address: made, renewed and closed here."""
    if request.method == "POST":
        begin_write()
        (close_feed if request.form.get("what") == "close" else renew_feed)(g.actor.id)
        db.session.commit()
        return redirect("/calendar/feed")
    token = feed_token(g.actor.id)
    address = url_for("calendar.ics", token=token, _external=True) if token else None
    crumbs = [(_("Calendar"), "/calendar"), (_("Subscribe"), None)]
    return render_template("calendar/feed.html", address=address, crumbs=crumbs)


def token_asked() -> str:
    """Calls are counted per address of a feed: a whole class shares one network address."""
    token = str((request.view_args or {}).get("token", ""))
    return sha256(token.encode()).hexdigest()


@open_to(PUBLIC)
@limited(PER_ADDRESS, token_asked, methods=("GET",))
def ics(token: str) -> ResponseReturnValue:
    """The feed; 404 for every address that is not good, whatever the reason. No look is written."""
    actor = reader_of(token)
    if actor is None:
        abort(404)
    with force_locale("zh_Hans_CN" if actor.language == "zh" else "en"):
        body = calendar_of(actor, team="team" in request.args).to_ical()
    answer: Response = make_response(body)
    answer.content_type = f"{TYPE}; charset=utf-8"
    answer.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer.add_etag()
    return answer.make_conditional(request)


def reader_of(token: str) -> Actor | None:
    """Who reads by this address: an active member of an open sandbox, whose account may sign in."""
    member = member_of_feed(token)
    if member is None or member.state != ACTIVE or not can_sign_in(member):
        return None
    sandbox = db.session.get(Sandbox, member.sandbox_id)
    return actor_of(sandbox, member.id) if sandbox is not None and sandbox.state in OPEN_STATES else None


def can_sign_in(member: Membership) -> bool:
    disabled = db.session.scalar(select(Account.disabled).where(Account.id == member.account_id))
    return disabled is False


def calendar_of(actor: Actor, *, team: bool = False) -> "Calendar":
    """My own entries, or those of my team, of the last quarter and the coming year by the sandbox clock."""
    from icalendar import Calendar

    now = actor.lab_now
    scope = Scope(TEAM if team else MINE)
    found = entries_of(actor, scope, now - BEFORE, now + BEHIND) if "activity" in actor.reads else []
    name = actor.settings.get(f"organisation.name.{actor.language}") or "labapp"
    made = Calendar()
    made.add("prodid", "-//labapp//calendar//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-published-ttl", "PT1H")
    made.add("x-wr-calname", f"{name} · {actor.name}")
    zone = ZoneInfo(str(actor.settings.get("organisation.time_zone") or ZONE))
    for event in events_of(found, actor, zone):
        made.add_component(event)
    if found:
        made.add_missing_timezones()
    return made


def events_of(found: Iterable[Entry], actor: Actor, zone: ZoneInfo) -> "Iterator[Event]":
    from icalendar import Event

    names = actor.directory.members
    for entry in found:
        event = Event()
        event.add("uid", f"{entry.kind}-{entry.serial}-{actor.sandbox_id}@labapp")
        event.add("dtstamp", entry.start.replace(tzinfo=zone).astimezone(UTC))
        event.add(
            "summary", title_of(entry, names[entry.owner_id].name if entry.owner_id != actor.id else "")
        )
        for name, moment in between(entry, zone):
            event.add(name, moment)
        event.add("categories", [entry.label])
        event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
        event.add("transp", "TRANSPARENT" if entry.is_task or entry.is_over else "OPAQUE")
        event.add("url", f"{request.url_root.rstrip('/')}{entry.url}")
        if entry.text:
            event.add("description", entry.text)
        if entry.reminder is not None:
            event.add_component(alarm_of(entry, entry.reminder))
        yield event


def title_of(entry: Entry, owner: str) -> str:
    done = "✓ " if entry.is_over and not entry.is_cancelled else ""
    return f"{done}{entry.title}" + (f" ({owner})" if owner else "")


def between(entry: Entry, zone: ZoneInfo) -> Iterator[tuple[str, Any]]:
    """Beginning and end as the format wants them: whole days are dates, the end not included."""
    if entry.whole_day:
        last = entry.end or entry.start
        after = last.date() if entry.end and last.time() == time() else last.date() + timedelta(days=1)
        yield "dtstart", entry.start.date()
        yield "dtend", max(after, entry.start.date() + timedelta(days=1))
        return
    yield "dtstart", entry.start.replace(tzinfo=zone)
    yield "dtend", at_least(entry).replace(tzinfo=zone)


def at_least(entry: Entry) -> datetime:
    """The end; half an hour after the beginning where none is given."""
    return entry.end or entry.start + timedelta(minutes=30)


def alarm_of(entry: Entry, reminder: datetime) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.title)
    alarm.add("trigger", reminder - entry.start)
    return alarm
