"""Class lists sent, saved and taken back; entries changed one by one. All acts stand in the administration log."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.models import Account, Course, RosterEntry, RosterUpload, Sandbox
from labapp.people.roster import name_key, number_key
from labapp.records.imports.sending import tidy
from labapp.records.imports.tables import BadTable, read_table
from labapp.records.rosters.columns import WANTED, guess, heads_of
from labapp.records.rosters.fates import (
    MEMBER,
    TAKEN,
    Line,
    class_of,
    counted,
    email_of,
    fates,
    name_of,
    number_of,
)
from labapp.records.seating import require_instructor
from labapp.records.work import LARGEST_ID, Source, writing
from labapp.values import dataclass

MOST_ROWS = 3_000
PREVIEW, SAVED, UNDONE = "preview", "saved", "undone"


@dataclass(frozen=True)
class Undone:
    """What an undo did: entries taken back, and the people who stay because they are in the course meanwhile."""

    removed: int
    stayed: Sequence[RosterEntry]


def course_id_of(actor: Actor) -> int:
    """The course of the actor's sandbox."""
    return int(
        db.session.execute(select(Sandbox.course_id).where(Sandbox.id == actor.sandbox_id)).scalar_one()
    )


def receive(actor: Actor, name: str, content: bytes, account_id: int | None = None) -> int:
    """Keep the rows of a file to be looked at; the file itself is not kept. Returns the upload's id. Raises Invalid."""
    try:
        table = read_table(content, name)
    except BadTable as error:
        raise Invalid(str(error), {"file": str(error)}) from error
    heads = heads_of(table)
    rows = [[row.number, list(row.cells)] for row in table.rows if row.number > heads.last_row]
    if not rows:
        raise _bad(_("There are titles in this file, but no rows below them."))
    if len(rows) > MOST_ROWS:
        raise _bad(_("A class list has at most %(most)s rows. Send it in parts.", most=MOST_ROWS))
    upload = RosterUpload(
        course_id=course_id_of(actor),
        sandbox_id=actor.sandbox_id,
        account_id=account_id,
        file_name=tidy(name),
        heads=list(heads.titles),
        columns=guess(heads.titles),
        rows=rows,
    )
    with writing():
        db.session.add(upload)
        db.session.flush()
        upload_id = upload.id
    return upload_id


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})


def upload_of(actor: Actor, upload_id: int, *, locked: bool = False) -> RosterUpload:
    """An upload for the actor's sandbox, as it stands. Raises NotFound."""
    query = select(RosterUpload).where(
        RosterUpload.id == (upload_id if 0 < upload_id < LARGEST_ID else 0),
        RosterUpload.course_id == course_id_of(actor),
    )
    query = query.with_for_update() if locked else query
    found = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(_l("There is no such class list in this course."))
    return found


def in_preview(actor: Actor, upload_id: int) -> RosterUpload:
    """The same, locked, while nothing is decided about it. Raises Invalid."""
    upload = upload_of(actor, upload_id, locked=True)
    if upload.state != PREVIEW:
        raise Invalid(_("This class list is saved already."))
    return upload


def settle(actor: Actor, upload_id: int, columns: Mapping[str, int | None], position_id: int | None) -> None:
    """Say which column is which, and the position for rows without one. Raises Invalid, NotFound."""
    chosen = {name: place for name, place in columns.items() if place is not None}
    if len(set(chosen.values())) < len(chosen):
        raise Invalid(_("Choose a column of its own for each."))
    if position_id is not None and position_id not in actor.directory.places:
        raise Invalid(_("Choose a position of this sandbox."))
    with writing():
        upload = in_preview(actor, upload_id)
        if any(name not in WANTED or not 0 <= place < len(upload.heads) for name, place in chosen.items()):
            raise Invalid(_("Choose one of the values offered."))
        upload.columns, upload.position_id = chosen, position_id


def save(actor: Actor, source: Source, upload_id: int) -> dict[str, int]:
    """Write the entries of all rows that can be taken, one act for the file. Returns how many rows by fate.

    The fates are worked out anew under the lock. Raises Refused, Invalid (nothing to take, saved already), NotFound.
    """
    require_instructor(actor, "approve")
    with writing():
        upload = in_preview(actor, upload_id)
        lines = fates(upload, actor)
        counts = counted(lines)
        taken = [line for line in lines if line.fate in TAKEN]
        if not taken:
            raise Invalid(_("No row of this file can be taken."))
        db.session.add_all(_entry(upload, line) for line in taken)
        upload.state, upload.decided_at, upload.counts, upload.rows = SAVED, clock.now(), counts, []
        note(actor, source, "roster.upload", upload.file_name, {k: v for k, v in counts.items() if v})
    return counts


def _entry(upload: RosterUpload, line: Line) -> RosterEntry:
    return RosterEntry(
        course_id=upload.course_id,
        sandbox_id=upload.sandbox_id,
        upload_id=upload.id,
        membership_id=line.membership_id if line.fate == MEMBER else None,
        number=line.number,
        name=line.name,
        email=line.email,
        class_name=line.class_name,
        position_id=line.position_id,
        number_key=number_key(line.number),
        name_key=name_key(line.name),
    )


