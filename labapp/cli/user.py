"""`labapp user`: accounts from the command line."""

import re
from typing import TYPE_CHECKING, Any

import click

from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from labapp.access.actor import Actor
    from labapp.people.models import Account

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"  # a school's own network has addresses that no strict check knows
HERE = "http://127.0.0.1:5000"
at_option = click.option("--at", default=HERE, show_default=True, help="Where browsers find the site.")


@click.group
def user() -> None:
    """Add people, take them in, give them a new password."""


@user.command
@click.argument("login")
@click.option("--name", required=True, help="The name as others see it.")
@click.option("--email", help="A second way to sign in.")
@click.option(
    "--role", type=click.Choice(["administrator", "instructor"]), help="Without it: an ordinary account."
)
@at_option
def add(login: str, name: str, email: str | None, role: str | None, at: str) -> None:
    """Make an account that signs in with LOGIN (a number or an e-mail); prints where its password is set."""
    with application():
        from flask_babel import gettext as _

        from labapp.people.addresses import reset_address
        from labapp.people.enrol import Person, create_account, is_known
        from labapp.records.work import writing

        person = Person(name.strip(), *_logins(login, email))
        if not person.name or not (person.number or person.email):
            raise click.UsageError(_("An account needs a name and a login."))
        with writing():
            if is_known(person.number, person.email):
                raise Failed(_("There is an account with this number or e-mail already."))
            account = create_account(
                person, administrator=role == "administrator", instructor=role is not None
            )
            _note("account.add", account, {"role": role})
        click.echo(_("%(name)s sets a password here, once, within seven days:", name=account.name))
        click.echo(f"{at}{reset_address(account)}")


def _logins(login: str, email: str | None) -> tuple[str | None, str | None]:
    """(number, e-mail) from what was given. Raises UsageError for an e-mail that is none."""
    from flask_babel import gettext as _

    from labapp.people.enrol import tidy_login

    first = tidy_login(login)
    number, address = (None, first) if "@" in first else (first[:60], tidy_login(email) if email else None)
    if address and not re.fullmatch(EMAIL, address):
        raise click.UsageError(_("%(email)s is no e-mail address.", email=address))
    return number or None, address


@user.command
@click.argument("login")
@at_option
def password(login: str, at: str) -> None:
    """Print a one-time address at which the person sets a new password."""
    with application():
        from labapp.people.addresses import reset_address
        from labapp.records.work import writing

        account = _account(login)
        address = reset_address(account)
        with writing():
            _note("account.reset_address", account, {})
        click.echo(f"{at}{address}")


@user.command
@click.argument("course")
@click.argument("logins", metavar="LOGIN...", nargs=-1, required=True)
@click.option(
    "--position",
    help="By its name, or its names from the top: 'Sales/North'. Not needed where each has a place of their own.",
)
@click.option(
    "--role",
    type=click.Choice(["student", "assistant", "observer", "instructor"]),
    default="student",
    show_default=True,
)
def approve(course: str, logins: tuple[str, ...], position: str | None, role: str) -> None:
    """Take people into COURSE: those who applied, and accounts that did not.

    In mode individual each gets a sandbox of their own, in mode team a seat in a team.
    """
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import instructor_of, position_called
        from labapp.records.places import course_of

        accounts = [_account(login) for login in logins]
        actor = instructor_of(course)
        if position is None and role == "student" and course_of(actor).mode == "class":
            raise click.UsageError(_("Say with --position where they sit."))
        place = position_called(actor, position) if position is not None else None
        for account in accounts:
            name = account.name
            key = _take_in(actor, account, place, role)
            click.echo(_("%(name)s is %(key)s.", name=name, key=key))


def _take_in(actor: "Actor", account: "Account", place: int | None, role: str) -> str:
    """Approve the application of an account, or admit it without one.

    Returns the key of the seat, with its sandbox where the course has several for students.
    """
    from flask_babel import gettext as _
    from sqlalchemy import select

    from labapp.db import db
    from labapp.people.models import CLASS, PENDING, STUDENT, Account, Membership, Sandbox
    from labapp.records.enrolment import admit
    from labapp.records.enrolment import approve as approve_all
    from labapp.records.places import course_of
    from labapp.records.work import Source

    source, account_id = Source("cli"), account.id
    course = course_of(actor)
    course_id, mode = course.id, course.mode
    mine = select(Membership).where(Membership.course_id == course_id, Membership.account_id == account_id)
    pending = mine.where(Membership.state == PENDING, Membership.sandbox_id.is_(None))
    waiting = db.session.scalar(pending)
    if waiting is None:
        seat = admit(actor, source, account, place, role)
    else:
        approve_all(actor, source, [waiting.id], place, role)
        last = db.session.get_one(Account, account_id, populate_existing=True).last_membership_id
        found = db.session.scalar(mine.where(Membership.id == last).execution_options(populate_existing=True))
        if found is None or found.key is None:
            raise Failed(_("The application was decided by somebody else meanwhile."))
        seat = found
    if mode == CLASS or role != STUDENT:
        return str(seat.key)
    return f"{db.session.get_one(Sandbox, seat.sandbox_id).name}: {seat.key}"


def _account(login: str) -> "Account":
    """Raises Failed where nobody has this login."""
    from flask_babel import gettext as _

    from labapp.people.enrol import account_by_login

    found = account_by_login(login)
    if found is None:
        raise Failed(_("There is no account with the login %(login)s.", login=login))
    return found


def _note(action: str, account: "Account", details: dict[str, Any]) -> None:
    """An act of the command line on an account, in the administration log."""
    from labapp.oplog.append import Act, append_act

    append_act(Act(action, None, None, account.name, {"login": account.number or account.email, **details}))
