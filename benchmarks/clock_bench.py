"""A clock that goes on by eight weeks at once, in a class of 60 students with about 100 records each.

    python -m benchmarks.clock_bench [STUDENTS DAYS]

Prints how many acts fell due, in how many pieces, and the longest piece: others who write wait as long as one takes (to
reach: at most 0.25 s). Processor time of the walk, for it waits for nothing.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import thread_time

from sqlalchemy import select

from benchmarks.load import own_settings
from benchmarks.opening_bench import STUDENTS, hundred_each
from labapp.access.actor import actor_of
from labapp.app import create_app
from labapp.db import db, migrate
from labapp.lifecycle.clockwork import Walk
from labapp.lifecycle.moving import send
from labapp.people.models import INSTRUCTOR, Membership, Sandbox
from labapp.records.work import Source
from labapp.scenario.open import Opening, open_sandbox

WEEKS = timedelta(weeks=8)


class Timed(Walk):
    """A walk that notes how long each of its pieces took: one write transaction each."""

    def _step(self) -> bool:
        start = thread_time()
        try:
            return super()._step()
        finally:
            self.pieces = [*getattr(self, "pieces", ()), thread_time() - start]


def walked(sandbox_id: int, far: timedelta) -> tuple[int, list[float]]:
    """Send the clock of a sandbox on and walk with it. Returns how many acts, and seconds of each piece."""
    query = select(Membership.id).where(Membership.sandbox_id == sandbox_id, Membership.role == INSTRUCTOR)
    actor = actor_of(db.session.get_one(Sandbox, sandbox_id), db.session.scalars(query).first())
    send(actor, actor.lab_now + far, Source("cli"))
    db.session.remove()
    walk = Timed(sandbox_id)
    walk.go()
    return walk.done, walk.pieces


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    far = timedelta(days=int(sys.argv[2])) if len(sys.argv) > 2 else WEEKS
    with tempfile.TemporaryDirectory() as name:
        app = create_app(own_settings(Path(name)), extensions=[])
        with app.app_context():
            migrate.upgrade()
            number = open_sandbox(hundred_each(), Opening("bench", students=students)).id
            acts, pieces = walked(number, far)
    print(f"{acts:,} acts in {len(pieces):,} pieces, {sum(pieces):.2f} s; the longest {max(pieces):.3f} s")


if __name__ == "__main__":
    main()
