"""Is the log of a sandbox whole? Numbers, chains and heads, against the database that holds it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from labapp.db import db
from labapp.oplog.chain import digest, utc
from labapp.oplog.export import AT_ONCE, steps
from labapp.oplog.models import AdminEntry, Touch
from labapp.people.models import Membership, Sandbox
from labapp.values import dataclass

NO_TOUCH = (0, "", 0)
ADMIN_FIELDS = ("id", "account", "course", "action", "subject", "details", "address", "prev")


@dataclass(frozen=True)
class Difference:
    """The first thing that is not as it must be: a sentence, and the step or record it is about."""

    sentence: str
    step: int | None = None
    kind: str | None = None
    record: int | None = None

    def __str__(self) -> str:
        return self.sentence


class Broken(Exception):
    """The log is not whole; carries the Difference."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.sentence)
        self.difference = difference


def checked(sandbox: Sandbox) -> Iterator[dict[str, Any]]:
    """The steps of a sandbox, oldest first, each checked as it passes. Raises Broken at the first bad one.

    After the last it compares with what sandbox and memberships say was last.
    """
    heads: dict[str | None, str] = {}
    touches = _touches(sandbox.id)
    count, latest = 0, ""
    for step in steps(sandbox.id, sandbox.last_step):
        count += 1
        _check_step(step, count, heads.get(step["member"], ""))
        if step["lab_at"] < latest:
            raise _broken(_("Step %(id)s: lab time goes back.", id=count), count)
        _check_touches(step, touches)
        heads[step["member"]], latest = step["hash"], step["lab_at"]
        yield step
    if next(touches) != NO_TOUCH:
        raise _broken(_("The index of touched records names steps that are not there."))
    _check_heads(sandbox, count, heads)


def _check_step(step: Mapping[str, Any], number: int, prev: str) -> None:
    if step["id"] != number:
        raise _broken(_("Step %(id)s is missing.", id=number), number)
    if step["hash"] != digest(step):
        raise _broken(_("Step %(id)s is not as it was written: its hash is wrong.", id=number), number)
    if step["prev"] != prev:
        raise _broken(_("Step %(id)s does not follow the member's step before it.", id=number), number)


def _touches(sandbox_id: int) -> Iterator[tuple[int, str, int]]:
    query = (
        select(Touch.step, Touch.kind, Touch.serial)
        .where(Touch.sandbox_id == sandbox_id)
        .order_by(Touch.step)
        .execution_options(yield_per=AT_ONCE)
    )
    with db.session.execute(query) as rows:  # whoever stops at the first difference closes it
        yield from ((row.step, row.kind, row.serial) for row in rows)
    while True:
        yield NO_TOUCH


def touched_by(step: Mapping[str, Any]) -> set[tuple[str, int]]:
    """(kind, serial) of every record that a step names: on purpose not the code that wrote the index."""
    touched = {(change["kind"], change["id"]) for change in step["changes"] if change["kind"] != "setting"}
    return touched | ({(step["kind"], step["record"])} if step["record"] is not None else set())


def _check_touches(step: Mapping[str, Any], touches: Iterator[tuple[int, str, int]]) -> None:
    expected = touched_by(step)
    found = [next(touches) for _each in expected]
    if sorted(found) != sorted((step["id"], kind, serial) for kind, serial in expected):
        sentence = _("Step %(id)s: the index of touched records does not agree with it.", id=step["id"])
        raise _broken(sentence, step["id"])


def _check_heads(sandbox: Sandbox, count: int, heads: dict[str | None, str]) -> None:
    if count != sandbox.last_step:
        sentence = _(
            "The log ends at step %(count)s, but %(last)s were written.", count=count, last=sandbox.last_step
        )
        raise _broken(sentence, count + 1)
    query = select(Membership.key, Membership.last_hash).where(
        Membership.sandbox_id == sandbox.id, Membership.key.is_not(None)
    )
    known: dict[str | None, str] = {row.key: row.last_hash for row in db.session.execute(query)}
    known[None] = sandbox.null_hash
    for member in heads.keys() | known.keys():
        if heads.get(member, "") != known.get(member):
            name = member or _("nobody")
            raise _broken(_("The last step of %(member)s is missing or not the last written.", member=name))


def _broken(sentence: str, step: int | None = None) -> Broken:
    return Broken(Difference(sentence, step))


def check_admin_log() -> Difference | None:
    """The first entry of the administration log that is not as it was written, or None."""
    query = select(AdminEntry).order_by(AdminEntry.id).execution_options(yield_per=AT_ONCE)
    with db.session.scalars(query) as entries:
        return first_bad_entry(entries)


def first_bad_entry(entries: Iterable[AdminEntry]) -> Difference | None:
    """Check numbers, hashes and the one chain of the administration log."""
    prev = ""
    for number, entry in enumerate(entries, start=1):
        body = {name: getattr(entry, name) for name in ADMIN_FIELDS} | {"at": utc(entry.at)}
        if entry.course_id is not None:  # entries of older versions have none
            body["course_id"] = entry.course_id
        if entry.id != number or entry.prev != prev or entry.hash != digest(body):
            sentence = _("Entry %(id)s of the administration log is not as it was written.", id=number)
            return Difference(sentence, number)
        prev = entry.hash
    return None
