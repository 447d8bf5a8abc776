"""A step that concerns a member by no rule leaves the member's result as it was, whatever the rubric asks."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.grading import Log, Views, as_json, grade_member, log_of
from labapp.grading.concerns import Concerns, Seen
from labapp.grading.grade import Results
from labapp.grading.kept import named_in
from labapp.grading.replay import Key, Replay
from tests.grading.builder import HEADER, rubric, task
from tests.test_coach_state import FEW, Drawer, eventful, step_rows

LATER = datetime.fromisoformat("2027-09-01T00:00:00")  # time itself must not change a result here


def with_before(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a log has them: what was there before a change stands beside it."""
    fields: dict[Key, dict[str, Any]] = {}
    for row in rows:
        for change in row["changes"] if row["outcome"] == "done" else ():
            known = fields.setdefault((change["kind"], change["id"]), {})
            change["before"] = {name: known.get(name) for name in change["after"]}
            known.update(change["after"])
    return rows


def seen_of(rows: list[dict[str, Any]]) -> list[Seen]:
    return [
        Seen(row["id"], row["member"], row["kind"], row["verb"], row.get("record"), row["changes"])
        for row in rows
        if row["outcome"] == "done"
    ]


def standing(log: Log, count: int, rules: Any) -> list[dict[str, Any]]:
    replay = Replay(log.header, LATER)
    replay.feed(log.steps[:count])
    found = tuple(grade_member(Views(replay), rules, one) for one in log.header.students)
    return as_json(Results(rules, None, found))["results"]


def shelved(drawer: Drawer) -> Any:
    def people(keys: set[Key]) -> Mapping[Key, Any]:
        return {key: named_in(row) for key, row in drawer.rows(keys).items()}

    return people


def unsaid(rows: list[dict[str, Any]], base: int, ahead: int, rules: Any) -> Iterator[tuple[int, str]]:
    """Steps by which somebody else's result changed, and who it was, where nothing said so.

    The state of the records is put away as far as `base` when this begins, and `ahead` steps further than is looked at.
    """
    log = log_of(HEADER, rows)
    log = type(log)(log.header, [step._replace(place=step.id) for step in log.steps])
    drawer = Drawer()
    drawer.put(log.header, log.steps[:base])
    concerns = Concerns(rules.needs, base)
    before, kept = standing(log, base, rules), base
    for number in range(base + 1, len(rows) + 1):
        if number + ahead <= len(rows) and number + ahead > kept:
            drawer.put(log.header, log.steps[kept : number + ahead])
            kept = number + ahead
        concerns.take(seen_of(rows[number - 1 : number]), shelved(drawer))
        now = standing(log, number, rules)
        for one, was, stands in zip(log.header.students, before, now, strict=True):
            own = rows[number - 1]["member"] == one.member
            if was != stands and not own and concerns.last(one.member) < number:
                yield number, one.member
        before = now


@settings(deadline=None, max_examples=60)
@given(step_rows(), st.integers(0, 10), st.integers(0, 3), st.sampled_from(FEW))
def test_whom_nothing_concerns_stands_as_before(
    rows: list[dict[str, Any]], base: int, ahead: int, rules: Any
):
    assert list(unsaid(with_before(rows), min(base, len(rows)), ahead, rules)) == []


@pytest.mark.parametrize("number", range(len(FEW)))
def test_an_eventful_log_says_whom_each_step_concerns(number: int):
    rows = with_before(rows_of(eventful(reset=True).log))
    for base in (0, 7, 19):
        for ahead in (0, 4):
            assert list(unsaid(rows, base, ahead, FEW[number])) == []


def rows_of(log: Log) -> list[dict[str, Any]]:
    """The steps as lines of a log have them."""
    return [
        json.loads(
            json.dumps(
                {
                    **{name: getattr(step, name) for name in ("id", "member", "kind", "verb", "record")},
                    **{name: getattr(step, name) for name in ("origin", "outcome")},
                    "lab_at": step.lab_at.isoformat(),
                    "answers": dict(step.answers),
                    "changes": [{**change._asdict(), "after": dict(change.after)} for change in step.changes],
                }
            )
        )
        for step in log.steps
    ]


MINE = rubric(task("mine", "holds: {kind: lead, where: {status: new}}"))


def change(what: str, serial: int, **after: Any) -> dict[str, Any]:
    return {"what": what, "kind": "lead", "id": serial, "before": {}, "after": after}


def test_what_others_do_to_their_own_concerns_nobody_else():
    concerns = Concerns(MINE.needs, 0)
    made = Seen(1, "ben", "lead", "create", 5, [change("created", 5, owner="ben")])
    concerns.take(
        [made, Seen(2, "ben", "lead", "edit", 5, [change("changed", 5, status="new")])], lambda _: {}
    )
    assert concerns.last("ada") == 0
    assert concerns.last("ben") == 2


def test_a_record_that_nobody_knows_concerns_everybody():
    concerns = Concerns(MINE.needs, 7)
    concerns.take([Seen(8, "ben", "lead", "edit", 5, [change("changed", 5, status="new")])], lambda _: {})
    assert concerns.last("ada") == 8


def test_a_transfer_concerns_both_and_what_follows_only_the_new_owner_or_more():
    concerns = Concerns(MINE.needs, 0)
    moved = {**change("changed", 5, owner="ben"), "before": {"owner": "ada"}}
    concerns.take([Seen(1, "ines", "lead", "transfer", 5, [moved])], lambda keys: dict.fromkeys(keys, ()))
    assert (concerns.last("ada"), concerns.last("ben"), concerns.last("cy")) == (1, 1, 0)


def test_a_look_concerns_nobody_unless_it_is_asked_who_looked():
    look = Seen(1, "ben", "lead", "open", 5, [])
    for rules, last in (
        (MINE, 0),
        (rubric(task("w", "within: {start: lead.open, finish: lead.edit, limit: 4h}")), 1),
    ):
        concerns = Concerns(rules.needs, 0)
        concerns.take([look], lambda keys: dict.fromkeys(keys, ("ada", None, None)))
        assert concerns.last("ada") == last


def test_a_setting_concerns_everybody():
    concerns = Concerns(MINE.needs, 0)
    setting = {
        "what": "changed",
        "kind": "setting",
        "id": "sharing.lead",
        "before": {},
        "after": {"value": "open"},
    }
    concerns.take([Seen(1, "ines", "sharing", "set", None, [setting])], lambda _: {})
    assert concerns.last("ada") == 1
