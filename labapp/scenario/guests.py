"""Who signs in to the demonstration class, and whether it is there. `demo` makes it."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.enrol import UNSEEN_STATES
from labapp.people.models import Sandbox
from labapp.values import dataclass

NAME = "demo"
SIGN_IN = "lab-demo-2026"  # known to all; the demonstration opens on its own machine only


@dataclass(frozen=True)
class Guest:
    """Somebody who can sign in: under which login, as whom, and in which seat (empty: none of the class).

    The name is Chinese as the class is, in whatever language one reads the pages.
    """

    login: str
    name: str
    what: object
    seat: str = ""


TEACHER = Guest("teacher", "陈静", _l("instructor"))
STUDENTS = (
    Guest("manager", "王磊", _l("student, manager of Sales 1"), "s001"),
    Guest("student", "李娜", _l("student, representative in Sales 1"), "s002"),
)
WATCHER = Guest("observer", "赵敏", _l("observer"))
WAITING = Guest("newcomer", "周洋", _l("waits for the instructor's approval"))
GUESTS = (TEACHER, *STUDENTS, WATCHER, WAITING)


def demo_state() -> str | None:
    """The state of the demonstration's sandbox; None where there is none. Asked of the table, as each start asks it."""
    sandbox = Sandbox.__table__.c
    found: str | None = db.session.scalar(select(sandbox.state).where(sandbox.name == NAME))
    return found


def sign_ins() -> Iterator[str]:
    """The sign-ins of the class as lines to print. Raises Invalid where the making of the class was interrupted."""
    if demo_state() in UNSEEN_STATES:
        raise Invalid(_l("The demonstration was interrupted while it was made. Renew it with --fresh."))
    yield _(
        "The demonstration class is open. Everybody's password is %(password)s; sign in as:", password=SIGN_IN
    )
    width = max(len(guest.login) for guest in GUESTS)
    for guest in GUESTS:
        yield f"  {guest.login.ljust(width)}  {guest.name}, {guest.what}"
