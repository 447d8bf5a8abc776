"""The demonstration: a class that is open, with people in it who can sign in at once (`guests`)."""

import secrets

from sqlalchemy import select

from labapp.db import db
from labapp.people.enrol import Person, apply_for, create_account
from labapp.people.models import OBSERVER, STUDENT, Account, Course, Membership, Sandbox
from labapp.people.passwords import hash_password
from labapp.records.work import writing
from labapp.scenario.generators import Language, generator
from labapp.scenario.guests import GUESTS, NAME, SIGN_IN, STUDENTS, TEACHER, WAITING, WATCHER
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import read_scenario
from labapp.scenario.write import Writer

KEY, SEED = "sales-basics", 2026
LANGUAGE: Language = "zh"  # the class is Chinese, in whatever language one reads the pages


def make_demo() -> None:
    """Open the class, give its guests their seats and everybody else an account."""
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
            person = Person(guest.name, guest.login)
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
