"""The life of a sandbox as a whole: open, frozen, put aside, restored (product.md L9).

What may be written in it follows from its state in one place, the log (`oplog.append`): a step is the last act of every
change, and only an open sandbox takes steps. A clock that stands was set at the end of time.
"""

import secrets
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp import clock
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.directory import sandboxes_of
from labapp.people.models import Course, Sandbox, new_stamp
from labapp.records.work import writing

STANDS = datetime.fromisoformat("9000-01-01T00:00:00")
LONGEST = 80
LABELS = {
    "opening": _l("Being opened"),
    "ready": _l("Being opened"),
    "open": _l("In use"),
    "frozen": _l("Frozen"),
    "archived": _l("Put aside"),
    "restored": _l("Restored"),
    "restoring": _l("Being restored"),
    "purging": _l("Being purged"),
}
TONES = {"open": "success", "frozen": "warning"}


def freeze(sandbox_id: int, act: Act, state: str = "frozen") -> None:
    """From now on the sandbox is read and not changed, and its clock stands. Raises Invalid unless it was open."""
    with writing():
        freeze_here(sandbox_id, act, state)


def freeze_here(sandbox_id: int, act: Act, state: str = "frozen") -> None:
    """The same inside the running write transaction. `state` is `frozen`, or `archived` for what is put aside."""
    row = locked(sandbox_id)
    if row.state not in {"open", "frozen"} or row.state == state:
        raise Invalid(_l("%(name)s cannot be frozen: it is not open.", name=row.name))
    row.clock_base, row.clock_set_at = clock.lab_now(row), STANDS
    row.state, row.stamp = state, new_stamp()
    _noted("sandbox.freeze" if state == "frozen" else "sandbox.put_aside", row, act)


def unfreeze(sandbox_id: int, act: Act) -> None:
    """Work goes on, at the lab time at which it stood still. Raises Invalid unless it was frozen."""
    with writing():
        row = locked(sandbox_id)
        if row.state != "frozen":
            raise Invalid(_l("%(name)s is not frozen.", name=row.name))
        row.clock_set_at, row.state, row.stamp = clock.now(), "open", new_stamp()
        _noted("sandbox.unfreeze", row, act)


def locked(sandbox_id: int) -> Sandbox:
    """The sandbox as it stands, until the end of the transaction."""
    query = select(Sandbox).where(Sandbox.id == sandbox_id).with_for_update(key_share=True)
    return db.session.execute(query.execution_options(populate_existing=True)).scalar_one()


def _noted(action: str, row: Sandbox, act: Act) -> None:
    course = db.session.get_one(Course, row.course_id)
    append_act(Act(action, act.account, course.name, row.name, {"steps": row.last_step}, act.address))


def free_name(wanted: str, course_id: int | None = None) -> str:
    """This name, or the first after it that no course and no sandbox has; a course and its sandbox may share one."""
    for number in range(1, 10_000):
        end = "" if number == 1 else f"~{number}"
        name = f"{wanted[: LONGEST - len(end)]}{end}"
        courses = select(Course.id).where(Course.name == name, Course.id != (course_id or 0))
        if db.session.execute(courses.union(select(Sandbox.id).where(Sandbox.name == name))).first() is None:
            return name
    raise Invalid(_l("There is a course or sandbox called %(name)s already.", name=wanted))


def name_taken(name: str) -> bool:
    """Whether a course or sandbox is called so."""
    query = select(Course.id).where(Course.name == name).union(select(Sandbox.id).where(Sandbox.name == name))
    return db.session.execute(query).first() is not None


def seed_for(course_id: int) -> int:
    """Another seed than this course has."""
    used = {sandbox.seed for sandbox in sandboxes_of(course_id)}
    return next(seed for seed in iter(lambda: secrets.randbelow(9000) + 1000, None) if seed not in used)
