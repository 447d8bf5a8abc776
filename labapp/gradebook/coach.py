"""What the student's coach knows, kept per member until an act, a word of a person or a new rubric may change it.

A page view costs no statement as long as the member's chain stands where it stood; looks move it on without
a new judgement. Own acts count at once, by whichever process they were written: the head of the chain, which every
request reads anyway, tells. What others do may take FRESH seconds, is read once for all members, and only those whom
it concerns are judged anew.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select

from labapp import clock, jobs
from labapp.access.actor import Actor, actor_of
from labapp.db import connection, db
from labapp.db.quick import Quick
from labapp.gradebook import feed, judging, rubrics, state
from labapp.gradebook.book import Line, line_of
from labapp.gradebook.feed import feed_of, news
from labapp.gradebook.judging import Judge, acted_since, member_of
from labapp.gradebook.ledger import Fold, Marks, entries_of, fold
from labapp.gradebook.models import MARK, LedgerEntry
from labapp.grading import Progress, progress
from labapp.grading.coach import waits_for_work
from labapp.grading.needs import LOOKS, Needs
from labapp.oplog.append import appended
from labapp.oplog.models import Operation
from labapp.people.models import Membership, Sandbox
from labapp.values import dataclass

KEPT, FRESH = 2_000, 5.0
NOTHING = Needs()
MOMENT = timedelta(minutes=1)  # of lab time: what falls due is told so much later at most
# Asked by every page whose member was last served by another process.
ACTED_SINCE = Quick(
    acted_since(bindparam("sandbox"), bindparam("after"), bindparam("member")).limit(literal_column("1"))
)
COUNTS_LOOKS = re.compile(r"\bwithin:|\.(?:open|list|report|export|sign_in|sign_out)\b|\.\*")


@dataclass(frozen=True)
class View:
    """What the coach says: progress, the released line if there is one, the last self-check where they are asked for.

    `budget` None: no self-checks, the coach follows by itself. `checked`: step and lab time of the last one. `due`: the
    lab time at which the tasks are due for this student.
    """

    progress: Progress
    fold: Fold
    line: Line | None = None
    budget: int | None = None
    checked: tuple[int, datetime] | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class Known:
    """A view, and as of when: head of the member's chain, last step, ledger row, rubric version, and moment.

    `looks_count`: looks and the passing of time count, and `looked` says that the member has looked since; `lab_at` is
    the lab time of the log's end then. `needs`: of the rubric.
    """

    view: View | None
    hash: str
    step: int
    ledger: int
    rubric: int
    made: float
    lab_at: datetime
    looks_count: bool = False
    looked: bool = False
    needs: Needs = NOTHING


_kept: OrderedDict[tuple[int, str], Known] = OrderedDict()


def known(sandbox: Sandbox, actor: Actor, last_hash: str, fresh: float = FRESH) -> View | None:
    """The coach's view of a student, at most `fresh` seconds old and never older than the student's own act.

    `last_hash` is the head of the member's chain. None where nothing is coached. Raises BadRubric, NotYet.
    """
    if actor.role != "student":
        return None
    found = _still_good(sandbox, actor, last_hash, fresh)
    if found is None:
        found = _judge(sandbox, actor, last_hash, fresh)
    _keep((sandbox.id, actor.key), found)
    return found.view


def _still_good(sandbox: Sandbox, actor: Actor, last_hash: str, fresh: float) -> Known | None:
    """What is kept, if it stands."""
    kept = _kept.get((sandbox.id, actor.key))
    if kept is None or kept.step > sandbox.last_step:  # the number of a purged sandbox may be given again
        return None
    if kept.hash != last_hash:
        if _acted(sandbox.id, kept.step, actor.key):
            return None
        kept = replace(kept, hash=last_hash, looked=True)
    if kept.view is None:
        return _still_nothing(sandbox, kept, fresh)
    found = feed_of(sandbox, kept.needs, kept.rubric, fresh)
    if found is None or not found.unchanged(actor.key, actor.id, kept.step, kept.ledger):
        return None
    return None if _went_by(sandbox, kept, fresh) else kept


def _still_nothing(sandbox: Sandbox, kept: Known, fresh: float) -> Known | None:
    """Where nothing is coached, a new rubric alone can change that."""
    if clock.monotonic() - kept.made < fresh:
        return kept
    return replace(kept, made=clock.monotonic()) if news(sandbox)[1] == kept.rubric else None


def _went_by(sandbox: Sandbox, kept: Known, fresh: float) -> bool:
    """Whether a look or time has gone by that may count."""
    if not kept.looks_count or clock.monotonic() - kept.made < fresh:
        return False
    return kept.looked or sandbox.last_lab_at - kept.lab_at >= MOMENT


def _acted(sandbox_id: int, after: int, key: str) -> bool:
    """Whether the member did more than look since that step."""
    return bool(ACTED_SINCE({"sandbox": sandbox_id, "after": after, "member": key}).first())


def _judge(sandbox: Sandbox, actor: Actor, last_hash: str, fresh: float) -> Known:
    """Judge the member anew, unless another process has.

    What is new is read first: what comes in meanwhile is judged again next time.
    """
    at, step = clock.monotonic(), sandbox.last_step
    ledger, version = news(sandbox)
    known = Known(None, last_hash, step, ledger, version, at, sandbox.last_lab_at)
    text = rubrics.rubric_text(sandbox)
    rubric = rubrics.parsed(text)
    member = member_of(sandbox, actor.key) if rubric is not None else None
    if rubric is None or member is None:
        return known
    words = entries_of(sandbox.id, actor.id) if ledger else []
    standing = (version or None, ledger or None)
    judge = Judge(sandbox, rubric, member, fold(words, actor.id), _own_marks(words, actor), standing)
    taken = _taken(judge, actor, version, fresh) if judge.is_followed and not counts_looks(text) else 0
    view = view_of(judge)
    looks = counts_looks(text) or (judge.found is not None and waits_for_work(judge.found))
    return replace(known, view=view, step=taken or step, looks_count=looks, needs=rubric.needs)


def _taken(judge: Judge, actor: Actor, version: int, fresh: float) -> int:
    """Take what some process has judged, if nothing has come since that concerns the member. Returns its step, or 0."""
    found = feed_of(judge.sandbox, judge.rubric.needs, version, fresh)
    return judge.take(*found.last(actor.key, actor.id)) if found is not None else 0


@lru_cache(maxsize=64)
def counts_looks(text: str) -> bool:
    """Whether a rubric asks for looks, or for when something was done."""
    return COUNTS_LOOKS.search(text) is not None


def view_of(judge: Judge) -> View:
    """What the coach says: as of now, or as of the last self-check where those are asked for."""
    budget, line = judge.rubric.self_checks_per_hour, None
    if judge.is_followed:
        now = judge.now()
        line = line_of(judge.rubric, now, 0, judge.fold) if judge.fold.released is not None else None
    due = judge.due
    if budget is None:
        return View(progress(judge.rubric, now), judge.fold, line, due=due)
    checked = last_check(judge.sandbox.id, judge.member.member)
    result = judge.as_of(checked[0] if checked else 0)
    return View(progress(judge.rubric, result), judge.fold, line, budget, checked, due)


def last_check(sandbox_id: int, key: str) -> tuple[int, datetime] | None:
    """Step and lab time of the member's last self-check."""
    query = select(Operation.id, Operation.lab_at).where(*_checks(sandbox_id, key))
    row = db.session.execute(query.order_by(Operation.id.desc()).limit(1)).first()
    return (row.id, row.lab_at) if row is not None else None


