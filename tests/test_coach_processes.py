"""What one process has judged, another need not judge again; which of them answers never shows."""

from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from labapp.db import db
from labapp.gradebook import coach, feed, judging, live
from labapp.grading import grade, progress
from labapp.people.models import Membership
from tests.coached import LOOKING, RUBRIC, clock_of, create_lead, done, enforce, word
from tests.grading.builder import rubric, rubric_text, task
from tests.grading.test_properties import CHECKS
from tests.test_coach_state import MORE
from tests.test_coach_tables import DUE, the_sandbox, walk  # noqa: F401 (a fixture)

QUIET = [check for check in (*CHECKS, *MORE) if not coach.counts_looks(check)]
MEMORY = ((coach, "_kept"), (feed, "_feeds"), (judging, "_pending"), (judging, "_then"))
KEPT_OFF = RUBRIC.replace("did: {what: lead.contact}", "never: {what: lead.delete}")


@pytest.fixture
def served_by(app, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """served_by(1): from now on all is done by the second process, with a memory of its own."""
    memories: dict[int, list[Any]] = {}

    def switch(number: int) -> None:
        known = memories.setdefault(
            number, [{} if name == "_pending" else OrderedDict() for _, name in MEMORY]
        )
        for (module, name), memory in zip(MEMORY, known, strict=True):
            monkeypatch.setattr(module, name, memory)

    switch(0)
    return switch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """clock(6) lets six seconds pass."""
    return clock_of(monkeypatch)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom any process has judged, in order."""
    found: list[str] = []
    graded = judging.Judge._graded

    def note(judge: judging.Judge, views: Any) -> Any:
        found.append(judge.member.member)
        return graded(judge, views)

    monkeypatch.setattr(judging.Judge, "_graded", note)
    return found


def test_what_one_process_has_judged_the_other_takes(served_by, judged, browse, cast):
    enforce(RUBRIC)
    ben = browse(cast.ben)
    create_lead(ben)
    ben.get("/leads/")
    before = list(judged)
    served_by(1)
    assert (done(cast.ben), judged) == (0, before)
    create_lead(ben)
    assert done(cast.ben) == 1
    assert len(judged) == len(before) + 1, "an own act is judged by whoever sees it first"
    ben.get("/leads/")
    served_by(0)
    assert (done(cast.ben), len(judged)) == (1, len(before) + 1)


def test_what_others_did_meanwhile_is_not_overlooked(served_by, judged, clock, browse, cast):
    enforce(RUBRIC)
    ben = browse(cast.ben)
    create_lead(ben)
    create_lead(ben)
    ben.get("/leads/")
    served_by(1)
    assert done(cast.ben) == 1
    before = len(judged)
    ines = browse(cast.ines)
    assert ines.post("/leads/1/delete", {"version": "1"}).status_code == 302
    clock(6)
    assert (done(cast.ben), len(judged)) == (0, before + 1)
    served_by(0)
    clock(6)
    assert done(cast.ben) == 0


def test_a_mark_of_the_instructor_is_not_overlooked(served_by, browse, cast):
    enforce(LOOKING.replace("did: {what: lead.list}", "by_hand: {}"))
    browse(cast.ben).get("/leads/")
    assert done(cast.ben) == 0
    browse(cast.ben).get("/leads/")
    word("mark", cast.ben, task="look", check=0, points=5)
    served_by(1)
    assert done(cast.ben) == 1


def test_another_rubric_is_judged_anew(served_by, browse, cast):
    enforce(RUBRIC)
    ben = browse(cast.ben)
    create_lead(ben)
    ben.get("/leads/")
    enforce(RUBRIC.replace("times: 2", "times: 1"))
    served_by(1)
    assert done(cast.ben) == 1


def test_who_has_done_nothing_is_judged_by_each(served_by, judged, clock, browse, cast):
    """The first look is work, which `never` waits for; of looks no other process hears."""
    enforce(KEPT_OFF.replace("    hidden: true\n", ""))
    assert done(cast.ben) == 0
    judging.put_all_away()
    served_by(1)
    before = len(judged)
    assert (done(cast.ben), len(judged)) == (0, before + 1)
    browse(cast.ben).get("/leads/")
    clock(6)
    assert done(cast.ben) == 1


@pytest.mark.parametrize("rest", ["", DUE], ids=["now", "late"])
def test_either_process_says_what_the_log_says(
    walk,  # noqa: F811 (the fixture that is imported)
    served_by,
    judged,
    clock,
    cast,
    rest,
):
    """Two processes by turns, while everybody acts at random."""
    tasks = [task(f"t{number}", check) for number, check in enumerate(QUIET)]
    rules = rubric(*tasks, rest=rest)
    enforce(rubric_text(*tasks, rest=rest))
    chance, asked = Random(11), 0
    for turn in range(50):
        served_by(chance.randint(0, 1))
        walk(chance.choice((1, 1, 2, 5)))
        if turn % 3:
            judging.put_all_away()
        clock(6)
        live.forget()
        whole = grade(live.log_of_sandbox(the_sandbox(cast)), rules)
        should = {one.member.member: progress(rules, one) for one in whole.members}
        for person in (cast.ben, cast.cy, cast.ben):
            served_by(chance.randint(0, 1))
            head = db.session.get_one(Membership, person.membership_id, populate_existing=True).last_hash
            view = coach.known(the_sandbox(cast), person.actor, head)
            assert view is not None
            assert view.progress == should[person.actor.key], turn
            asked += 1
    assert len(judged) < asked - 20, "some were taken"
