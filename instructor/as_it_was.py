"""A record or a list as it was at any moment, from the log alone; deleted records too (product.md L4)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.as_it_was_fields import Teller, lines, list_columns, title_of
from instructor.common import bp, console_page, me
from instructor.log_question import whole
from labapp.access.actor import Actor
from labapp.oplog import was
from labapp.oplog.life import Life, Version
from labapp.oplog.moments import step_at
from labapp.oplog.read import one_step
from labapp.records import query
from labapp.records.catalog import REFERENCE_VERBS, catalog
from labapp.records.history import label_of
from labapp.records.stepwords import act_label, kind_label
from labapp.records.work import LARGEST_ID

HERE = "/instructor/log/was"
NEAR = 50


@bp.get("/log/was")
@console_page("log")
def log_was() -> ResponseReturnValue:
    """Choose a kind and a moment, or a record by its number."""
    kind, number = request.args.get("kind", ""), whole(request.args.get("number", ""))
    if kind in kinds():
        kept = {name: value for name, value in request.args.items() if name in {"at", "owner"} and value}
        path = f"{HERE}/{kind}" + (f"/{number}" if number else "")
        return redirect(path + (f"?{urlencode(kept)}" if kept else ""))
    return render_template("instructor/was.html", **frame(me(), "", None))


@bp.get("/log/was/<kind>")
@console_page("log")
def log_was_list(kind: str) -> ResponseReturnValue:
    """The records of a kind that were there at a moment, fifty a page, by their numbers."""
    actor, step = me(), asked_step()
    require_kind(kind)
    owner = request.args.get("owner") or None
    after = whole(request.args.get("after", "")) or 0
    page = was.list_at(actor.sandbox_id, kind, step, owner, after)
    teller, columns = Teller(actor, step), list_columns(kind, page.rows)
    teller.read(
        kind, [{name: row.fields.get(name) for name in (*columns, "related_kind")} for row in page.rows]
    )
    asked = {"step": step, **({"owner": owner} if owner else {})}
    return render_template(
        "instructor/was_list.html",
        **frame(actor, kind, step),
        owner=owner,
        columns=[label_of(catalog().get(kind), name, actor) for name in columns],
        rows=[
            (
                row.serial,
                title_of(kind, row.fields, row.serial),
                owner_of(row.fields, actor),
                [teller.say(kind, name, row.fields) for name in columns],
            )
            for row in page.rows
        ],
        next_url=f"{HERE}/{kind}?{urlencode({**asked, 'after': page.after})}" if page.after else None,
        first_url=f"{HERE}/{kind}?{urlencode(asked)}" if after else None,
    )


@bp.get("/log/was/<kind>/<int:number>")
@console_page("log")
def log_was_record(kind: str, number: int) -> ResponseReturnValue:
    """One record after any step that touched it, beside what it is now."""
    actor = me()
    require_kind(kind)
    found = Life(actor.sandbox_id, kind, number) if number < LARGEST_ID else None
    if not found:
        abort(404)
    place, now = asked_version(found), found.state(len(found))
    first = max(0, (place or 0) - NEAR)
    near = found.versions(first, (place or 0) + NEAR)
    shown = near[place - first] if place is not None else None
    then = found.state(place + 1) if place is not None else None
    title = title_of(kind, then or now or last_fields(found), number)
    told = lines(kind, shown, then, now, actor) if shown is not None and then is not None else []
    return render_template(
        "instructor/was_record.html",
        **frame(actor, kind, shown.step if shown else asked_step(), title),
        number=number,
        title=title,
        ends=(found.first, found.last, len(found)),
        versions=around(near, first, actor),
        place=place,
        shown=shown,
        there=then is not None,
        gone=now is None,
        lines=told,
        differing=sum(line.differs for line in told),
        url=url_now(kind, number, actor),
    )


def last_fields(found: Life) -> dict[str, Any]:
    """What a deleted record was when it was last there."""
    return next((state for n in range(len(found) - 1, 0, -1) if (state := found.state(n))), {})


def around(near: list[Version], first: int, actor: Actor) -> list[tuple[int, Version, str, Any]]:
    """The shown state and those about it, at most a hundred: number, step, who, what."""
    return [
        (number, version, who(version, actor), act_label(version.kind, version.verb))
        for number, version in enumerate(near, start=first + 1)
    ]


def asked_version(found: Life) -> int | None:
    """Which state is asked for: by its number, a step or a lab time; None before the first, else the last."""
    number = whole(request.args.get("version", ""))
    if number is not None:
        return max(1, min(number, len(found))) - 1
    count = found.count_up_to(asked_step())
    return count - 1 if count else None


def asked_step() -> int:
    """The step of the moment asked for; the last one where none is."""
    last: int = g.sandbox.last_step
    moment = asked_moment()
    if moment is not None:
        return step_at(g.sandbox.id, moment)
    step = whole(request.args.get("step", ""))
    return last if step is None else min(step, last)


def asked_moment() -> datetime | None:
    """A lab time as a date-time input sends it; one without seconds means the end of its minute."""
    text = request.args.get("at", "")
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    return moment.replace(second=59) if len(text) == len("2026-09-08T10:05") else moment


def require_kind(kind: str) -> None:
    if kind not in kinds():
        abort(404)


def kinds() -> dict[str, str]:
    """Every kind whose records the log follows, with its word."""
    return {kind: str(kind_label(kind)) for kind in [*catalog(), *REFERENCE_VERBS] if kind != "setting"}


def offered(actor: Actor, kind: str) -> dict[str, str]:
    """The kinds there is something to see of, and the one that is shown, with their words."""
    words = kinds()
    met = {kind, *was.kinds_met(actor.sandbox_id)}
    return {name: word for name, word in words.items() if name in met}


def frame(actor: Actor, kind: str, step: int | None, title: str = "") -> dict[str, Any]:
    """What all three pages show: the choice of kind, owner and moment."""
    members = sorted(actor.directory.by_key.values(), key=lambda member: member.key)
    moment = asked_moment() or moment_of(actor, step) or actor.lab_now
    crumbs = [(_("Operation log"), "/instructor/log"), (_("As it was"), HERE)]
    crumbs += [(kind_label(kind), f"{HERE}/{kind}")] if kind else []
    return {
        "kind": kind,
        "kinds": offered(actor, kind),
        "label": kind_label(kind) if kind else "",
        "step": step,
        "at": moment,
        "people": [(member.key, f"{member.name} ({member.key})") for member in members],
        "crumbs": [*crumbs, *([(title, None)] if title else [])],
    }


def moment_of(actor: Actor, step: int | None) -> datetime | None:
    """The lab time of a step."""
    found = one_step(actor.sandbox_id, step) if step else None
    return found.lab_at if found else None


def who(version: Version, actor: Actor) -> str:
    member = actor.directory.by_key.get(version.member or "")
    return member.name if member else version.member or _("the house")


def owner_of(fields: dict[str, Any], actor: Actor) -> str:
    member = actor.directory.by_key.get(str(fields.get("owner") or ""))
    return member.name if member else str(fields.get("owner") or "")


def url_now(kind: str, serial: int, actor: Actor) -> str | None:
    """The page of the record as it is, where it still is."""
    record_type = catalog().get(kind)
    if record_type is None:
        return None
    model = record_type.model
    there = query.rows(model, actor, model.serial == serial, model.deleted_at.is_(None), limit=1)
    return f"/{record_type.slug}/{there[0].id}" if there else None
