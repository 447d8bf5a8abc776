"""What is kept of the log for live pages is worth as much as the whole log, wherever it is cut."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.grading import Header, Step, Views, as_json, grade, grade_member, log_of
from labapp.grading.grade import MemberResult, Results
from labapp.grading.kept import Head, Wanted, keep, partial_of, people_of, value_of
from labapp.grading.replay import Key
from tests.grading.builder import HEADER, START, Lab, change, rubric, task
from tests.grading.test_properties import CHECKS

MORE = (
    "did: {what: lead.convert, times: 4}",
    "did: {what: 'lead.*', times: 3, where: {note: {filled: true}}}",
    "never: {what: opportunity.edit}",
    "in_order: {steps: [lead.create, opportunity.edit, opportunity.win], times: 2}",
    "in_order: {steps: [lead.open, lead.edit]}",
    "in_order: {steps: [opportunity.edit, opportunity.win]}",
    "in_order: {steps: [lead.qualify, lead.convert, opportunity.win]}",
    "holds: {kind: lead, where: {status: new}, owner: anyone, times: 3}",
    "holds: {kind: lead, where: {owner: {not: me}}, owner: anyone, made_by: me}",
    "holds: {kind: opportunity, where: {stage: won}, made_by: me}",
    "within: {start: lead.open, finish: lead.edit, limit: 4h}",
    "within: {start: ticket.create, finish: ticket.win, limit: 4h, least: 1}",
    "filled: {kind: opportunity, fields: [status], owner: anyone}",
    "valid: {kind: opportunity, field: status, rule: unique, owner: anyone}",
    "measure: {name: win_rate, full: 1, zero: 0}",
    "measure: {name: resolution_hours, full: 1, zero: 99}",
    "setting: {path: sharing.lead, where: open}",
    "answered: {paper: first}",
)
TASKS = [task(f"t{number}", check) for number, check in enumerate((*CHECKS, *MORE))]
RULES = rubric(*TASKS)
FEW = [rubric(task("only", check)) for check in (*CHECKS, *MORE)]
VERBS = ("create", "edit", "qualify", "convert", "unconvert", "delete", "restore", "win", "open", "list")
WHAT = {"create": "created", "restore": "created", "delete": "deleted"}
PEOPLE = ("ada", "ben", "ines", None)
steady = settings(deadline=None, max_examples=60)


@st.composite
def step_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Steps of a class on a few records, in any order of verbs: conversions taken back, resets, settings, papers."""
    rows: list[dict[str, Any]] = []
    now = datetime.fromisoformat(START)
    for number in range(1, draw(st.integers(0, 30)) + 1):
        now += timedelta(minutes=draw(st.sampled_from((0, 1, 45, 200, 1500))))
        base = {"id": number, "lab_at": now.isoformat(), "member": draw(st.sampled_from(PEOPLE))}
        act = draw(st.sampled_from((on_record, on_record, on_record, on_record, reset, setting, paper)))
        rows.append(
            {"origin": "screen", "outcome": "done", "answers": {}, "changes": [], **base, **draw(act())}
        )
    return rows


@st.composite
def on_record(draw: st.DrawFn) -> dict[str, Any]:
    kind, verb = draw(st.sampled_from(("lead", "opportunity", "ticket"))), draw(st.sampled_from(VERBS))
    serial = draw(st.integers(1, 4))
    after = {
        "owner": draw(st.sampled_from(("ada", "ben", None))),
        "assignee": draw(st.sampled_from((None, None, "ada", "ben"))),
        "status": draw(st.sampled_from((None, "new", " New", "converted", 7))),
        "stage": draw(st.sampled_from(("won", "lost", "quote"))),
        "amount": draw(st.sampled_from((None, "499.99", "500.00"))),
        "resolved_at": draw(st.sampled_from((None, "2026-09-09T10:00:00"))),
    }
    some = draw(st.lists(st.sampled_from(sorted(after)), unique=True))
    fields = after if verb in ("create", "restore") else {name: after[name] for name in some}
    changes = [{"what": WHAT.get(verb, "changed"), "kind": kind, "id": serial, "after": fields}]
    if verb == "convert":
        made = draw(st.integers(1, 4))
        changes.append({"what": "created", "kind": "opportunity", "id": made, "after": after})
    outcome = draw(st.sampled_from(("done", "done", "done", "done", "refused")))
    quiet = outcome == "refused" or verb in ("open", "list")
    return {
        "kind": kind,
        "verb": verb,
        "record": None if verb == "list" else serial,
        "outcome": outcome,
        "origin": draw(st.sampled_from(("screen", "screen", "screen", "bulk", "import"))),
        "answers": draw(st.sampled_from(({}, {"note": "called"}))),
        "changes": [] if quiet else changes,
    }


