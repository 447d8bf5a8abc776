"""The roster: class lists sent, looked at, saved and taken back; who is expected and who came (product.md P2)."""

from typing import Any

from flask import current_app, flash, g, redirect, request
from flask import render_template as render
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from instructor.common import asks, back_to, bp, console_page, me
from instructor.registrations import position_choices, whole
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people import roster as people
from labapp.people.models import Course, Position, RosterEntry, RosterUpload, Sandbox
from labapp.people.words import language
from labapp.records import looks
from labapp.records.export import table_file
from labapp.records.rosters import fates, keeping, letting_in
from labapp.records.rosters.columns import LABELS, WANTED, letter

HERE = "/instructor/roster"
SHOWN = 500


@bp.get("/roster")
@console_page("roster")
def roster() -> ResponseReturnValue:
    """Who is expected and who is there, found by words, class and state; the files so far; a new file."""
    return roster_page()


def roster_page(error: Invalid | None = None) -> str:
    actor = me()
    g.form_sandbox = actor.sandbox_id
    course_id = g.sandbox.course_id
    asked = {name: request.args.get(name, "").strip()[:100] for name in ("q", "class", "state")}
    query = people.search(course_id, asked["q"], asked["class"], asked["state"])
    return render(
        "instructor/roster.html",
        entries=db.session.scalars(query.limit(SHOWN)).all(),
        found=db.session.execute(
            select(func.count()).select_from(query.order_by(None).subquery())
        ).scalar_one(),
        most=SHOWN,
        asked=asked,
        counts=counts(course_id),
        classes=classes(course_id),
        waiting=len(people.expected(course_id)),
        uploads=uploads(course_id),
        course=db.session.get_one(Course, course_id),
        positions=position_names(),
        problem=str(error) if error else "",
        crumbs=[(_("Roster"), None)],
    )


def counts(course_id: int) -> dict[str, int]:
    """How many are on the roster, and how many of them are in the course."""
    total, there = db.session.execute(
        select(func.count(), func.count(RosterEntry.membership_id)).where(RosterEntry.course_id == course_id)
    ).one()
    return {"all": total, "registered": there, "missing": total - there}


def classes(course_id: int) -> list[str]:
    query = select(RosterEntry.class_name).where(
        RosterEntry.course_id == course_id, RosterEntry.class_name.is_not(None)
    )
    return [name for name in db.session.scalars(query.distinct().order_by(RosterEntry.class_name)) if name]


def uploads(course_id: int) -> list[RosterUpload]:
    query = select(RosterUpload).where(RosterUpload.course_id == course_id)
    return list(db.session.scalars(query.order_by(RosterUpload.id.desc()).limit(20)))


def position_names() -> dict[int, str]:
    """Each position by its path from the top, in the reader's language."""
    directory = me().directory
    found = {
        place.id: " / ".join(p.name(language()) for p in [*reversed(directory.above(place.id)), place][-3:])
        for place in directory.places.values()
    }
    if (
        g.sandbox.unit
    ):  # an entry may have been made in another sandbox of the course, whose positions are the same
        by_serial = {place.serial: found[place.id] for place in directory.places.values()}
        query = select(Position.id, Position.serial).join(Sandbox, Sandbox.id == Position.sandbox_id)
        others = db.session.execute(query.where(Sandbox.course_id == g.sandbox.course_id))
        found |= {number: by_serial[serial] for number, serial in others if serial in by_serial}
    return found


@bp.post("/roster/switch")
@console_page("roster")
def roster_switch() -> ResponseReturnValue:
    """Whether the roster lets people in by itself."""
    on = request.form.get("on") == "1"
    keeping.switch(me(), looks.source(), on)
    sentence = (
        _("From now on whoever is on the roster is in at once.") if on else _("From now on everybody waits.")
    )
    return back_to(HERE, sentence)


@bp.post("/roster/activate")
@console_page("roster")
def roster_activate() -> ResponseReturnValue:
    """Take in those who wait and stand on the roster."""
    done = letting_in.activate(me(), looks.source(), g.sandbox.course_id)
    to = "/instructor/registrations" if request.form.get("next") == "registrations" else HERE
    return back_to(to, people_in(done), "success" if done else "info")


def people_in(done: int) -> str:
    return ngettext("%(num)s person is in.", "%(num)s people are in.", done)


@bp.get("/roster/missing.<any(csv, xlsx):form>")
@console_page("roster")
def roster_missing(form: str) -> ResponseReturnValue:
    """Those who have not registered yet, as a file that could be sent again."""
    actor = me()
    looks.looked(actor, "session", "export", answers={"what": "roster", "format": form})
    entries = db.session.scalars(
        people.search(g.sandbox.course_id, class_name=request.args.get("class", ""), state="missing")
    )
    names = position_names()
    rows = (
        [e.number, e.name, e.email or "", e.class_name or "", names.get(e.position_id, "")] for e in entries
    )
    return table_file(form, _("Not yet registered"), [str(LABELS[name]) for name in WANTED], rows)


