"""What is done from the calendar and from the first page: add, complete, move by dragging."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone, NotFound
from labapp.modules.activities.actions import complete as completing
from labapp.modules.activities.actions import is_open
from labapp.modules.activities.models import Activity
from labapp.records import looks, parse
from labapp.records.forms import LabForm, add_errors
from labapp.records.standard import create, edit
from labapp.records.views.common import note_attempt, open_type
from labapp.records.views.writing import checked
from labapp.records.work import Work
from labapp.web.calendar.quick import activity_values, quick_form
from labapp.web.calendar.scope import number
from labapp.web.navigation import local_path

LAST = time(23, 59)


def back() -> str:
    """The calendar or the first page as it stood."""
    address = local_path(request.values.get("next"), "/calendar")
    return address if address == "/" or address.startswith("/calendar") else "/calendar"


def add() -> ResponseReturnValue:
    """A new event or task of one's own."""
    actor, record_type = open_type("activities", "create")
    form = quick_form(actor)(request.form, data=dict(given()))
    if request.method == "GET":
        return add_page(form)
    try:
        checked(form)
        values = activity_values(form.answers)
        with Work(actor, "activity.create", answers=values, source=looks.source()) as work:
            record = create(work, record_type, values)
            title = record.subject
    except Invalid as error:
        return add_again(error, actor, form)
    flash(_("“%(title)s” is in your calendar.", title=title), "success")
    return redirect(back())


def given() -> list[tuple[str, Any]]:
    """What the address fills in: what, at, until, and the record it is about."""
    found = []
    for name in ("what", "related_kind", "related_id", "at", "until"):
        value: Any = request.args.get(name)
        if value and name in {"at", "until"}:
            value = moment_of(value)
        if value:
            found.append((name, value))
    return found


def moment_of(text: str) -> datetime | None:
    try:
        return parse.moment(text)
    except ValueError:
        return None


def add_page(form: LabForm) -> str:
    heading = _("New in the calendar")
    return render_template(
        "calendar/add.html",
        form=form,
        heading=heading,
        next=back(),
        crumbs=[(_("Calendar"), "/calendar"), (heading, None)],
    )


def add_again(error: Invalid, actor: Actor, form: LabForm) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in form.data if name in request.form}
    looks.attempted(actor, ("activity", "create"), error, None, typed)
    if error.fields or not form.errors:
        moved = {"starts_at": "at", "due_at": "at", "ends_at": "until"}
        add_errors(form, {moved.get(name, name): said for name, said in error.fields.items()}, error.sentence)
    return add_page(form), 422


def complete() -> ResponseReturnValue:
    """Done, in one click."""
    actor, _type = open_type("activities", "complete")
    note_attempt("activity", "complete", answers=dict(request.form))
    try:
        with Work(actor, "activity.complete", source=looks.source()) as work:
            activity = work.on(Activity, number(request.form.get("id")))
            if not is_open(activity):
                work.refuse(_("This is done or cancelled already."))
            completing.run(work, activity, {})
            title = activity.subject
    except NotFound:
        raise
    except NotDone as error:
        flash(str(error), "danger")
    else:
        flash(_("Done: %(title)s", title=title), "success")
    return redirect(back())


def move() -> ResponseReturnValue:
    """An entry was dragged or stretched: an edit like any other, refused where it was changed meanwhile.

    Answers with the new version, or with the sentence of the refusal.
    """
    actor, record_type = open_type("activities", "edit")
    note_attempt("activity", "edit", answers=dict(request.form))
    with Work(actor, "activity.edit", answers=asked_times(), source=looks.source()) as work:
        activity = work.on(Activity, number(request.form.get("id")))
        work.check_version(activity, request.form.get("version", ""))
        if not is_open(activity):
            work.refuse(_("This is done or cancelled already."))
        edit(work, record_type, activity, times_for(activity))
        version = activity.version
    return jsonify(version=version)


def asked_times() -> dict[str, str]:
    return {name: request.form[name][:30] for name in ("start", "end", "all_day") if name in request.form}


def times_for(activity: Activity) -> dict[str, Any]:
    """The columns that change when it is put there. A reminder goes along by the same time."""
    start, end, days = moment("start"), moment("end"), request.form.get("all_day") == "1"
    if start is None:
        raise Invalid(_("Say when it is to be."))
    was: datetime | None = activity.starts_at or activity.due_at
    if activity.starts_at is None:
        values: dict[str, Any] = {"due_at": datetime.combine(start.date(), LAST) if days else start}
    elif days:
        last = (end - timedelta(days=1) if end and end > start else start).date()
        values = {
            "starts_at": datetime.combine(start.date(), time()),
            "ends_at": datetime.combine(last, LAST),
        }
    else:
        values = {"starts_at": start, "ends_at": end}
    now = values.get("starts_at") or values["due_at"]
    if activity.reminder_at is not None and was is not None:
        values["reminder_at"] = activity.reminder_at + (now - was)
    return values


def moment(name: str) -> datetime | None:
    """A time the script sent. Raises Invalid for what is none."""
    text = request.form.get(name, "")[:16]
    try:
        return parse.moment(text if "T" in text else f"{text}T00:00") if text else None
    except ValueError as error:
        raise Invalid(str(error)) from error
