"""The clock of the cast's sandbox, for tests: stepped, standing still between steps."""

from datetime import timedelta

from labapp import clock
from labapp.db import begin_write, db
from labapp.lifecycle import moving
from labapp.lifecycle.clockwork import Walk
from labapp.people.models import Sandbox
from labapp.records.work import Source
from tests.world import START

MONDAY = START  # 7 September 2026, nine o'clock


def box(cast):
    return db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True)


def stepped(cast, moment=MONDAY, **values):
    """The sandbox of the cast with a clock that stands still between steps."""
    begin_write()
    sandbox = box(cast)
    sandbox.clock_mode, sandbox.clock_pace, sandbox.clock_base = "stepped", 0, moment
    sandbox.last_lab_at = min(sandbox.last_lab_at, moment)  # building the world took a second or two
    for name, value in values.items():
        setattr(sandbox, name, value)
    db.session.commit()


def lab_time(cast):
    db.session.remove()
    return clock.lab_now(box(cast))


def on(cast, **length):
    """Ines sends the clock on and walks there."""
    actor = cast.ines.actor
    moving.send(actor, actor.lab_now + timedelta(**length), Source())
    walk = Walk(cast.ben.sandbox_id)
    assert walk.go()
    db.session.remove()
    return walk.done
