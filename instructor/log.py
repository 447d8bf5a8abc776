"""Log review: who did what when, a member's day, a step (product.md L4)."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor import log_files
from instructor.common import bp, console_page, me
from instructor.log_question import ASKED, asked_day, question_of, whole
from labapp.access.actor import Actor
from labapp.oplog import read
from labapp.oplog.export import position_label
from labapp.oplog.models import Operation
from labapp.people.words import language
from labapp.records.catalog import REFERENCE_VERBS, catalog
from labapp.records.stepwords import OUTCOMES, act_label, kind_label, lines
from labapp.records.views.common import ORIGINS

__all__ = ["log_files"]
COMMON = ("create", "edit", "clone", "transfer", "delete", "restore", "open", "list", "report", "export")


@bp.get("/log")
@console_page("log")
def log() -> ResponseReturnValue:
    """A page of steps, newest first, filtered."""
    actor = me()
    before = whole(request.args.get("before", ""))
    found, more = read.steps(question_of(actor), before)
    asked = {name: request.args.get(name, "") for name in ASKED}
    query = {name: value for name, value in asked.items() if value}
    return render_template(
        "instructor/log.html",
        lines=lines(found, actor),
        places=places(actor),
        asked=asked,
        record_alone=bool(asked["record"]) and not asked["kind"],
        choices=choices(actor),
        next_url=f"/instructor/log?{urlencode({**query, 'before': more})}" if more else None,
        first_url=f"/instructor/log?{urlencode(query)}" if before else None,
        query=urlencode(query),
        crumbs=[(_("Operation log"), None)],
    )


def places(actor: Actor) -> dict[str, str]:
    """The first position of each member, by key."""
    members = actor.directory.members.values()
    return {member.key: position_label(actor.directory, member, language()) or "" for member in members}


def choices(actor: Actor) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer."""
    members = sorted(actor.directory.members.values(), key=lambda member: member.key)
    tree = actor.directory.tree()
    return {
        "member": [*((m.key, f"{m.name} ({m.key})") for m in members), ("-", _("the house"))],
        "position": [(str(p.id), "\u3000" * (p.path.count("/") - 2) + p.name(language())) for p in tree],
        "kind": [(kind, kind_label(kind)) for kind in [*catalog(), *REFERENCE_VERBS]],
        "verb": sorted(verbs().items(), key=lambda verb: verb[1]),
        "outcome": [(outcome, word) for outcome, (word, _tone) in OUTCOMES.items()],
        "origin": list(ORIGINS.items()),
    }


def verbs() -> dict[str, str]:
    """Every verb there is, with its word."""
    known = catalog()
    named = [*(verb for verbs in REFERENCE_VERBS.values() for verb in verbs), "request", "dispute"]
    found = {verb: str(act_label("", verb)) for verb in named}
    for kind, record_type in known.items():
        own = {*COMMON, *(action.name for action in record_type.actions)}
        found |= {verb: str(act_label(kind, verb)) for verb in own}
    return found


@bp.get("/log/steps/<int:number>")
@console_page("log")
def log_step(number: int) -> ResponseReturnValue:
    """One step with everything it says: where evidence leads."""
    actor = me()
    found = read.one_step(actor.sandbox_id, number) if number < 2**53 else None
    if found is None:
        abort(404)
    return render_template(
        "instructor/log_step.html",
        line=lines([found], actor)[0],
        place=places(actor).get(found.member or ""),
        crumbs=[(_("Operation log"), "/instructor/log"), (_("Step %(number)s", number=number), None)],
    )


@bp.get("/log/member/<key>")
@bp.get("/log/member/<key>/<day_text>")
@console_page("log")
def log_day(key: str, day_text: str = "") -> ResponseReturnValue:
    """A member's lab day as a timeline, with field changes. Without a day: the last one with steps."""
    actor = me()
    member = actor.directory.by_key.get(key) or abort(404)
    shown = day_or_404(day_text) if day_text else read.last_day(actor.sandbox_id, key) or actor.lab_now.date()
    begin, steps, more = part_of_day(actor.sandbox_id, key, shown)
    here = f"/instructor/log/member/{key}/{shown}"
    return render_template(
        "instructor/log_day.html",
        member=member,
        place=places(actor)[key],
        day=shown,
        lines=lines(steps, actor),
        earlier=read.last_day(actor.sandbox_id, key, before=shown),
        later=read.next_day(actor.sandbox_id, key, after=shown),
        next_url=f"{here}?from={more}" if more else None,
        first_url=here if begin else None,
        crumbs=[(_("Operation log"), "/instructor/log"), (member.name, None)],
    )


def part_of_day(sandbox_id: int, key: str, day: date) -> tuple[int, list[Operation], int | None]:
    """The step the address asks to begin at (0: the day's first), the steps from there, and where the next part begins.

    Of a long day an hour that is not in its first part is asked for by `hour`: the map of the log links to hours.
    """
    begin, hour = whole(request.args.get("from", "")) or 0, whole(request.args.get("hour", ""))
    steps, more = read.day_of(sandbox_id, key, day, begin)
    if more and not begin and hour in range(24):
        first = read.first_of_hour(sandbox_id, key, datetime.combine(day, time(hour or 0)))
        if first is not None and first >= more:
            return first, *read.day_of(sandbox_id, key, day, first)
    return begin, steps, more


def day_or_404(text: str) -> date:
    return asked_day(text) or abort(404)
