"""NAME in commands: a sandbox (`autumn-a/s001`), or a course by its name."""

from contextlib import suppress

import click
from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.actor import Actor, actor_of
from labapp.cli.shell import Failed
from labapp.db import db
from labapp.people.directory import Member, directory_of, sandboxes_of
from labapp.people.enrol import account_by_login
from labapp.people.models import ACTIVE, CLASS, INSTRUCTOR, STUDENT, Course, Sandbox


def course_called(name: str) -> Course:
    """Raises Failed where there is none."""
    found = db.session.scalar(select(Course).where(Course.name == name))
    if found is None:
        raise Failed(_("There is no course called %(name)s.", name=name))
    return found


def sandboxes_called(name: str) -> list[Sandbox]:
    """The sandbox of this name, else all of the course of this name. Raises Failed where there is neither."""
    exact = db.session.scalar(select(Sandbox).where(Sandbox.name == name))
    if exact is not None:
        return [exact]
    course = db.session.scalar(select(Course).where(Course.name == name))
    found = sandboxes_of(course.id) if course is not None else []
    if not found:
        raise Failed(_("There is no course and no sandbox called %(name)s.", name=name))
    return found


def one_sandbox(name: str) -> Sandbox:
    """Where one is needed. A course with several is wrong usage, and they are listed."""
    found = sandboxes_called(name)
    if len(found) > 1:
        names = " ".join(sandbox.name for sandbox in found)
        raise click.UsageError(
            _("%(name)s has several sandboxes, name one: %(names)s", name=name, names=names)
        )
    return found[0]


def instructor_of(name: str) -> Actor:
    """Who acts for the command line: the first instructor of the (first) sandbox. Raises Failed."""
    sandbox = sandboxes_called(name)[0]
    members = sorted(directory_of(sandbox).members.values(), key=lambda member: member.serial)
    for member in members:
        if member.role == INSTRUCTOR and member.state == ACTIVE:
            return actor_of(sandbox, member.id)
    raise Failed(_("%(name)s has no instructor in whose name people are taken in.", name=name))


def member_called(sandbox: Sandbox, login: str) -> Member:
    """The member with this login, or this key of a seat. Raises Failed where there is none."""
    account = account_by_login(login)
    for member in directory_of(sandbox).members.values():
        if member.key == login or (account is not None and member.account_id == account.id):
            return member
    raise Failed(_("There is no member %(login)s in %(name)s.", login=login, name=sandbox.name))


def sandbox_of_member(name: str, login: str) -> Sandbox | None:
    """The sandbox that this student or team has alone; None where a class shares one. Raises Failed."""
    found = sandboxes_called(name)
    if db.session.get_one(Course, found[0].course_id).mode == CLASS:
        return None
    for sandbox in found:
        with suppress(Failed):
            if member_called(sandbox, login).role == STUDENT:
                return sandbox
    raise Failed(_("There is no member %(login)s in %(name)s.", login=login, name=name))


def position_called(actor: Actor, named: str) -> int:
    """The position that is called so, in either language. Raises Failed where none is or several are."""
    found = actor.directory.called(named)
    if len(found) == 1:
        return found[0]
    if found:
        raise Failed(_("Several positions are called %(name)s; name it from the top.", name=named))
    raise Failed(_("There is no position called %(name)s.", name=named))
