"""The demonstration: a class that is open, with people in it who can sign in at once."""

import secrets
from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.enrol import UNSEEN_STATES, Person, apply_for, create_account
from labapp.people.models import OBSERVER, STUDENT, Account, Course, Membership, Sandbox
from labapp.people.passwords import hash_password
from labapp.records.work import writing
from labapp.scenario.generators import Language, generator
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import read_scenario
from labapp.scenario.shape import Words
from labapp.scenario.write import Writer
from labapp.values import dataclass

NAME, KEY, SEED = "demo", "sales-basics", 2026
LANGUAGE: Language = "zh"  # the class is Chinese, in whatever language one reads the pages
SIGN_IN = "lab-demo-2026"  # known to all; the demonstration opens on its own machine only


@dataclass(frozen=True)
class Guest:
    """Somebody who can sign in: under which login, as whom, and in which seat (empty: none of the class)."""

    login: str
    name: Words
    what: object
    seat: str = ""


TEACHER = Guest("teacher", Words(en="Chen Jing", zh="陈静"), _l("instructor"))
STUDENTS = (
    Guest("manager", Words(en="Wang Lei", zh="王磊"), _l("student, manager of Sales 1"), "s001"),
    Guest("student", Words(en="Li Na", zh="李娜"), _l("student, representative in Sales 1"), "s002"),
)
WATCHER = Guest("observer", Words(en="Zhao Min", zh="赵敏"), _l("observer"))
WAITING = Guest("newcomer", Words(en="Zhou Yang", zh="周洋"), _l("waits for the instructor's approval"))
GUESTS = (TEACHER, *STUDENTS, WATCHER, WAITING)


def open_demo() -> Iterator[str]:
    """Open the demonstration class where it is not there already; the sign-ins as lines to print.

    Raises Invalid if an earlier opening was interrupted.
    """
    sandbox = db.session.scalars(select(Sandbox).where(Sandbox.name == NAME)).first()
    if sandbox is None:
        _open()
    elif sandbox.state in UNSEEN_STATES:
        raise Invalid(_l("The demonstration was interrupted while it was made. Renew it with --fresh."))
    yield _(
        "The demonstration class is open. Everybody's password is %(password)s; sign in as:", password=SIGN_IN
    )
    width = max(len(guest.login) for guest in GUESTS)
    for guest in GUESTS:
        yield f"  {guest.login.ljust(width)}  {guest.name.say(LANGUAGE)}, {guest.what}"


def _open() -> None:
    accounts = _accounts()
    scenario = read_scenario(scenario_folder(KEY))
    opening = Opening(NAME, SEED, language=LANGUAGE, instructor_account_id=accounts[TEACHER.login])
    sandbox_id = open_sandbox(scenario, opening).id
    with writing():
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        writer = Writer(sandbox, sandbox.starts_at, secrets.token_hex(8))
        for guest in STUDENTS:
            take_seat(writer, guest.seat, db.session.get_one(Account, accounts[guest.login]))
        _classmates(writer)
        watcher = db.session.get_one(Account, accounts[WATCHER.login])
        writer.member(
            "o001", OBSERVER, account_id=watcher.id, name=watcher.name, number=watcher.number, positions=[]
        )
        apply_for(
            db.session.get_one(Account, accounts[WAITING.login]),
            db.session.get_one(Course, sandbox.course_id),
            scenario.said.positions.below[0].name.say(LANGUAGE),
        )
        writer.keep(restamp=True)


def _classmates(writer: Writer) -> None:
    """The rest of the class: named accounts that nobody can sign in to until an instructor hands them an address."""
    inventor = generator().inventor(SEED, LANGUAGE, writer.sandbox.starts_at)
    query = select(Membership.key).where(
        Membership.sandbox_id == writer.sandbox.id,
        Membership.account_id.is_(None),
        Membership.role == STUDENT,
    )
    for count, key in enumerate(sorted(key for key in db.session.scalars(query) if key), start=3):
        name = inventor.person("classmate", key)["name"]
        take_seat(writer, key, create_account(Person(name, f"2026{count:04d}")))


def _accounts() -> dict[str, int]:
    """The guests' accounts: ids by login."""
    hashed = hash_password(SIGN_IN)
    found = {}
    with writing():
        for guest in GUESTS:
            known = db.session.scalars(select(Account).where(Account.number == guest.login)).first()
            person = Person(guest.name.say(LANGUAGE), guest.login)
            account = known or create_account(person, instructor=guest is TEACHER)
            account.password_hash = hashed
            found[guest.login] = account.id
    return found


def take_seat(writer: Writer, key: str, account: Account) -> None:
    """Put an account into the seat of this key, as a set-up step."""
    query = select(Membership).filter_by(sandbox_id=writer.sandbox.id, key=key)
    seat = db.session.scalars(query).one()
    with writer.step("membership.approve") as work:
        seat.account_id = account.id
        work.update(seat, name=account.name, number=account.number)
        work.header.record, work.header.label = seat.serial, account.name
