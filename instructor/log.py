"""Log review: who did what when (product.md L4)."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import bp, console_page, me
from labapp.records.stepwords import lines
from labapp.access.actor import Actor
from labapp.db import db
from labapp.oplog import read
from labapp.oplog.chain import step_dict
from labapp.people.words import language
from labapp.records import looks
from labapp.records.catalog import REFERENCE_VERBS, catalog
from labapp.records.export import table_file

ASKED = ("member", "position", "kind", "verb", "record", "outcome", "origin", "since", "until", "request")
MOST = 100_000
AT_ONCE = 500


@bp.get("/log")
@console_page("log")
def log() -> ResponseReturnValue:
    """A page of steps, newest first, filtered."""
    actor = me()
    question = question_of(actor)
    before = whole(request.args.get("before", ""))
    found, more = read.steps(question, before)
    asked = {name: request.args.get(name, "") for name in ASKED}
    query = {name: value for name, value in asked.items() if value}
    return render_template(
        "instructor/log.html",
        lines=lines(found, actor),
        asked=asked,
        choices=choices(actor),
        next_url=f"/instructor/log?{urlencode({**query, 'before': more})}" if more else None,
        first_url=f"/instructor/log?{urlencode(query)}" if before else None,
        query=urlencode(query),
        crumbs=[(_("Operation log"), None)],
    )


def question_of(actor: Actor) -> read.Question:
    """The filters of the address."""
    args = request.args
    members: list[str | None] | None = None
    place_id = whole(args.get("position", ""))
    if args.get("member"):
        members = [None if args["member"] == "-" else args["member"]]
    elif place_id in actor.directory.places:
        people = actor.directory.people_in(place_id or 0)
        members = sorted(actor.directory.members[i].key for i in people)
    return read.Question(
        actor.sandbox_id,
        members,
        args.get("kind") or None,
        args.get("verb") or None,
        whole(args.get("record", "")) if args.get("kind") else None,
        args.get("outcome") or None,
        args.get("origin") or None,
        args.get("request") or None,
        day(args.get("since", "")),
        day(args.get("until", "")),
    )


def choices(actor: Actor) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer."""
    members = sorted(actor.directory.members.values(), key=lambda member: member.key)
    known = catalog()
    kinds = [(name, known[name].label if name in known else name) for name in [*known, *REFERENCE_VERBS]]
    places = [(str(p.id), "　" * (p.path.count("/") - 2) + p.name(language())) for p in actor.directory.tree()]
    return {
        "member": [*((m.key, f"{m.name} ({m.key})") for m in members), ("-", _("the house"))],
        "position": places,
        "kind": kinds,
        "verb": [(verb, verb) for verb in verbs()],
        "outcome": [("done", _("done")), ("refused", _("refused")), ("invalid", _("invalid"))],
    }


def verbs() -> list[str]:
    """Every verb there is, by name."""
    known = catalog()
    own = {verb.name for record_type in known.values() for verb in record_type.actions}
    named = {verb for verbs in REFERENCE_VERBS.values() for verb in verbs}
    return sorted(own | named | {"create", "edit", "clone", "transfer", "delete", "restore", "open", "list", "report", "export"})


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
        crumbs=[(_("Operation log"), "/instructor/log"), (_("Step %(number)s", number=number), None)],
    )


@bp.get("/log/member/<key>")
@bp.get("/log/member/<key>/<day_text>")
@console_page("log")
def log_day(key: str, day_text: str = "") -> ResponseReturnValue:
    """A member's lab day as a timeline, with field changes."""
    actor = me()
    member = actor.directory.by_key.get(key) or abort(404)
    days = read.days_of(actor.sandbox_id, key)
    shown = day(day_text) or (days[0] if days else actor.lab_now.date())
    steps = read.day_of(actor.sandbox_id, key, shown)
    return render_template(
        "instructor/log_day.html",
        member=member,
        day=shown,
        days=days,
        lines=lines(steps, actor),
        earlier=max((d for d in days if d < shown), default=None),
        later=min((d for d in days if d > shown), default=None),
        crumbs=[(_("Operation log"), "/instructor/log"), (member.name, None)],
    )


@bp.get("/log/export.<any(csv, xlsx, jsonl):form>")
@console_page("log")
def log_export(form: str) -> ResponseReturnValue:
    """What is filtered, newest first: CSV and XLSX without live formulas, or the steps themselves as JSON Lines."""
    actor = me()
    question = question_of(actor)
    looks.looked(actor, "session", "export", answers={"format": form})
    if form == "jsonl":
        body = "".join(json.dumps(step_dict(step), ensure_ascii=False) + "\n" for step in every(question))
        answer = Response(body, mimetype="application/x-ndjson")
        answer.headers["Content-Disposition"] = "attachment; filename=log.jsonl"
        return answer
    heads = [_("Step"), _("Member"), _("Name"), _("Lab time"), _("Real time (UTC)"), _("What"), _("Record")]
    heads += [_("Title"), _("Outcome"), _("Origin"), _("Address"), _("Changes")]
    return table_file(form, _("Operation log"), heads, (row(step, actor) for step in every(question)))


def every(question: read.Question) -> Iterator[Any]:
    """All steps of a question, at most 100,000, read in portions."""
    before, left = None, MOST
    while left > 0:
        found, before = read.steps(question, before, AT_ONCE)
        yield from found
        left -= len(found)
        db.session.expunge_all()
        if before is None:
            return


def row(step: Any, actor: Actor) -> list[Any]:
    member = actor.directory.by_key.get(step.member or "")
    changes = "; ".join(
        f"{c['what']} {c['kind']} {c['id']}: "
        + ", ".join(f"{n} {c['before'].get(n)} → {v}" if c["what"] == "changed" else f"{n}={v}" for n, v in c["after"].items())
        for c in step.changes or []
    )
    times = [step.lab_at.strftime("%Y-%m-%d %H:%M:%S"), step.at.strftime("%Y-%m-%d %H:%M:%S")]
    what = f"{step.kind}.{step.verb}"
    return [
        step.id,
        step.member or "",
        member.name if member else "",
        *times,
        what,
        step.record if step.record is not None else "",
        step.label,
        step.outcome,
        step.origin,
        step.address,
        changes[:30_000],
    ]


def whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


