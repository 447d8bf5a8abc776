"""What is kept of the log for live pages is worth as much as the whole log, wherever it is cut."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from labapp.db import begin_write, db
from labapp.gradebook import live, shelf, state
from labapp.gradebook.models import GradeState, GradeStateActs, GradeStateRecord, GradeStateValues
from labapp.grading import Header, Step, Views, as_json, grade, grade_member, log_of
from labapp.grading.grade import MemberResult, Results
from labapp.grading.kept import Head, Wanted, keep, partial_of, people_of, value_of
from labapp.grading.replay import Key
from labapp.oplog.append import Step as LogStep
from labapp.oplog.append import append_all
from labapp.oplog.models import Operation
from labapp.people.models import Course, Sandbox
from tests.grading.builder import HEADER, START, Lab, change, rubric, rubric_text, task
from tests.grading.test_properties import CHECKS

MORE = (
    "did: {what: lead.convert, times: 4}",
    "did: {what: 'lead.*', times: 3, where: {note: {filled: true}}}",
    "never: {what: opportunity.edit}",
    "in_order: {steps: [lead.create, opportunity.edit, opportunity.win], times: 2}",
    "in_order: {steps: [lead.open, lead.edit]}",
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
FINE = "late: {per_day: 15, max: 50}"
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


def eventful() -> Lab:
    """A log in which everything happens that what is kept has to remember."""
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
    lab.sets("ines", "sharing.lead", "open")
    lab.does("ada", "attempt.submit", 1, answers={"paper": "first", "points": 3, "max": 5})
    lab.deletes("ada", "lead", 2)
    lab.does("ben", "lead.edit", 3, outcome="refused")
    lab.does("ines", "membership.reset", 2, answers={"member": "ben"})
    lab.changes("ben", "lead.edit", 3, status="new", amount="5.00")
    lab.does(
        "ada", "lead.restore", 2, changes=[change("created", "lead", 2, {"owner": "ada", "status": "new"})]
    )
    lab.does("ada", "membership.reset", 1)
    lab.changes("ada", "lead.qualify", 2, status="qualified")
    return lab


@pytest.mark.parametrize("cut", range(29))
def test_an_eventful_log_may_be_cut_anywhere(cut: int):
    """At any step, and once more at any later one."""
    log = eventful().log
    steps = [step._replace(place=step.id) for step in log.steps]
    assert len(steps) == 28
    whole = as_json(grade(type(log)(log.header, steps), RULES))
    assert any(task["share"] not in (0, 1) for result in whole["results"] for task in result["tasks"])
    for second in range(cut, 29, 3):
        drawer = Drawer()
        drawer.put(log.header, steps[:cut])
        drawer.put(log.header, steps[cut:second])
        parts = judged(drawer, log.header, steps[second:], RULES)
        assert as_json(Results(RULES, None, tuple(parts))) == whole, (cut, second)


# In the database


DUE = f'due: "+3d 12:00"\n{FINE}'
LATE = rubric(*TASKS, rest=DUE)


@pytest.fixture
def walk(app, cast):
    """walk(40) adds so many random steps to the log of the sandbox."""
    chance = Random(4)
    sandbox_id = cast.ben.sandbox_id
    keys = {"ada": cast.ben, "ben": cast.cy, "ines": cast.ines}

    def written(text: Any) -> Any:
        """The people of the builder are Ben, Cy and Ines here."""
        named = json.dumps(text)
        for name, person in keys.items():
            named = named.replace(f'"{name}"', f'"{person.key}"')
        return json.loads(named)

    def forward(count: int) -> None:
        begin_write()
        start = db.session.get_one(Sandbox, sandbox_id, populate_existing=True).last_lab_at
        rows = [written(example(chance)) for _ in range(count)]
        steps = []
        for row in rows:
            person = next(one for one in keys.values() if one.key == row["member"])
            row["membership_id"] = person.membership_id
            steps.append(LogStep(sandbox_id, **row))
        append_all(steps, [start + timedelta(minutes=37 * number) for number in range(count)])
        db.session.commit()

    return forward


def example(chance: Random) -> dict[str, Any]:
    """A random step, as the log takes it."""
    kind = chance.choice(("lead", "lead", "opportunity", "ticket"))
    verb, serial = chance.choice(VERBS), chance.randint(901, 906)
    fields = {
        "owner": chance.choice(("ada", "ben", None)),
        "assignee": chance.choice((None, None, "ada", "ben")),
        "status": chance.choice((None, "new", "converted")),
        "stage": chance.choice(("won", "lost", "quote")),
        "amount": chance.choice((None, "499.99", "500.00")),
        "resolved_at": chance.choice((None, "2026-09-09T10:00:00")),
    }
    change = {"what": WHAT.get(verb, "changed"), "kind": kind, "id": serial, "before": {}, "after": fields}
    changes = [] if verb in ("open", "list") else [change]
    if verb == "convert":
        kind = change["kind"] = "lead"
        changes.append({**change, "what": "created", "kind": "opportunity", "id": chance.randint(901, 906)})
    if chance.random() < 0.04:
        named = {"answers": {"member": chance.choice(("ada", "ben"))}}
        return {"member": "ines", "kind": "membership", "verb": "reset", "record": 2, **named}
    record = None if verb == "list" else serial
    return {
        "member": chance.choice(("ada", "ada", "ben", "ben", "ines")),
        "kind": kind,
        "verb": verb,
        "record": record,
        "changes": changes,
    }


def the_sandbox(cast) -> Sandbox:
    return db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True)


def from_the_state(cast, rules: Any) -> dict[str, Any]:
    sandbox = the_sandbox(cast)
    found = [
        grade_member(state.views(sandbox, member.member, rules), rules, member)
        for member in state.header_of(sandbox).students
    ]
    return as_json(Results(rules, None, tuple(found)))


def from_the_log(cast, rules: Any) -> dict[str, Any]:
    live.forget()
    return as_json(grade(live.log_of_sandbox(the_sandbox(cast)), rules))


@pytest.mark.parametrize("rest", ["", DUE], ids=["now", "late"])
def test_the_state_in_the_database_is_worth_the_whole_log(walk, cast, monkeypatch, rest):
    """Put away in small portions while the log goes on, asked again and again; late work is judged as of its due."""
    monkeypatch.setattr(state, "PORTION", 17)
    monkeypatch.setattr(state, "LITTLE", 10)
    monkeypatch.setattr(state, "LONG", 25)
    monkeypatch.setattr(state, "PATIENCE", 60)
    monkeypatch.setattr(shelf, "CHUNK", 7)
    monkeypatch.setattr(shelf, "AT_ONCE", 3)
    rules = rubric(*TASKS, rest=rest)
    enforce(cast, rubric_text(*TASKS, rest=rest))
    for count in (9, 30, 3, 60, 1, 28, 44):
        walk(count)
        assert from_the_state(cast, rules) == from_the_log(cast, rules)
    assert db.session.scalar(select(func.count()).select_from(GradeStateValues)) >= 2
    kept = db.session.scalars(select(GradeState.step).where(GradeState.cutoff == "")).one()
    assert the_sandbox(cast).last_step - kept <= state.LONG


def test_what_is_late_begins_with_a_copy_of_the_state_at_the_due_time(walk, cast, monkeypatch):
    monkeypatch.setattr(state, "PORTION", 20)
    enforce(cast, LATE_TEXT)
    walk(300)
    state.keep_up(the_sandbox(cast))
    kept = {one.cutoff: one for one in db.session.scalars(select(GradeState))}
    assert set(kept) == {"", "2026-09-10T12:00:00"}
    due = datetime.fromisoformat("2026-09-10T12:00:00")
    before = select(func.max(Operation.id)).where(Operation.lab_at <= due)
    assert kept["2026-09-10T12:00:00"].step == db.session.scalar(before)
    assert from_the_state(cast, LATE) == from_the_log(cast, LATE)


def test_another_log_is_kept_anew_and_the_old_state_swept(walk, cast):
    """The database was replaced by one in which that step is another."""
    walk(60)
    state.keep_up(the_sandbox(cast))
    old = db.session.scalars(select(GradeState.id)).one()
    begin_write()
    db.session.execute(update(GradeState).values(hash="another"))
    db.session.commit()
    assert from_the_state(cast, RULES) == from_the_log(cast, RULES)
    assert state.keep_up(the_sandbox(cast)) == 0
    state.sweep()
    for column in (GradeState.id, GradeStateRecord.state_id, GradeStateActs.state_id):
        assert set(db.session.scalars(select(column))) == {old + 1}


def test_a_rubric_that_counts_looks_has_them_kept(walk, cast):
    """The state that left them out is made anew."""
    looks = rubric(task("only", "within: {start: lead.open, finish: lead.edit, limit: 90m}"))
    walk(80)
    state.keep_up(the_sandbox(cast))
    assert from_the_state(cast, looks) == from_the_log(cast, looks)
    walk(80)
    assert from_the_state(cast, looks) == from_the_log(cast, looks)


def test_only_one_of_two_puts_the_same_steps_away(walk, cast):
    """Both read the same head; the second finds it moved and takes what the first left."""
    walk(40)
    sandbox = the_sandbox(cast)
    blank = state.State(sandbox.id, None, Head())
    new = list(state._steps(blank))
    first = state._put_away(sandbox, blank, new)
    second = state._put_away(sandbox, blank, new[:5])
    assert (first.id, first.head.step) == (second.id, second.head.step)
    third = state._put_away(sandbox, state.replace(first, head=Head(step=3)), new[3:9])
    assert third.head.step == first.head.step
    assert from_the_state(cast, RULES) == from_the_log(cast, RULES)


def test_a_log_too_long_for_a_page_is_put_away_page_by_page(walk, cast, monkeypatch):
    monkeypatch.setattr(state, "PORTION", 20)
    monkeypatch.setattr(state, "LITTLE", 5)
    monkeypatch.setattr(state, "LONG", 30)
    monkeypatch.setattr(state, "PATIENCE", 0)
    walk(200)
    with pytest.raises(state.NotYet):
        from_the_state(cast, RULES)
    monkeypatch.setattr(state, "PATIENCE", 60)
    assert from_the_state(cast, RULES) == from_the_log(cast, RULES)


def test_the_chore_of_every_tick_leaves_little_to_read(walk, cast):
    enforce(cast, LATE_TEXT)
    walk(90)
    state.keep_all_up()
    sandbox = the_sandbox(cast)
    assert sandbox.last_step - db.session.scalars(select(GradeState)).one().step <= state.LITTLE


LATE_TEXT = rubric_text(task("one", CHECKS[0]), rest=DUE)


def enforce(cast, text: str) -> None:
    begin_write()
    db.session.get_one(Course, the_sandbox(cast).course_id).rubric = text
    db.session.commit()
