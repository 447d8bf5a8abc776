"""The log of a sandbox as the grader reads it, kept and fed with what is new.

Any process rebuilds it from the database.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime
from threading import Lock

from labapp.grading import Header, Log, Replay, Rubric, Step, Views, replayed, step_of
from labapp.oplog.export import header, steps
from labapp.people.models import Sandbox
from labapp.values import dataclass

KEPT = 8


@dataclass
class Live:
    """A replay up to the step `last`, whose hash is `hash`. Ask and feed it holding `lock` only."""

    lock: Lock = field(default_factory=Lock)
    stamp: str = ""
    replay: Replay | None = None
    steps: list[Step] = field(default_factory=list)
    hash: str = ""
    at_due: dict[datetime, Replay] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return self.steps[-1].id if self.steps else 0

    @property
    def now(self) -> Replay:
        """The replay as of the last step."""
        assert self.replay is not None
        return self.replay

    @property
    def log(self) -> Log:
        """The steps so far; not to be kept longer than the lock."""
        return Log(self.now.header, self.steps)

    def views(self, rubric: Rubric, due: datetime | None = None, replay: Replay | None = None) -> Views:
        """What `grade_member` needs; `due` replaces the rubric's, `replay` the one of now.

        The replay at `due` is kept: it is asked for only when the log has passed `due`, and lab time
        never goes back.
        """
        replay = replay or self.now
        due = due or (rubric.due.on(replay.header.starts_at) if rubric.due else None)
        if due is None or rubric.late is None or replay.cutoff <= due:
            return Views(replay)
        if due not in self.at_due:
            self.at_due[due] = replayed(self.log, due)
        return Views(replay, due, self.at_due[due])

    def up_to(self, step: int) -> Replay:
        """The replay as it was after this step."""
        if step >= self.last:
            return self.now
        replay = Replay(self.now.header)
        replay.feed(self.steps[:step])
        return replay

    def catch_up(self, sandbox: Sandbox) -> None:
        """Take the steps that are new. All are read again if the database is not the one they came from."""
        rows = iter(steps(sandbox.id, max(sandbox.last_step, self.last), max(self.last - 1, 0)))
        if self.last and next(rows, {}).get("hash") != self.hash:
            self.steps, self.hash, self.replay = [], "", None
            rows = iter(steps(sandbox.id, sandbox.last_step))
        new: list[Step] = []
        for row in rows:
            new.append(step_of(row, len(self.steps) + len(new)))
            self.hash = row["hash"]
        self._feed(sandbox, new)

    def _feed(self, sandbox: Sandbox, new: list[Step]) -> None:
        """Feed the new ones; where the members have changed, all of them under a new header."""
        self.steps += new
        if self.replay is None or self.stamp != sandbox.stamp:
            self.replay, self.stamp, new = Replay(Header(header(sandbox))), sandbox.stamp, self.steps
            self.at_due.clear()
        if new:
            self.replay.feed(new)


_kept: OrderedDict[int, Live] = OrderedDict()
_door = Lock()


@contextmanager
def caught_up(sandbox: Sandbox) -> Iterator[Live]:
    """The kept replay of this sandbox, fed to its last step, held while it is asked."""
    with _door:
        found = _kept.setdefault(sandbox.id, Live())
        _kept.move_to_end(sandbox.id)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    with found.lock:
        found.catch_up(sandbox)
        yield found


def log_of_sandbox(sandbox: Sandbox, last: int | None = None) -> Log:
    """The log as it stands, or up to the step `last`."""
    with caught_up(sandbox) as found:
        return Log(found.now.header, found.steps[:last])


def forget() -> None:
    """Keep nothing: the next question reads the whole log again."""
    _kept.clear()
