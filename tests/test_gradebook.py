"""Runs, the ledger and its fold, the live replay, and `labapp grade NAME` against the file road."""

import csv
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from labapp.cli import grade_sandbox
from labapp.cli.grade import graded_file
from labapp.db import begin_write, db
from labapp.gradebook import live
from labapp.gradebook.book import book_of
from labapp.gradebook.figures import statistics
from labapp.gradebook.ledger import fold
from labapp.gradebook.models import (
    EXEMPTION,
    EXTENSION,
    HOLD,
    MARK,
    OVERRIDE,
    RELEASE,
    WITHDRAWN,
    GradeRun,
    LedgerEntry,
)
from labapp.gradebook.runs import run
from labapp.grading import Replay, Views, as_json, grade_member, log_of
from labapp.grading.result import member_json
from labapp.oplog.export import export
from labapp.people.models import Course, Sandbox
from tests.grading.builder import HEADER
from tests.grading.test_properties import RULES, step_rows
from tests.world import START

RUBRIC = """
rubric: 1
title: {en: First week, zh: 第一周}
pass: 50
due: "+1d 18:00"
late: {per_day: 10, max: 50}
tasks:
  - key: make
    title: {en: Make two leads, zh: 新建两条线索}
    points: 10
    checks:
      - did: {what: lead.create, times: 2, distinct: record}
  - key: essay
    title: {en: Essay, zh: 短文}
    points: 5
    checks:
      - by_hand: {scale: 4}
"""


@pytest.fixture
def rubric(app, cast) -> str:
    begin_write()
    db.session.scalars(select(Course)).one().rubric = RUBRIC
    db.session.commit()
    return RUBRIC


@pytest.fixture
def worked(rubric, browse, cast) -> None:
    """Ben makes two leads, Cy one."""
    for person, names in ((cast.ben, ("Ann", "Bea")), (cast.cy, ("Eve",))):
        for name in names:
            answer = browse(person).post("/leads/new", {"name": name, "company": "Hopper"})
            assert answer.status_code == 302


def the_sandbox() -> Sandbox:
    return db.session.scalars(select(Sandbox).execution_options(populate_existing=True)).one()


def word(kind: str, person: Any = None, **values: Any) -> LedgerEntry:
    begin_write()
    member = person.membership_id if person else None
    entry = LedgerEntry(
        sandbox_id=the_sandbox().id, membership_id=member, kind=kind, account="Ines", **values
    )
    db.session.add(entry)
    db.session.commit()
    return entry


def line_of(person):
    return book_of(the_sandbox(), {person.key: person.membership_id}).lines[0]


# -- runs ------------------------------------------------------------------------------------------


def test_the_same_run_again_stores_nothing_new(worked, cast):
    first, again = run(the_sandbox()), run(the_sandbox())
    assert (first.known, again.known) == (False, True)
    assert again.result == first.result
    assert db.session.scalar(select(func.count()).select_from(GradeRun)) == 1


def test_a_mark_a_cutoff_or_a_step_makes_another_run(worked, cast, browse):
    run(the_sandbox())
    word(MARK, cast.ben, task="essay", check=0, points=3)
    assert not run(the_sandbox()).known
    assert not run(the_sandbox(), START).known
    browse(cast.ben).get("/leads/")
    assert not run(the_sandbox()).known


def test_words_never_enter_a_run(worked, cast):
    before = run(the_sandbox()).result
    word(OVERRIDE, cast.ben, task="make", points=1, reason="late")
    again = run(the_sandbox())
    assert again.known
    assert again.result == before


# -- the fold --------------------------------------------------------------------------------------


def test_an_override_stands_over_the_grader_until_it_is_withdrawn(worked, cast):
    word(OVERRIDE, cast.ben, task="make", points=Decimal("7.5"), reason="copied")
    cell = line_of(cast.ben).cells[0]
    assert (cell.points, cell.result.points, cell.word.reason) == (Decimal("7.50"), 10, "copied")
    word(WITHDRAWN, cast.ben, task="make")
    assert line_of(cast.ben).cells[0].points == 10


def test_an_exempt_task_counts_neither_in_points_nor_in_maximum(worked, cast):
    word(MARK, cast.ben, task="essay", check=0, points=2)
    assert (line_of(cast.ben).points, line_of(cast.ben).max) == (Decimal("12.50"), 15)
    word(EXEMPTION, cast.ben, task="essay", reason="ill")
    assert (line_of(cast.ben).points, line_of(cast.ben).max, line_of(cast.ben).passed) == (10, 10, True)


def test_the_last_word_wins_and_release_can_be_held_back(cast):
    def entry(kind: str, **values: Any) -> LedgerEntry:
        return LedgerEntry(kind=kind, at=START, account="Ines", **{"task": "", "reason": "", **values})

    words = [
        entry(OVERRIDE, membership_id=1, task="a", points=Decimal(1)),
        entry(OVERRIDE, membership_id=1, task="a", points=Decimal(2)),
        entry(EXTENSION, membership_id=1, until=START),
        entry(RELEASE),
    ]
    found = fold(words, 1)
    assert (found.overrides["a"].points, found.extended, found.released) == (2, START, START)
    assert fold(words, 2).overrides == {}
    later = fold([*words, entry(HOLD, membership_id=1), entry(WITHDRAWN, membership_id=1)], 1)
    assert (later.extended, later.released, later.overrides["a"].points) == (None, None, 2)