def drop(actor: Actor, upload_id: int) -> None:
    """Forget a file that was only looked at. Raises Invalid, NotFound."""
    with writing():
        db.session.delete(in_preview(actor, upload_id))


def undo(actor: Actor, source: Source, upload_id: int) -> Undone:
    """Take a saved file back: its entries go, but for those by which somebody has come in since; members stay.

    Raises Refused, Invalid, NotFound.
    """
    require_instructor(actor, "approve")
    with writing():
        upload = upload_of(actor, upload_id, locked=True)
        if upload.state != SAVED:
            raise Invalid(
                _("There is nothing to take back: this class list is not saved, or was taken back.")
            )
        entries = list(
            db.session.scalars(
                select(RosterEntry)
                .where(RosterEntry.upload_id == upload.id)
                .order_by(RosterEntry.number_key)
                .with_for_update()
            )
        )
        stayed = [entry for entry in entries if entry.taken_at is not None]
        for entry in entries:
            if entry.taken_at is None:
                db.session.delete(entry)
        upload.state, upload.decided_at = UNDONE, clock.now()
        done = Undone(len(entries) - len(stayed), stayed)
        note(actor, source, "roster.undo", upload.file_name, {"removed": done.removed, "stayed": len(stayed)})
    return done


# -- one entry -------------------------------------------------------------------------------------


def entry_of(actor: Actor, entry_id: int, *, locked: bool = False) -> RosterEntry:
    """An entry of the actor's course. Raises NotFound."""
    query = select(RosterEntry).where(
        RosterEntry.id == (entry_id if 0 < entry_id < LARGEST_ID else 0),
        RosterEntry.course_id == course_id_of(actor),
    )
    query = query.with_for_update() if locked else query
    found = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(_l("There is no such entry on the roster."))
    return found


def write_entry(actor: Actor, source: Source, entry_id: int | None, said: Mapping[str, str]) -> int:
    """Add or change one entry by what a person typed. Returns its id. Raises Refused, Invalid, NotFound."""
    require_instructor(actor, "approve")
    values = checked(actor, said)
    try:
        with writing():
            entry = entry_of(actor, entry_id, locked=True) if entry_id else _fresh(actor)
            if entry.membership_id is not None:
                raise Invalid(_("This person is in the course. Change them on their own page under People."))
            moved = sorted(name for name, value in values.items() if getattr(entry, name) != value)
            for name in moved:
                setattr(entry, name, values[name])
            db.session.add(entry)
            db.session.flush()
            written = entry.id
            if moved:
                act = "roster.edit" if entry_id else "roster.add"
                fields = [name for name in moved if not name.endswith("_key")]
                note(actor, source, act, entry.name, {"number": entry.number, "fields": fields})
    except IntegrityError as error:
        sentence = _("This number is on the roster already.")
        raise Invalid(sentence, {"number": sentence}) from error
    return written


def _fresh(actor: Actor) -> RosterEntry:
    return RosterEntry(course_id=course_id_of(actor), sandbox_id=actor.sandbox_id)


def checked(actor: Actor, said: Mapping[str, str]) -> dict[str, Any]:
    """The columns of an entry. Raises Invalid with a sentence for each field that is wrong."""
    values: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for name, check in (
        ("number", number_of),
        ("name", name_of),
        ("email", email_of),
        ("class_name", class_of),
    ):
        try:
            values[name] = check(said.get(name, ""))
        except ValueError as error:
            wrong[name] = str(error)
    position = said.get("position_id", "")
    values["position_id"] = int(position) if position.isascii() and position.isdigit() else None
    if values["position_id"] not in actor.directory.places:
        wrong["position_id"] = _("Choose a position of this sandbox.")
    if wrong:
        raise Invalid(_("Nothing was saved. Please correct what is marked."), wrong)
    return {**values, "number_key": number_key(values["number"]), "name_key": name_key(values["name"])}


def remove_entry(actor: Actor, source: Source, entry_id: int) -> str:
    """Take one entry off the roster; whoever came in by it stays. Returns the name. Raises Refused, NotFound."""
    require_instructor(actor, "approve")
    with writing():
        entry = entry_of(actor, entry_id, locked=True)
        name = entry.name
        note(actor, source, "roster.remove", name, {"number": entry.number})
        db.session.delete(entry)
    return name


def switch(actor: Actor, source: Source, on: bool) -> None:
    """Whether the roster lets people in by itself. Raises Refused."""
    require_instructor(actor, "approve")
    with writing():
        course = db.session.get_one(Course, course_id_of(actor), populate_existing=True)
        if course.roster_activates != on:
            course.roster_activates = on
            note(actor, source, "roster.switch", course.title, {"activates": on})


def note(actor: Actor, source: Source, action: str, subject: str, details: dict[str, Any]) -> None:
    """An act on the roster, for the administration log, inside the running write transaction."""
    course = db.session.get_one(Course, course_id_of(actor)).name
    account = db.session.get(Account, actor.member.account_id) if actor.member.account_id else None
    by = (account.email or account.number or account.name) if account is not None else actor.key
    append_act(Act(action, by, course, subject, details, source.address))
