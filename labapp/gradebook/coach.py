"""What the student's coach knows: progress from the live log, and the strip that every page carries."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from labapp import clock
from labapp.access.actor import Actor
from labapp.grading import Progress, grade_member, progress, views_at
from labapp.grading.log import Log
from labapp.gradebook.ledger import marks_of
from labapp.gradebook.live import catch_up, live
from labapp.gradebook.rubrics import rubric_of
from labapp.people.models import Sandbox

KEPT, FRESH = 2_000, 5.0
LOOKS = frozenset({"open", "list", "report", "export", "sign_in", "sign_out"})


@dataclass(frozen=True)
class Strip:
    """The strip's words and how fresh they are: `hash` of the member's last step when it was made."""

    words: dict[str, Any] | None
    hash: str
    made: float


_strips: OrderedDict[int, Strip] = OrderedDict()


def progress_of(sandbox: Sandbox, actor: Actor) -> Progress | None:
    """The member's progress as of the last step; None where there is no rubric or the member is not graded."""
    rubric = rubric_of(sandbox)
    if rubric is None or actor.role != "student":
        return None
    found = live(sandbox)
    with found.lock:
        catch_up(found, sandbox.id, sandbox.last_step)
        member = next((m for m in found.replay.header.students if m.member == actor.key), None)
        if member is None:
            return None
        views = views_at(found.replay, Log(found.replay.header, found.steps), rubric)
        return progress(rubric, grade_member(views, rubric, member, marks_of(sandbox.id)))


def strip(sandbox: Sandbox, actor: Actor, last_hash: str) -> dict[str, Any] | None:
    """Next task, done and total, for the strip of a page: at most five seconds old, and never older than one's own act.

    `last_hash` is the head of the member's chain: it stands still as long as the member does nothing.
    """
    if actor.role != "student":
        return None
    kept = _strips.get(actor.id)
    at = clock.monotonic()
    if kept is not None and (kept.hash == last_hash or at - kept.made < FRESH and only_looked(sandbox, actor, kept)):
        return kept.words
    words = strip_words(progress_of(sandbox, actor))
    _strips[actor.id] = Strip(words, last_hash, at)
    _strips.move_to_end(actor.id)
    while len(_strips) > KEPT:
        _strips.popitem(last=False)
    return words


def only_looked(sandbox: Sandbox, actor: Actor, kept: Strip) -> bool:
    """Whether the member wrote nothing since the strip was made, as far as this process knows."""
    return not dirty.get(actor.id, 0.0) > kept.made


dirty: dict[int, float] = {}


def wrote(actor: Actor) -> None:
    """A request of this member may have written: the next strip is made anew."""
    dirty[actor.id] = clock.monotonic()
    if len(dirty) > KEPT:
        dirty.clear()
        _strips.clear()


def strip_words(found: Progress | None) -> dict[str, Any] | None:
    if found is None or not found.tasks:
        return None
    following = found.next
    title = following.title if following is not None else None
    return {"title": title, "done": found.done, "total": len(found.tasks), "url": "/coach"}