@st.composite
def reset(draw: st.DrawFn) -> dict[str, Any]:
    """A reset, as the answers say, or as the membership's fields do."""
    named = draw(st.sampled_from(({}, {"member": "ada"}, {"member": "nobody"})))
    number = draw(st.sampled_from(("20260001", "20260002", "")))
    changes = [{"what": "changed", "kind": "membership", "id": 1, "after": {"number": number}}]
    return {"kind": "membership", "verb": "reset", "record": 1, "answers": named, "changes": changes}


@st.composite
def setting(draw: st.DrawFn) -> dict[str, Any]:
    after = {"value": draw(st.sampled_from(("private", "open")))}
    changes = [{"what": "changed", "kind": "setting", "id": "sharing.lead", "after": after}]
    return {"kind": "setting", "verb": "change", "record": None, "changes": changes}


@st.composite
def paper(draw: st.DrawFn) -> dict[str, Any]:
    points = draw(st.integers(0, 5))
    answers = {"paper": draw(st.sampled_from(("first", "second"))), "points": points, "max": 5}
    return {"kind": "attempt", "verb": "submit", "record": 1, "answers": answers}


class Drawer:
    """A shelf that keeps everything as the text it would be in a database."""

    def __init__(self, looks: bool = True) -> None:
        self.head = json.dumps(vars(Head(looks=looks)))
        self.records: dict[Key, str] = {}
        self.done: dict[str, list[str]] = {}

    def rows(self, keys: Iterable[Key]) -> Mapping[Key, Any]:
        return {key: json.loads(self.records[key]) for key in keys if key in self.records}

    def mine(self, member: str, kinds: frozenset[str]) -> Mapping[Key, Any]:
        return {key: row for key, row in self._of(kinds).items() if member in people_of(row)}

    def everybody(self, kinds: frozenset[str]) -> Mapping[Key, Any]:
        return {key: row for key, row in self._of(kinds).items() if row.get("e")}

    def counts(self, kind: str, name: str) -> Mapping[str, int]:
        return Counter(value_of(row, name) for row in self.everybody(frozenset([kind])).values())

    def acts(self, member: str) -> Iterable[Any]:
        return [json.loads(row) for row in self.done.get(member, ())]

    def put(self, header: Header, steps: list[Step]) -> None:
        """Keep these steps too."""
        kept = keep(self, header, Head(**json.loads(self.head)), steps)
        self.head = json.dumps(vars(kept.head))
        self.records |= {key: json.dumps(row) for key, row in kept.rows.items()}
        for member, rows in kept.acts.items():
            self.done.setdefault(member, []).extend(json.dumps(row) for row in rows)

    def _of(self, kinds: frozenset[str]) -> dict[Key, Any]:
        return {key: json.loads(row) for key, row in self.records.items() if key[0] in kinds}


def judged(drawer: Drawer, header: Header, steps: list[Step], rules: Any) -> list[MemberResult]:
    head = Head(**json.loads(drawer.head))
    return [
        grade_member(
            Views(partial_of(drawer, header, head, Wanted(one.member, rules.needs), steps)), rules, one
        )
        for one in header.students
    ]


@steady
@given(step_rows(), st.lists(st.integers(0, 30), max_size=3), st.lists(st.sampled_from(FEW), max_size=2))
def test_what_is_kept_and_the_rest_are_worth_the_whole_log(
    rows: list[dict[str, Any]], cuts: list[int], few: list[Any]
):
    """Put away in up to three portions, the last steps only fed: every check says the same, with the same evidence."""
    log = log_of(HEADER, rows)
    log = type(log)(log.header, [step._replace(place=step.id) for step in log.steps])
    drawer, done = Drawer(), 0
    for cut in sorted(cuts):
        drawer.put(log.header, log.steps[done:cut])
        done = max(done, cut)
    for rules in (RULES, *few):
        parts = judged(drawer, log.header, log.steps[done:], rules)
        assert as_json(Results(rules, None, tuple(parts))) == as_json(grade(log, rules))