def _checks(sandbox_id: int, key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Operation.sandbox_id == sandbox_id,
        Operation.member == key,
        Operation.kind == "session",
        Operation.verb == "self_check",
        Operation.outcome == "done",
    )


def _own_marks(words: Sequence[LedgerEntry], actor: Actor) -> Marks:
    own = (word for word in words if word.kind == MARK and word.membership_id == actor.id)
    return {(actor.key, word.task, word.check or 0): word.points for word in own if word.points is not None}


def checks_made(actor: Actor) -> int:
    """How many self-checks the member has had in the last hour of real time."""
    since = clock.now() - timedelta(hours=1)
    query = select(func.count()).where(*_checks(actor.sandbox_id, actor.key), Operation.at > since)
    return int(connection().execute(query).scalar_one())


def settle_check(sandbox_id: int, membership_id: int) -> None:
    """Judge as of the self-check that was just written and keep it: later pages, of any process, ask no log for it."""
    sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
    member = db.session.get_one(Membership, membership_id, populate_existing=True)
    with suppress(state.NotYet):
        known(sandbox, actor_of(sandbox, membership_id), member.last_hash, fresh=0)
    judging.put_all_away()


def strip(
    sandbox: Sandbox, actor: Actor, last_hash: str, veil: Callable[[Progress], Progress] = lambda found: found
) -> dict[str, Any] | None:
    """Title of the next task (None: all done), done and total, for the strip of a page. Raises BadRubric, NotYet.

    `veil` takes away what the student may not know yet.
    """
    view = known(sandbox, actor, last_hash)
    if view is None or not view.progress.tasks:
        return None
    found = veil(view.progress) if view.line is None else view.progress
    title = found.next.title if found.next is not None else None
    return {"title": title, "done": found.done, "total": len(found.tasks), "url": "/coach"}


def noted(rows: list[dict[str, Any]]) -> None:
    """Steps were appended by this process: a look moves what is kept on to the new head of the chain.

    Called inside the transaction of the steps: what was judged of their members goes with it.
    """
    for row in rows:
        judging.put_away(row["sandbox_id"], row["member"] or "")
        key = (row["sandbox_id"], row["member"] or "")
        kept = _kept.get(key)
        if (
            kept is not None
            and row["verb"] in LOOKS
            and row["outcome"] == "done"
            and kept.hash == row["prev"]
        ):
            _keep(key, replace(kept, hash=row["hash"], looked=True))


def _keep(key: tuple[int, str], found: Known) -> None:
    _kept[key] = found
    while len(_kept) > KEPT:
        _kept.popitem(last=False)


def forget() -> None:
    """Keep nothing: a rubric came into force, or the database was replaced."""
    _kept.clear()
    feed.forget()
    state.forget()
    judging.forget()


def install() -> None:
    """Hear of steps and of rubrics. Once per process, however many applications it makes."""
    if noted not in appended:
        jobs.chore("coach")(state.keep_all_up)
        appended.append(noted)
        rubrics.changed.append(forget)
