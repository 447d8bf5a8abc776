"""What holds for every log and every rubric."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.grading import Results, as_json, grade, log_of, replayed
from tests.grading.builder import HEADER, START, rubric, task

CHECKS = (
    "did: {what: lead.create, times: 3, distinct: record}",
    "did: {what: '*.edit', times: 2, distinct: day, credit: all}",
    "never: {what: lead.delete}",
    "in_order: {steps: [lead.create, lead.convert, opportunity.win], times: 2}",
    "in_order: {steps: [lead.create, lead.qualify, lead.convert], within: 3h}",
    "in_order: {steps: [lead.create, lead.edit, lead.delete], on: any, within: 3h}",
    "holds: {kind: lead, where: {status: {not: null}}, times: 3}",
    "holds: {kind: opportunity, where: {amount: {gte: 500}}, owner: anyone, made_by: me}",
    "within: {start: lead.create, finish: lead.qualify, limit: 2h, share: 0.5}",
    "within: {start: lead.create, finish: lead.convert, limit: 3h, clock: working}",
    "filled: {kind: lead, fields: [status, amount]}",
    "valid: {kind: lead, field: amount, rule: unique}",
    "measure: {name: won_amount, full: 1000, zero: 10}",
    "measure: {name: lead_conversion, full: 0.2, zero: 0.7, quarter: 2026Q3}",
    "setting: {path: sharing.lead, where: {in: [private]}}",
)
TASKS = [task(f"t{number}", check, points=3.335) for number, check in enumerate(CHECKS)]
TASKS += [task("both", *CHECKS[:3], rest="after: t0"), task("last", CHECKS[6], rest="after: both")]
RULES = rubric(*TASKS, rest='pass: 40\ndue: "+0d 12:00"\nlate: {per_day: 15, max: 50}')
VERBS = ("create", "edit", "qualify", "convert", "unconvert", "delete", "win", "open")
steady = settings(deadline=None, max_examples=40)  # how fast this machine is says nothing about the grader
CHANGES = {"create": "created", "delete": "deleted"}


@st.composite
def step_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Steps of three people on a few records, in any order of verbs."""
    rows: list[dict[str, Any]] = []
    now = datetime.fromisoformat(START)
    for number in range(draw(st.integers(0, 25))):
        now += timedelta(minutes=draw(st.sampled_from((0, 1, 45, 200, 1500))))
        rows.append(draw(step_row(number + 1, now.isoformat())))
    return rows


@st.composite
def step_row(draw: st.DrawFn, number: int, lab_at: str) -> dict[str, Any]:
    kind, verb = draw(st.sampled_from(("lead", "opportunity"))), draw(st.sampled_from(VERBS))
    serial = draw(st.integers(1, 3))
    outcome = draw(st.sampled_from(("done", "done", "done", "refused")))
    after = {
        "owner": draw(st.sampled_from(("ada", "ben"))),
        "status": draw(st.sampled_from((None, "new", "converted"))),
        "stage": draw(st.sampled_from(("won", "quote"))),
        "amount": draw(st.sampled_from((None, "499.99", "500.00"))),
    }
    changes = [
        {"what": CHANGES.get(verb, "changed"), "kind": kind, "id": serial, "before": {}, "after": after}
    ]
    if verb == "convert":
        changes.append({"what": "created", "kind": "opportunity", "id": serial, "before": {}, "after": after})
    return {
        "id": number,
        "member": draw(st.sampled_from(("ada", "ben", None))),
        "lab_at": lab_at,
        "kind": kind,
        "verb": verb,
        "record": serial,
        "origin": draw(st.sampled_from(("screen", "screen", "bulk", "import"))),
        "outcome": outcome,
        "answers": {},
        "changes": [] if outcome == "refused" or verb == "open" else changes,
    }


def graded(rows: list[dict[str, Any]], cutoff: datetime | None = None) -> Results:
    return grade(log_of(HEADER, rows), RULES, cutoff)


def of_ada(results: Results) -> Any:
    return as_json(results)["results"][0]


@steady
@given(step_rows())
def test_every_share_lies_between_nothing_and_all(rows: list[dict[str, Any]]):
    for result in graded(rows).members:
        for task_result in result.tasks:
            assert task_result.state is None, task_result
            assert 0 <= task_result.share <= 1
            assert all(0 <= finding.share <= 1 for finding in task_result.findings)
            assert 0 <= task_result.points <= task_result.task.points + 1


@steady
@given(step_rows())
def test_the_same_log_gives_the_same_result(rows: list[dict[str, Any]]):
    assert as_json(graded(rows)) == as_json(graded(rows))


@steady
@given(step_rows())
def test_the_total_is_the_sum_of_the_rounded_points(rows: list[dict[str, Any]]):
    for result in graded(rows).members:
        assert result.points == sum(task_result.points for task_result in result.tasks)
        assert result.passed is (result.points * 100 >= 40 * float(result.max))


@steady
@given(step_rows(), step_rows())
def test_steps_after_the_cutoff_never_count(before: list[dict[str, Any]], after: list[dict[str, Any]]):
    cutoff = datetime.fromisoformat(before[-1]["lab_at"] if before else START)
    start = datetime.fromisoformat(START)
    later = [
        {
            **row,
            "id": 1000 + row["id"],
            "lab_at": (cutoff + timedelta(seconds=1) + _since(row, start)).isoformat(),
        }
        for row in after
    ]
    assert of_ada(graded(before + later, cutoff)) == of_ada(graded(before, cutoff))


@steady
@given(step_rows(), st.integers(0, 25))
def test_what_others_look_at_later_changes_nothing(rows: list[dict[str, Any]], place: int):
    cutoff = datetime.fromisoformat(rows[-1]["lab_at"] if rows else START)
    look = {
        "member": "ben",
        "kind": "lead",
        "verb": "open",
        "record": 1,
        "id": 999,
        "lab_at": cutoff.isoformat(),
    }
    assert of_ada(graded([*rows, look], cutoff)) == of_ada(graded(rows, cutoff))


@steady
@given(step_rows(), st.integers(0, 25))
def test_a_replay_fed_in_two_parts_is_the_whole_replay(rows: list[dict[str, Any]], cut: int):
    log = log_of(HEADER, rows)
    whole, parts = replayed(log), replayed(log_of(HEADER, rows[:cut]))
    parts.existing("lead")
    parts.feed(log.steps[cut:])
    for kind in ("lead", "opportunity"):
        fields = [[(record.serial, record.fields) for record in one.existing(kind)] for one in (whole, parts)]
        assert fields[0] == fields[1]


@steady
@given(step_rows())
def test_every_step_shown_is_in_the_log(rows: list[dict[str, Any]]):
    ids = {row["id"] for row in rows}
    for result in as_json(graded(rows))["results"]:
        for task_result in result["tasks"]:
            for check in task_result["checks"]:
                assert set(check["steps"]) <= ids
                assert len(set(check["steps"])) == len(check["steps"])


def _since(row: dict[str, Any], start: datetime) -> timedelta:
    return datetime.fromisoformat(row["lab_at"]) - start
