"""What becomes of each row of a class list, before anything is written."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.db import db
from labapp.people.enrol import tidy_login
from labapp.people.models import Account, Membership, RosterEntry, RosterUpload
from labapp.people.roster import Applicant, name_key, number_key
from labapp.records import parse
from labapp.records.places import counterpart, usual_position
from labapp.records.rosters.columns import LABELS, letter
from labapp.values import dataclass

NEW, PENDING, MEMBER, LISTED, DUPLICATE, ERROR = FATES = (
    "new",
    "pending",
    "member",
    "listed",
    "duplicate",
    "error",
)
TAKEN = (NEW, PENDING, MEMBER)  # what is saved
SAID: Mapping[str, tuple[Any, str]] = MappingProxyType(
    {
        NEW: (_l("new entry"), "success"),
        PENDING: (_l("waits, will be activated"), "info"),
        MEMBER: (_l("a member already"), "secondary"),
        LISTED: (_l("on the roster already"), "secondary"),
        DUPLICATE: (_l("twice in the file"), "warning"),
        ERROR: (_l("error"), "danger"),
    }
)
NUMBER = re.compile(r"[\w.\-/]{2,60}")
ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)


@dataclass
class Line:
    """A row of the file and what becomes of it. `problems`: (letter and title of the column, sentence)."""

    row: int
    number: str
    name: str
    email: str | None
    class_name: str | None
    place: str
    position_id: int | None = None
    fate: str = NEW
    problems: list[tuple[str, str]] = field(default_factory=list)
    remark: str = ""
    membership_id: int | None = None

    @property
    def applicant(self) -> Applicant:
        return Applicant(self.number, self.name, self.email)


@dataclass(frozen=True)
class Known:
    """Who is there already, by number key."""

    people: Mapping[str, tuple[Membership, Account]]
    entries: Mapping[str, RosterEntry]
    number_column: str


def fates(upload: RosterUpload, actor: Actor) -> list[Line]:
    """Every row with its fate as things stand now. `actor` instructs in the sandbox of the upload."""
    known = known_in(upload)
    default = counterpart(upload.position_id, actor.sandbox_id) or usual_position(actor)
    lines = [read(upload, row, cells, actor, default) for row, cells in upload.rows]
    first: dict[str, int] = {}
    for line in lines:
        if line.problems:
            line.fate = ERROR
        else:
            meet(line, known, first)
            first.setdefault(number_key(line.number), line.row)
    return lines


def counted(lines: Sequence[Line]) -> dict[str, int]:
    """How many lines by fate, all fates named."""
    found = Counter(line.fate for line in lines)
    return {fate: found[fate] for fate in FATES}


def known_in(upload: RosterUpload) -> Known:
    """Two statements."""
    course_id = upload.course_id
    people = select(Membership, Account).join(Account, Account.id == Membership.account_id)
    found = {
        number_key(account.number): (membership, account)
        for membership, account in db.session.execute(people.where(Membership.course_id == course_id))
        if account.number
    }
    entries = db.session.scalars(select(RosterEntry).where(RosterEntry.course_id == course_id))
    by_number = {entry.number_key: entry for entry in entries}
    return Known(found, by_number, column_of(upload, "number"))


# -- one row ---------------------------------------------------------------------------------------


def read(
    upload: RosterUpload, row: int, cells: Sequence[str], actor: Actor, default: int | None = None
) -> Line:
    """What a row says, and what is wrong with it. `default`: the position of a row that says none."""

    def said(name: str) -> str:
        place = upload.columns.get(name)
        return cells[place].lstrip("'").strip() if place is not None and place < len(cells) else ""

    line = Line(row, tidy_login(said("number")), said("name"), None, None, said("position"))

    def wrong(name: str, sentence: str) -> None:
        line.problems.append((column_of(upload, name), sentence))

    for name, check in (
        ("number", number_of),
        ("name", name_of),
        ("email", email_of),
        ("class_name", class_of),
    ):
        try:
            setattr(line, name, check(said(name)))
        except ValueError as error:
            wrong(name, str(error))
    try:
        line.position_id = position_of(line.place, default, actor)
    except ValueError as error:
        wrong("position", str(error))
    return line


def column_of(upload: RosterUpload, name: str) -> str:
    """The column as a person finds it in the file: its letter and its title."""
    place = upload.columns.get(name)
    if place is None:
        return str(LABELS[name])
    title = upload.heads[place] if place < len(upload.heads) else ""
    return f"{letter(place)} ({title})" if title else letter(place)


def number_of(raw: str) -> str:
    """A number as it is typed when registering. Raises ValueError with a sentence."""
    found = tidy_login(raw)
    if not found:
        raise ValueError(_("The number is missing."))
    if ROUNDED.fullmatch(found):
        raise ValueError(
            _("The spreadsheet has rounded this number. Format the column as text and save it again.")
        )
    if not NUMBER.fullmatch(found):
        raise ValueError(_("2 to 60 letters, digits, dots, hyphens or slashes, without spaces."))
    return found


def name_of(raw: str) -> str:
    found = parse.text(raw)
    if not found:
        raise ValueError(_("The name is missing."))
    if len(found) > 120:
        raise ValueError(_("At most 120 characters."))
    return found


def email_of(raw: str) -> str | None:
    return parse.email(tidy_login(raw)) if raw else None


def class_of(raw: str) -> str | None:
    found = parse.text(raw)
    if found and len(found) > 120:
        raise ValueError(_("At most 120 characters."))
    return found


def position_of(named: str, default: int | None, actor: Actor) -> int:
    """The position of this name or path; where none is said, the default. Raises ValueError."""
    if not named:
        if default is None or default not in actor.directory.places:
            raise ValueError(_("No position is said. Choose one for the rows without."))
        return default
    found = actor.directory.called(named)
    if not found:
        raise ValueError(_("There is no position called %(name)s.", name=named))
    if len(found) > 1:
        raise ValueError(_("Several positions are called %(name)s; name it from the top.", name=named))
    return found[0]


# -- against what is there -------------------------------------------------------------------------


def meet(line: Line, known: Known, first: Mapping[str, int]) -> None:
    """Compare a sound row with the file, the members, those who wait and the roster."""
    key = number_key(line.number)
    if key in first:
        line.fate = DUPLICATE
        line.remark = _("The same number stands in row %(row)s.", row=first[key])
        return
    entry = known.entries.get(key)
    if entry is not None:
        line.fate, line.remark = LISTED, differs(line, entry)
        return
    membership, account = known.people.get(key, (None, None))
    if membership is None or account is None:
        return
    if membership.key is not None and name_key(account.name) != name_key(line.name):
        line.fate = ERROR
        said = _("This is the number of %(name)s, who is in the course.", name=account.name)
        line.problems.append((known.number_column, said))
    elif membership.key is not None:
        line.fate, line.membership_id = MEMBER, membership.id
    elif membership.state == "pending":
        wait(line, membership, account)


def wait(line: Line, membership: Membership, account: Account) -> None:
    """Somebody with this number waits: the one who is meant, or only nearly."""
    if name_key(account.name) != name_key(line.name):
        line.remark = _("Somebody waits with this number as %(name)s. Decide by hand.", name=account.name)
    elif line.email and line.email != account.email:
        line.remark = _(
            "Somebody waits with this number, but another e-mail: %(email)s.", email=account.email
        )
    else:
        line.fate, line.membership_id = PENDING, membership.id


def differs(line: Line, entry: RosterEntry) -> str:
    """What the roster says otherwise; the entry stays as it is."""
    same = (name_key(line.name), line.email or entry.email, line.position_id) == (
        entry.name_key,
        entry.email,
        entry.position_id,
    )
    return "" if same else _("It says something else there. Edit the entry if the file is right.")