def test_an_extension_judges_that_member_with_the_later_due_time(worked, cast, browse):
    """Ben does his second lead late by more than a day; Cy does too, without an extension."""
    begin_write()
    the_sandbox().clock_base = datetime.fromisoformat("2026-09-10T09:00")
    db.session.commit()
    for person in (cast.ben, cast.cy):
        browse(person).post("/leads/new", {"name": "Late", "company": "Hopper"})
    # Ben had both in time already; Cy's second one costs two days begun of ten per cent.
    assert [line_of(person).cells[0].points for person in (cast.ben, cast.cy)] == [10, 8]
    word(EXTENSION, cast.cy, until=datetime.fromisoformat("2026-09-11T00:00"), reason="ill")
    assert line_of(cast.cy).cells[0].points == 10


def test_statistics_leave_out_what_is_not_there():
    found = statistics([Decimal(1), None, Decimal(4)])
    assert (found.count, found.mean, found.median, found.least, found.most) == (2, 2.5, 2.5, 1, 4)
    assert statistics([None]).mean is None


# -- the live replay -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(rows=step_rows(), parts=st.lists(st.integers(1, 6), max_size=8))
def test_feeding_step_by_step_equals_grading_afresh(rows, parts):
    log = log_of(HEADER, rows)
    replay, left = Replay(log.header), log.steps
    for part in [*parts, len(rows)]:
        replay.feed(left[:part])
        left = left[part:]
        for member in log.header.students:
            grade_member(Views(replay), RULES, member)  # fills what the replay keeps
    due = RULES.due.on(log.header.starts_at)
    late = Views(replay)
    if replay.cutoff > due:
        at_due = Replay(log.header, due)
        at_due.feed(log.steps)
        late = Views(replay, due, at_due)
    from labapp.grading import grade

    fresh = as_json(grade(log, RULES))["results"]
    assert [member_json(grade_member(late, RULES, m)) for m in log.header.students] == fresh


def test_the_kept_replay_follows_the_log_and_notices_another_database(worked, browse, cast):
    assert live.log_of_sandbox(the_sandbox()).last_id == the_sandbox().last_step
    browse(cast.ben).post("/leads/new", {"name": "New", "company": "Hopper"})
    assert live.log_of_sandbox(the_sandbox()).steps[-1].verb == "create"
    kept = live._kept[the_sandbox().id]
    kept.hash = "of another database"
    assert live.log_of_sandbox(the_sandbox()).last_id == the_sandbox().last_step
    assert kept.hash != "of another database"


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def command(app, monkeypatch: pytest.MonkeyPatch):
    """`labapp grade NAME …` over the test's database."""
    from contextlib import contextmanager

    from labapp.cli.grade import grade_command

    @contextmanager
    def here():
        from labapp.cli.shell import plain_failures

        with plain_failures():
            yield app

    monkeypatch.setattr(grade_sandbox, "application", here)
    return lambda *arguments: CliRunner().invoke(grade_command, list(arguments))


def test_the_database_road_equals_the_file_road(worked, command, tmp_path, cast):
    (tmp_path / "rubric.yaml").write_text(RUBRIC, encoding="utf-8")
    export(the_sandbox(), tmp_path / "log.jsonl")
    for cutoff in (None, "+0d 09:30"):
        by_file = as_json(graded_file(str(tmp_path / "log.jsonl"), str(tmp_path / "rubric.yaml"), cutoff))
        done = command("autumn-a", *(["--cutoff", cutoff] if cutoff else []))
        assert (done.exit_code, done.stderr) == (0, "")
        assert json.loads(done.stdout) == by_file


def test_the_second_run_prints_the_stored_result_and_says_so(worked, command):
    first, again = command("autumn-a"), command("autumn-a")
    assert first.stdout == again.stdout
    assert "autumn-a" in again.stderr
    assert first.stderr == ""


def test_csv_and_xlsx_hold_one_row_a_member(worked, command, tmp_path):
    rows = list(csv.reader(command("autumn-a", "--format", "csv").stdout.splitlines()))
    assert rows[0] == ["member", "number", "name", "make", "essay", "points", "max", "passed"]
    assert rows[2] == ["s002", "1s002", "Ben", "10", "", "10", "10", ""]
    done = command("autumn-a", "--format", "xlsx", "--out", str(tmp_path / "grades.xlsx"))
    assert done.exit_code == 0
    assert (tmp_path / "grades.xlsx").read_bytes().startswith(b"PK")


def test_unknown_names_and_courses_of_several_sandboxes(worked, command):
    missing: Result = command("nowhere")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "nowhere" in missing.stderr
    begin_write()
    old = the_sandbox()
    db.session.scalars(select(Course)).one().name = "autumn"
    times = {"starts_at": START, "clock_base": START, "last_lab_at": START, "state": "open"}
    db.session.add(Sandbox(course_id=old.course_id, name="autumn-b", scenario="none", **times))
    db.session.commit()
    several = command("autumn", "--format", "csv")
    assert several.exit_code == 2
    assert "autumn-a" in several.stderr
    assert "autumn-b" in several.stderr
    whole = json.loads(command("autumn").stdout)
    assert {row["sandbox"] for row in whole["results"]} == {"autumn-a"}


def test_a_course_without_rubric_is_a_sentence(app, cast, command):
    done = command("autumn-a")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "autumn-a" in done.stderr