# -- a file ----------------------------------------------------------------------------------------


@bp.post("/roster/upload")
@console_page("roster")
@asks(roster_page)
def roster_upload() -> ResponseReturnValue:
    """Read a file; nothing of it counts before it is saved."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(_("Choose a file."))
    most = int(current_app.config["UPLOAD_LIMIT"])
    content = sent.stream.read(most + 1)
    if len(content) > most:
        raise Invalid(_("This file is too large: at most %(most)s MiB.", most=most // (1024 * 1024)))
    return redirect(f"{HERE}/uploads/{keeping.receive(me(), sent.filename, content, g.account.id)}")


@bp.get("/roster/uploads/<int:upload_id>")
@console_page("roster")
def roster_file(upload_id: int) -> ResponseReturnValue:
    """What would become of each row; of a file that was saved, what became of it."""
    return upload_page(None, upload_id)


def upload_page(error: Invalid | None, upload_id: int) -> str:
    actor = me()
    g.form_sandbox = actor.sandbox_id
    upload = keeping.upload_of(actor, upload_id)
    crumbs = [(_("Roster"), HERE), (upload.file_name, None)]
    said: dict[str, Any] = {"upload": upload, "problem": str(error) if error else "", "crumbs": crumbs}
    if upload.state != keeping.PREVIEW:
        return render("instructor/roster_saved.html", **said, **outcome(upload))
    lines = fates.fates(upload, actor)
    fate = request.args.get("fate", "")
    shown = [line for line in lines if not fate or line.fate == fate]
    numbers = fates.counted(lines)
    return render(
        "instructor/roster_upload.html",
        **said,
        lines=shown[:SHOWN],
        most=SHOWN,
        left_off=max(0, len(shown) - SHOWN),
        counts=numbers,
        taken=sum(numbers[name] for name in fates.TAKEN),
        fates=fates.SAID,
        fate=fate,
        wanted=[(name, LABELS[name], upload.columns.get(name)) for name in WANTED],
        heads=[(i, f"{letter(i)}: {title}" if title else letter(i)) for i, title in enumerate(upload.heads)],
        choices=position_choices(actor.directory),
        positions=position_names(),
        course=db.session.get_one(Course, upload.course_id),
    )


def outcome(upload: RosterUpload) -> dict[str, Any]:
    """What there is of a saved file: its entries, those by which somebody came in first."""
    entries = db.session.scalars(
        select(RosterEntry)
        .where(RosterEntry.upload_id == upload.id)
        .order_by(RosterEntry.taken_at.is_(None), RosterEntry.number_key)
    ).all()
    return {
        "entries": entries[:SHOWN],
        "stayed": sum(1 for entry in entries if entry.taken_at is not None),
        "left": sum(1 for entry in entries if entry.taken_at is None),
        "fates": fates.SAID,
        "positions": position_names(),
    }


@bp.post("/roster/uploads/<int:upload_id>/columns")
@console_page("roster")
@asks(upload_page)
def roster_columns(upload_id: int) -> ResponseReturnValue:
    """Which column is which, and the position of rows without one; then the preview anew."""
    keeping.settle(me(), upload_id, {name: whole(name) for name in WANTED}, whole("position_id"))
    return redirect(f"{HERE}/uploads/{upload_id}")


@bp.post("/roster/uploads/<int:upload_id>/save")
@console_page("roster")
@asks(upload_page)
def roster_save(upload_id: int) -> ResponseReturnValue:
    """Write the entries, then take in those who wait and are meant."""
    actor, source = me(), looks.source()
    numbers = keeping.save(actor, source, upload_id)
    saved = sum(numbers[name] for name in fates.TAKEN)
    flash(ngettext("%(num)s entry is on the roster.", "%(num)s entries are on the roster.", saved), "success")
    done = letting_in.activate_if_on(actor, source, g.sandbox.course_id)
    if done:
        flash(people_in(done), "success")
    return redirect(f"{HERE}/uploads/{upload_id}")


@bp.post("/roster/uploads/<int:upload_id>/drop")
@console_page("roster")
@asks(upload_page)
def roster_drop(upload_id: int) -> ResponseReturnValue:
    """Forget a file that was only looked at."""
    keeping.drop(me(), upload_id)
    return back_to(HERE, _("The file is discarded. Nothing of it was saved."))


@bp.post("/roster/uploads/<int:upload_id>/undo")
@console_page("roster")
@asks(upload_page)
def roster_undo(upload_id: int) -> ResponseReturnValue:
    """Take the entries of a file back; those who came in by one stay and are listed."""
    done = keeping.undo(me(), looks.source(), upload_id)
    said = ngettext("%(num)s entry is taken back.", "%(num)s entries are taken back.", done.removed)
    return back_to(f"{HERE}/uploads/{upload_id}", said)
