"""Who is taken in because the roster names them, and what nearly fits (product.md P2)."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from labapp.access.actor import Actor, system_actor
from labapp.db import db
from labapp.people import roster
from labapp.people.directory import sandboxes_of
from labapp.people.models import OPEN, PENDING, STUDENT, Account, Course, Membership, RosterEntry, Sandbox
from labapp.people.roster import Applicant, fits, is_free, name_key, number_key
from labapp.records import enrolment, places
from labapp.records.seating import Seating, require_instructor
from labapp.records.work import Source, writing
from labapp.values import dataclass


def welcome(membership_id: int) -> bool:
    """Take an applicant in at once if the roster of the course names them and its switch is on.

    One step `membership.approve` of origin `automation`. False: they wait for an instructor.
    """
    with writing():
        row = db.session.get(Membership, membership_id, populate_existing=True)
        if row is None or row.state != PENDING or row.sandbox_id is not None or row.account_id is None:
            return False
        entry = _entry_for(row, db.session.get_one(Account, row.account_id))
        if entry is None:
            return False
        sandbox, position_id = _place(row.course_id, entry)
        if sandbox is None or position_id is None:
            return False
        return enrolment.approve_by_roster(
            system_actor(sandbox), membership_id, Seating(position_id, STUDENT)
        )


def _entry_for(row: Membership, account: Account) -> RosterEntry | None:
    """The free entry that means this person, where the course lets the roster decide."""
    if (
        not account.number
        or not db.session.get_one(Course, row.course_id, populate_existing=True).roster_activates
    ):
        return None
    entry = roster.entry_of(row.course_id, account.number)
    fitting = entry is not None and is_free(entry) and fits(entry, Applicant.of(account))
    return entry if fitting else None


def _place(course_id: int, entry: RosterEntry) -> tuple[Sandbox | None, int | None]:
    """An open sandbox of the course, that of the entry first, and the entry's position in it if it is still there."""
    boxes = [sandbox for sandbox in sandboxes_of(course_id) if sandbox.state == OPEN]
    boxes.sort(key=lambda sandbox: sandbox.id != entry.sandbox_id)
    return (boxes[0], places.counterpart(entry.position_id, boxes[0].id)) if boxes else (None, None)


def activate(actor: Actor, source: Source, course_id: int) -> int:
    """Take in everybody who waits and stands on the roster, a step each in the instructor's name. Returns how many.

    Entries whose position is gone are passed over. Raises Refused.
    """
    require_instructor(actor, "approve")
    found = [
        (membership_id, places.counterpart(entry.position_id, actor.sandbox_id))
        for membership_id, entry in roster.expected(course_id)
    ]
    wanted = [(membership_id, place) for membership_id, place in found if place is not None]
    places.make_room(actor, STUDENT, len(wanted))
    source = enrolment.bulk(source, [membership_id for membership_id, _place in wanted])
    return sum(
        enrolment.approve(actor, source, [membership_id], place, STUDENT).done
        for membership_id, place in wanted
    )


def activate_if_on(actor: Actor, source: Source, course_id: int) -> int:
    """The same where the course lets the roster decide, else nobody."""
    course = db.session.get_one(Course, course_id, populate_existing=True)
    return activate(actor, source, course_id) if course.roster_activates else 0


@dataclass(frozen=True)
class Hint:
    """What the roster says about somebody who waits. `fits`: it names them; else it only nearly does."""

    sentence: str
    fits: bool = False


def hints(course_id: int, waiting: Sequence[tuple[int, Account]]) -> dict[int, Hint]:
    """By membership id: what an instructor should know before deciding. Two statements for all."""
    people = {membership_id: Applicant.of(account) for membership_id, account in waiting}
    entries = roster.near(course_id, people.values())
    found = {}
    for membership_id, person in people.items():
        hint = hint_for(person, entries)
        if hint is not None:
            found[membership_id] = hint
    return found


def hint_for(person: Applicant, entries: Iterable[RosterEntry]) -> Hint | None:
    """The entry with the same number counts first, then one with the same name."""
    from rapidfuzz.distance import OSA  # late: a fiftieth of a start

    number, name = number_key(person.number), name_key(person.name)
    entries = list(entries)
    same_number = next((e for e in entries if e.number_key == number), None)
    if same_number is not None:
        return by_number(person, same_number)
    namesakes = [e for e in entries if e.name_key == name and is_free(e)]
    if not namesakes:
        return None
    nearest = min(namesakes, key=lambda e: OSA.distance(e.number_key, number))
    if OSA.distance(nearest.number_key, number) == 1:
        said = _(
            "This name is on the roster with number %(number)s, one sign differs.", number=nearest.number
        )
    else:
        said = _("This name is on the roster with number %(number)s.", number=nearest.number)
    return Hint(said)


def by_number(person: Applicant, entry: RosterEntry) -> Hint:
    """What to say of the entry with this number."""
    if not is_free(entry):
        return Hint(_("Number %(number)s is on the roster, and somebody has taken it.", number=entry.number))
    if entry.name_key != name_key(person.name):
        return Hint(
            _("Number %(number)s is on the roster as %(name)s.", number=entry.number, name=entry.name)
        )
    if not fits(entry, person):
        return Hint(_("Number and name are on the roster, with the e-mail %(email)s.", email=entry.email))
    return Hint(_("On the roster."), fits=True)
