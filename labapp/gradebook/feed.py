"""What has happened in a sandbox since pages last asked, read once for all its members: acts, words, rubrics."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, func, select

from labapp import clock
from labapp.db.quick import Quick
from labapp.gradebook import state
from labapp.gradebook.models import LedgerEntry, RubricVersion
from labapp.grading.concerns import Concerns, People, Seen
from labapp.grading.kept import named_in
from labapp.grading.needs import LOOKS, Needs
from labapp.grading.replay import Key
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox

KEPT = 64  # sandboxes
MANY = 5_000  # records after which a feed begins anew, steps that it does not catch up with
_operation: Any = Operation.__table__
_ledger: Any = LedgerEntry.__table__
_version: Any = RubricVersion.__table__
_of_sandbox: Any = bindparam("sandbox")
_last_word = select(func.max(_ledger.c.id)).where(_ledger.c.sandbox_id == _of_sandbox)
_last_rubric = select(func.max(_version.c.id)).where(_version.c.course_id == bindparam("course"))
NEWS = Quick(
    select(_last_word.scalar_subquery().label("word"), _last_rubric.scalar_subquery().label("rubric"))
)
STEPS = Quick(
    select(*(_operation.c[name] for name in Seen._fields))
    .where(
        _operation.c.sandbox_id == _of_sandbox,
        _operation.c.id > bindparam("after"),
        _operation.c.id <= bindparam("until"),
        _operation.c.outcome == "done",
        _operation.c.verb.not_in(bindparam("without", expanding=True)),
    )
    .order_by(_operation.c.id)
)
WORDS = Quick(
    select(_ledger.c.id, _ledger.c.membership_id)
    .where(_ledger.c.sandbox_id == _of_sandbox, _ledger.c.id > bindparam("after"))
    .order_by(_ledger.c.id)
)
_feeds: OrderedDict[tuple[int, str], "Feed"] = OrderedDict()


def news(sandbox: Sandbox) -> tuple[int, int]:
    """The last ledger row of the sandbox and the last rubric version of its course (0: none)."""
    row = NEWS({"sandbox": sandbox.id, "course": sandbox.course_id})[0]
    return row.word or 0, row.rubric or 0


class Feed:
    """What has happened since `concerns.base`, read as far as step `read` at the monotonic time `made`."""

    def __init__(self, sandbox: Sandbox, needs: Needs, word: int, rubric: int) -> None:
        self.made = clock.monotonic()
        self.rubric, self.word = rubric, word
        self.looks = needs.looks
        self.words: dict[int | None, int] = {}
        self.first_word = word
        kept = state.latest(sandbox, looks=self.looks).head.step
        self.read = kept if sandbox.last_step - kept <= MANY else sandbox.last_step
        self.concerns = Concerns(needs, self.read)

    def catch_up(self, sandbox: Sandbox, word: int) -> None:
        """Read what is new."""
        self.made = clock.monotonic()
        if word > self.word:
            for row in WORDS({"sandbox": sandbox.id, "after": self.word}):
                self.words[row.membership_id] = self.word = row.id
        if sandbox.last_step > self.read:
            self.concerns.take(self._steps(sandbox), lambda keys: self._people(sandbox, keys))
            self.read = sandbox.last_step

    def unchanged(self, member: str, membership_id: int, step: int, word: int) -> bool:
        """Whether nobody else has done or said anything that concerns the member since that step and ledger row."""
        last_step, last_word = self.last(member, membership_id)
        return step >= last_step and word >= last_word

    def last(self, member: str, membership_id: int) -> tuple[int, int]:
        """The last step of somebody else and the last ledger row that may concern the member."""
        last_word = max(self.first_word, self.words.get(membership_id, 0), self.words.get(None, 0))
        return self.concerns.last(member), last_word

    def _steps(self, sandbox: Sandbox) -> Sequence[Seen]:
        asked = {"sandbox": sandbox.id, "after": self.read, "until": sandbox.last_step}
        rows = STEPS({**asked, "without": [""] if self.looks else sorted(LOOKS)})
        return [Seen(*row)._replace(changes=row.changes or ()) for row in rows]

    def _people(self, sandbox: Sandbox, keys: set[Key]) -> People:
        if not keys:
            return {}
        kept = state.latest(sandbox, looks=self.looks)
        if kept.head.step < self.concerns.base:
            return {}
        return {key: named_in(row) for key, row in kept.shelf.rows(keys).items()}


_lock = Lock()


def feed_of(sandbox: Sandbox, needs: Needs, rubric: int, fresh: float) -> Feed | None:
    """What has happened in the sandbox, at most `fresh` seconds ago not yet read.

    `needs` are those of rubric version `rubric`. None where another is in force.
    """
    key = (sandbox.id, sandbox.name)
    with _lock:
        found = _feeds.get(key)
        if found is None or found.rubric != rubric or clock.monotonic() - found.made >= fresh:
            word, version = news(sandbox)
            if version != rubric:
                return None
            if found is None or _is_over(found, sandbox, version):
                found = Feed(sandbox, needs, word, version)
            found.catch_up(sandbox, word)
            _feeds[key] = found
            while len(_feeds) > KEPT:
                _feeds.popitem(last=False)
        return found


def _is_over(found: Feed, sandbox: Sandbox, rubric: int) -> bool:
    """Whether to begin anew: for another rubric, another log (a shorter one), or as it has grown too long."""
    concerns = found.concerns
    return found.rubric != rubric or sandbox.last_step < concerns.base or len(concerns.named) > MANY


def forget() -> None:
    """Keep nothing in this process."""
    _feeds.clear()
