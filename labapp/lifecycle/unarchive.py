"""A sandbox out of its archive, into a database that never knew it: read-only, with the same log and the same grades.

Every byte is held against the manifest before anything is written; the steps then go into the log as they are checked,
and the tables follow once they agree with it. Until everything stands the sandbox has the state `restoring` and is
seen by nobody; what does not come to an end, or is found wrong on the way, is taken out again.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from labapp import clock
from labapp.db import connection, db
from labapp.formulas import unprotected
from labapp.lifecycle import manifest as said
from labapp.lifecycle.archive import OWN
from labapp.lifecycle.cells import into
from labapp.lifecycle.check import check_content, facts_of
from labapp.lifecycle.indexing import index
from labapp.lifecycle.loading import Loader
from labapp.lifecycle.manifest import BadArchive, Manifest
from labapp.lifecycle.reading import Opened, opened
from labapp.lifecycle.removal import remove
from labapp.lifecycle.states import STANDS, free_name
from labapp.lifecycle.tables import COURSE, SANDBOX, course_parts, sandbox_parts
from labapp.lifecycle.taking import taken_in
from labapp.modules.attachments.storage import folder_of, path_of
from labapp.oplog.append import Act, append_act
from labapp.people.enrol import account_by_login
from labapp.people.models import INSTRUCTOR, Account, Course, Membership, Sandbox, new_stamp
from labapp.records.work import writing
from labapp.scenario.files import is_scenario_file
from labapp.scenario.kept import keep_texts
from labapp.values import dataclass

Told = Callable[[int, int], object]
Begins = Callable[[int, str], object]
MIB = 1 << 20


@dataclass(frozen=True)
class Wish:
    """`account_id`: whose course it becomes. `match`: give members their accounts back, by number or e-mail."""

    account_id: int | None = None
    match: bool = False
    name: str = ""
    act: Act | None = None


@dataclass
class Begun:
    """The sandbox that is being filled. `joins`: the course stood already."""

    sandbox_id: int
    course_id: int
    joins: bool


def restore(
    file: Path,
    wish: Wish,
    told: Told = lambda done, total: None,
    begun: Begins = lambda sandbox_id, stamp: None,
) -> Sandbox:
    """Restore an archive. `told(steps, all steps)` hears of progress.

    `begun` hears number and stamp of the sandbox in the transaction that makes it,
    and again in the one that shows it. Raises BadArchive; nothing is left then.
    """
    with opened(file) as archive, in_words():
        _check_size(archive.manifest)
        archive.check_parts()
        started = _begin(archive, wish, begun)
        try:
            check_content(archive, told, partial(taken_in, sandbox_id=started.sandbox_id))
            _fill(archive, started, wish)
            with writing():
                _open(archive.manifest, started, wish)
                begun(started.sandbox_id, _stamp(started.sandbox_id))
        except BaseException:
            db.session.rollback()
            give_up(started.sandbox_id)
            raise
    return db.session.get_one(Sandbox, started.sandbox_id, populate_existing=True)


def _check_size(manifest: Manifest) -> None:
    """The files of attachments and documents are not more than may come in at once."""
    size, most = sum(manifest.parts[name][1] for name in manifest.files), current_app.config["RESTORE_LIMIT"]
    if size > most:
        raise BadArchive(
            _(
                "Its attachments are %(size)s MiB together; at most %(most)s MiB are restored (LABAPP_MAX_RESTORE_MB).",
                size=-(-size // MIB),
                most=most // MIB,
            )
        )


@contextmanager
def in_words() -> Iterator[None]:
    """What an archive that is wrong inside makes the program stumble over, as a sentence."""
    try:
        yield
    except (DBAPIError, TypeError, KeyError, AttributeError, ValueError, OverflowError) as error:
        raise BadArchive(_("Its rows do not fit together.")) from error


def give_up(sandbox_id: int) -> None:
    """Take out what a restoring that was broken off has left."""
    row = db.session.get(Sandbox, sandbox_id, populate_existing=True)
    if row is None or row.state not in {"restoring", "purging"}:
        return
    course_id = row.course_id
    remove(sandbox_id)
    with writing():
        course: Any = Course.__table__
        others = select(Sandbox.id).where(Sandbox.course_id == course_id)
        unfinished = course.c.id == course_id, course.c.rubric == "", ~others.exists()
        connection().execute(delete(course).where(*unfinished))


# -- what it belongs to ----------------------------------------------------------------------------------------------


def _begin(archive: Opened, wish: Wish, begun: Begins) -> Begun:
    """Course and sandbox, unseen."""
    facts = facts_of(archive)
    with writing():
        found = _course_of(archive.manifest, wish)
        course_id = found.id if found is not None else _new_course(archive.manifest, facts["course"], wish)
        name = db.session.execute(select(Course.name).where(Course.id == course_id)).scalar_one()
        unit = archive.manifest.unit
        sandbox_id = _new_sandbox(
            facts["sandbox"], course_id, free_name(f"{name}/{unit}" if unit else name, course_id)
        )
        begun(sandbox_id, _stamp(sandbox_id))
    return Begun(sandbox_id, course_id, joins=found is not None)


def _stamp(sandbox_id: int) -> str:
    return db.session.execute(select(Sandbox.stamp).where(Sandbox.id == sandbox_id)).scalar_one()


def _course_of(manifest: Manifest, wish: Wish) -> Course | None:
    """A restored course of one's own that sandboxes of the same course are in already, and this unit is not.

    The archive says of itself where it comes from: it never opens the course of somebody else.
    """
    taken = select(Sandbox.id).where(Sandbox.course_id == Course.id, Sandbox.unit == manifest.unit).exists()
    same = Course.origin == manifest.origin, Course.origin != "", ~taken
    mine = (Course.owner_account_id == wish.account_id,) if wish.account_id is not None else ()
    return db.session.scalars(select(Course).where(*same, *mine)).first()


def _new_course(manifest: Manifest, facts: Mapping[str, str], wish: Wish) -> int:
    """The course, still without its rubric: that one comes last."""
    values = _values(Course, facts, OWN[COURSE]) | {
        "name": free_name(wish.name or manifest.course),
        "origin": manifest.origin,
        "join_code": secrets.token_hex(6).upper(),
        "owner_account_id": wish.account_id,
        "listed": False,
        "closed_at": clock.now(),
        "scenario_sha256": None,
        "rubric": "",
    }
    return _inserted(Course, values)


def _new_sandbox(facts: Mapping[str, str], course_id: int, name: str) -> int:
    """The sandbox, its clock standing where it stood."""
    stood = datetime.fromisoformat(facts["stood_at"])
    values = _values(Sandbox, facts, OWN[SANDBOX] | {"stood_at"}) | {
        "course_id": course_id,
        "name": name,
        "state": "restoring",
        "stamp": new_stamp(),
        "clock_base": stood,
        "clock_set_at": STANDS,
    }
    return _inserted(Sandbox, values)


def _values(model: Any, facts: Mapping[str, str], without: frozenset[str]) -> dict[str, Any]:
    columns = model.__table__.c
    return {
        name: into(columns[name])(text)
        for name, text in facts.items()
        if name in columns and name not in without
    }


def _inserted(model: Any, values: dict[str, Any]) -> int:
    """A new row; its number."""
    row: Any = model.__table__
    return int(connection().execute(insert(row).values(**values).returning(row.c.id)).scalar_one())


# -- what is in it ---------------------------------------------------------------------------------------------------


def _fill(archive: Opened, started: Begun, wish: Wish) -> None:
    """Everything but the log, which stands."""
    loader = Loader(archive, started.sandbox_id, started.course_id, wish.account_id)
    for part in sandbox_parts():
        loader.load(part)
    loader.finish()
    _files(archive, started.sandbox_id)
    index(started.sandbox_id)
    with writing():
        if not started.joins:
            _complete_course(archive, loader, started.course_id)
        _people(archive, started, wish)


def _files(archive: Opened, sandbox_id: int) -> None:
    """The files of attachments and documents, each where the rows look for it."""
    for name in archive.manifest.files:
        target = path_of(sandbox_id, name.rpartition("/")[2])
        if not target.is_relative_to(folder_of(sandbox_id)):
            raise BadArchive(_("%(name)s in it cannot be read.", name=name))
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"{target.name}.part")
        with aside.open("wb") as file:
            for block in archive.blocks(name):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)


def _complete_course(archive: Opened, loader: Loader, course_id: int) -> None:
    """Rubric, its versions, comments, and the scenario as it was at the opening."""
    for part in course_parts():
        loader.load(part)
    texts = {
        name.removeprefix(said.SCENARIO): archive.text(name)
        for name in archive.manifest.scenario_files
        if is_scenario_file(name.removeprefix(said.SCENARIO))
    }
    values = {"rubric": archive.text("rubric.yaml")}
    if texts:
        values["scenario_sha256"] = keep_texts(archive.manifest.scenario, texts)
    row: Any = Course.__table__
    connection().execute(update(row).where(row.c.id == course_id).values(**values))


def _people(archive: Opened, started: Begun, wish: Wish) -> None:
    """Whoever restores it takes the place of the first instructor; others get theirs back where that is asked for."""
    row: Any = Membership.__table__
    query = select(row.c.id, row.c.key, row.c.role).where(row.c.sandbox_id == started.sandbox_id)
    members = {found.key: found for found in connection().execute(query.order_by(row.c.serial)).all()}
    places = {key: found.id for key, found in members.items() if key}
    given: dict[int, int] = {}
    first = next((found.id for found in members.values() if found.role == INSTRUCTOR), None)
    if wish.account_id is not None and first is not None:
        given[first] = wish.account_id
    for person in archive.sheet(said.PEOPLE) if wish.match else ():
        account, place = _account_of(person), places.get(person["member"])
        if account is not None and place is not None and account.id not in given.values():
            given.setdefault(place, account.id)
    for place, account_id in given.items():
        connection().execute(update(row).where(row.c.id == place).values(account_id=account_id))


def _account_of(person: Mapping[str, str]) -> Account | None:
    """The account of this number, else of this e-mail."""
    for login in (person.get("number"), person.get("email")):
        found = account_by_login(unprotected(login)) if login else None
        if found is not None:
            return found
    return None


def _open(manifest: Manifest, started: Begun, wish: Wish) -> None:
    """From now on it is seen."""
    row: Any = Sandbox.__table__
    shown = update(row).where(row.c.id == started.sandbox_id).values(state="restored", stamp=new_stamp())
    name = connection().execute(shown.returning(row.c.name)).scalar_one()
    details = {"archive_of": manifest.sandbox, "made_at": manifest.made_at, "steps": manifest.steps}
    by = wish.act or Act("sandbox.restore")
    append_act(Act("sandbox.restore", by.account, name, manifest.title, details, by.address))