def eventful(reset: bool) -> Lab:
    """A log in which everything happens that what is kept has to remember; Ada is reset near its end, or not."""
    lab = Lab()
    lab.creates(None, "lead", 1, origin="setup", owner="ada", status="new")
    lab.creates("ada", "lead", 2, status="new")
    lab.creates("ben", "lead", 3, status="New ")
    lab.does("ada", "lead.open", 1)
    lab.does("ben", "lead.open", 1)
    lab.changes("ben", "lead.qualify", 1, status="qualified")
    lab.changes("ada", "lead.qualify", 1, status="qualified")
    lab.changes("ada", "lead.qualify", 2, status="qualified")
    lab.converts("ada", 1, opportunity=11)
    lab.converts("ada", 2, opportunity=12)
    lab.changes("ada", "opportunity.win", 11, stage="won", amount="700.00")
    lab.does("ada", "lead.unconvert", 2, changes=[change("deleted", "opportunity", 12, {})])
    lab.changes("ben", "lead.transfer", 3, owner="ada")
    lab.changes("ada", "opportunity.edit", 12, status="new")
    lab.converts("ben", 3, opportunity=13)
    lab.changes("ada", "opportunity.win", 13, stage="won", owner="ada", status="new")
    lab.creates(None, "ticket", 5, origin="timeline", owner="ines", assignee="ben")
    lab.changes("ada", "ticket.win", 5, resolved_at="2026-09-07T12:00:00")
    lab.changes("ben", "ticket.win", 5, assignee="ada")
    lab.creates("ines", "ticket", 6, owner="ines", assignee="ada")
    lab.changes("ines", "ticket.win", 6, resolved_at="2026-09-07T12:30:00")
    lab.changes("ada", "ticket.win", 6, status="again")
    lab.sets("ines", "sharing.lead", "open")
    lab.does("ada", "attempt.submit", 1, answers={"paper": "first", "points": 3, "max": 5})
    lab.changes("ines", "opportunity.edit", 13, amount="1.00")
    lab.deletes("ada", "lead", 2)
    lab.does("ben", "lead.edit", 3, outcome="refused")
    lab.does("ines", "membership.reset", 2, answers={"member": "ben"})
    lab.changes("ben", "lead.edit", 3, status="new", amount="5.00")
    lab.does(
        "ada", "lead.restore", 2, changes=[change("created", "lead", 2, {"owner": "ada", "status": "new"})]
    )
    if reset:
        lab.does("ada", "membership.reset", 1)
        lab.changes("ada", "lead.qualify", 2, status="qualified")
    return lab


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("cut", range(0, 30, 2))
def test_an_eventful_log_may_be_cut_anywhere(cut: int, reset: bool):
    """At any step, and once more at any later one."""
    log = eventful(reset).log
    steps = [step._replace(place=step.id) for step in log.steps]
    whole = as_json(grade(type(log)(log.header, steps), RULES))
    assert any(task["share"] not in (0, 1) for result in whole["results"] for task in result["tasks"])
    for second in range(cut, len(steps) + 1, 3):
        drawer = Drawer()
        drawer.put(log.header, steps[:cut])
        drawer.put(log.header, steps[cut:second])
        parts = judged(drawer, log.header, steps[second:], RULES)
        assert as_json(Results(RULES, None, tuple(parts))) == whole, (cut, second)


@pytest.mark.parametrize("rules", FEW, ids=[*CHECKS, *MORE])
@pytest.mark.parametrize("reset", [False, True])
def test_a_rubric_of_one_check_is_given_all_that_it_asks_for(rules: Any, reset: bool):
    """What the other checks would have asked for is not there."""
    log = eventful(reset).log
    steps = [step._replace(place=step.id) for step in log.steps]
    whole = as_json(grade(type(log)(log.header, steps), rules))
    for cut in range(0, len(steps) + 1, 4):
        drawer = Drawer()
        drawer.put(log.header, steps[:cut])
        parts = judged(drawer, log.header, steps[cut:], rules)
        assert as_json(Results(rules, None, tuple(parts))) == whole, cut


@pytest.mark.parametrize(
    ("check", "held"),
    [
        ("did: {what: lead.convert}", {("lead", "convert"), ("lead", "open")}),
        ("never: {what: lead.edit}", {("lead", "edit"), ("lead", "open")}),
        ("in_order: {steps: [lead.edit, lead.list]}", {("lead", "edit"), ("lead", "list"), ("lead", "open")}),
        ("did: {what: '*.list'}", {("lead", "list"), ("customer", "list"), ("lead", "open")}),
    ],
)
def test_of_a_long_look_around_only_what_is_asked_for_is_held(check: str, held: set[tuple[str, str]]):
    """A script of a student may ask for a hundred thousand pages."""
    lab = Lab()
    for _ in range(50):
        lab.does("ada", "lead.open", 1)
        lab.does("ada", "lead.list")
        lab.does("ada", "customer.list")
    lab.does("ada", "lead.edit", 1)
    log, drawer, rules = lab.log, Drawer(), rubric(task("only", check))
    drawer.put(log.header, log.steps)
    head = Head(**json.loads(drawer.head))
    acts = partial_of(drawer, log.header, head, Wanted("ada", rules.needs)).acts("ada")
    assert set(acts.by_act) == held & {(step.kind, step.verb) for step in log.steps}
    assert len(acts.matching("lead", "open")) == 1, "that there was work at all"
