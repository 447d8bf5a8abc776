"""The ledger: rows are only added; what is shown is their fold, in their order; a run never touches a person's word."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from labapp.db import begin_write, db
from labapp.gradebook.book import book_of
from labapp.gradebook.disputes import disputes_in, first_reader, open_one
from labapp.gradebook.ledger import Fold, add, entries_of, fold, folds, marks_of
from labapp.gradebook.models import (
    COMMENT,
    DECISION,
    DISPUTE,
    EXEMPTION,
    EXTENSION,
    HOLD,
    KINDS,
    MARK,
    OVERRIDE,
    RELEASE,
    WITHDRAWN,
    GradeRun,
    LedgerEntry,
)
from labapp.gradebook.runs import run
from labapp.oplog.append import Act
from tests.grading_class import count, the_sandbox, worked  # noqa: F401 (a fixture)
from tests.tables import everything, moved
from tests.world import START


def entry(number: int, kind: str, member: int | None = 1, **values: Any) -> LedgerEntry:
    known = {"task": "", "reason": "", "account": "Ines", "at": START + timedelta(minutes=number), **values}
    return LedgerEntry(id=number, kind=kind, membership_id=member, **known)


@st.composite
def ledgers(draw) -> list[LedgerEntry]:
    """Rows of two members and of everybody, over two tasks."""
    rows = []
    for number in range(1, draw(st.integers(0, 14)) + 1):
        kind = draw(st.sampled_from(KINDS))
        points = Decimal(draw(st.integers(0, 10))) if kind in (OVERRIDE, MARK, DECISION) else None
        about = draw(st.integers(1, number)) if kind == WITHDRAWN and draw(st.booleans()) else None
        rows.append(
            entry(
                number,
                kind,
                draw(st.sampled_from([1, 2, None])),
                task=draw(st.sampled_from(["", "a", "b"])),
                points=points,
                until=START if kind in (EXTENSION, RELEASE) else None,
                about_id=about,
            )
        )
    return rows


# -- the fold --------------------------------------------------------------------------------------


@given(rows=ledgers(), cut=st.integers(0, 14))
def test_folding_in_two_parts_is_folding_at_once(rows, cut):
    for member in (1, 2):
        assert fold(rows[cut:], member, fold(rows[:cut], member)) == fold(rows, member)


@given(rows=ledgers())
def test_words_about_others_change_nothing(rows):
    assert fold(rows, 1) == fold([row for row in rows if row.membership_id != 2], 1)


@given(rows=ledgers())
def test_all_members_folded_at_once_are_each_folded_alone(rows):
    of = folds(rows)
    assert [of(member) for member in (1, 2, 3)] == [fold(rows, member) for member in (1, 2, 3)]


@given(rows=ledgers())
def test_the_last_word_on_a_task_wins(rows):
    found = fold(rows, 1)
    for task in ("a", "b"):
        decided = [OVERRIDE, EXEMPTION, DECISION, WITHDRAWN]
        own = [
            row
            for row in rows
            if row.membership_id in (1, None) and row.task == task and row.kind in decided
            if row.about_id is None and not (row.kind == DECISION and row.points is None)
        ]
        overrides = [row for row in own if row.kind in (OVERRIDE, DECISION)]
        if not own or own[-1].kind == WITHDRAWN:
            assert task not in found.overrides
            assert task not in found.exempt
        elif own[-1].kind == EXEMPTION:
            assert task in found.exempt
        else:
            assert found.overrides[task].points == overrides[-1].points
            assert task not in found.exempt


def test_comments_add_up_and_one_can_be_withdrawn():
    rows = [
        entry(1, COMMENT, task="a"),
        entry(2, COMMENT, task="a"),
        entry(3, OVERRIDE, task="a", points=Decimal(2)),
    ]
    assert [said.id for said in fold(rows, 1).comments["a"]] == [1, 2]
    later = fold([*rows, entry(4, WITHDRAWN, task="a", about_id=1)], 1)
    assert [said.id for said in later.comments["a"]] == [2]
    assert later.overrides["a"].points == 2, "the override stands"


def test_a_release_may_say_until_when_and_a_hold_ends_both():
    rows = [entry(1, RELEASE, None, until=START)]
    assert (fold(rows, 1).released, fold(rows, 1).disputes_until) == (rows[0].at, START)
    assert fold([*rows, entry(2, HOLD, None)], 1) == Fold()


# -- disputes --------------------------------------------------------------------------------------


def test_a_dispute_is_open_until_it_is_decided_or_taken_back():
    rows = [
        entry(1, DISPUTE, task="a", check=0, details={"steps": [3]}),
        entry(2, DISPUTE, task="a", check=1),
    ]
    assert open_one(rows, "a", 0).steps == [3]
    rows += [
        entry(3, DECISION, task="a", check=0, about_id=1, points=Decimal(4)),
        entry(4, WITHDRAWN, about_id=2),
    ]
    assert [one.state for one in disputes_in(rows)] == ["decided", "taken_back"]
    assert open_one(rows, "a", 0) is None
    assert fold(rows, 1).overrides["a"].points == 4


def test_the_first_reader_is_who_gave_the_last_word_before_the_dispute_else_who_released():
    release, mark = entry(1, RELEASE, None, account="Ines"), entry(2, MARK, task="a", check=1, account="Tess")
    other = entry(3, OVERRIDE, task="b", points=Decimal(1), account="Tess")
    dispute = entry(4, DISPUTE, task="a", check=0)
    late = entry(5, OVERRIDE, task="a", points=Decimal(1), account="Tess")
    rows = [release, mark, other, dispute, late]
    assert first_reader(rows, disputes_in(rows)[0]) is release, "the mark is of another check"
    same = [release, mark, entry(4, DISPUTE, task="a", check=1)]
    assert first_reader(same, disputes_in(same)[0]) is mark
    withdrawn = [
        release,
        entry(2, OVERRIDE, task="a", points=Decimal(1)),
        entry(3, WITHDRAWN, task="a"),
        dispute,
    ]
    assert first_reader(withdrawn, disputes_in(withdrawn)[0]) is release


# -- only added ------------------------------------------------------------------------------------


def note(kind: str, person: Any, **values: Any) -> None:
    row = LedgerEntry(
        sandbox_id=the_sandbox().id, membership_id=person.membership_id, kind=kind, account="Ines", **values
    )
    add([row], Act(f"grade.{kind}", "Ines", "autumn-a", person.key, {}, ""))


ANEW = (
    "INTO ledger_entry (id, sandbox_id, kind, task, reason, account, at) "
    "SELECT id, sandbox_id, kind, task, 'other', account, at FROM ledger_entry"
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET points = 10",
        "DELETE FROM ledger_entry",
        pytest.param(f"INSERT OR REPLACE {ANEW}", marks=pytest.mark.sqlite),
        f"INSERT {ANEW} WHERE true ON CONFLICT (id) DO UPDATE SET reason = excluded.reason",
        "UPDATE grade_run SET result = '{}'",
        "DELETE FROM grade_run",
        "UPDATE rubric_version SET content = ''",
        "DELETE FROM rubric_version",
    ],
)
def test_no_statement_changes_a_row(statement, worked, cast):  # noqa: F811
    note(OVERRIDE, cast.ben, task="make", points=Decimal(3), reason="x")
    run(the_sandbox())
    stands = everything()
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))
    assert moved(stands) == []


def test_a_sandbox_that_is_purged_lets_its_rows_go(worked, cast):  # noqa: F811
    note(OVERRIDE, cast.ben, task="make", points=Decimal(3), reason="x")
    begin_write()
    the_sandbox().state = "purging"
    db.session.flush()
    db.session.execute(text("DELETE FROM ledger_entry"))
    db.session.commit()
    assert count(LedgerEntry) == 0


def test_what_a_late_check_refuses_leaves_neither_row_nor_act(worked, cast):  # noqa: F811
    stands = everything()

    def refuse() -> None:
        raise ValueError("too late")

    row = LedgerEntry(sandbox_id=1, kind=COMMENT, account="Ines", task="make", reason="Well done.")
    with pytest.raises(ValueError, match="too late"):
        add([row], Act("grade.comment", "Ines", "autumn-a", "s002", {}, ""), refuse)
    assert moved(stands) == []


# -- runs and words --------------------------------------------------------------------------------


def test_a_run_never_touches_a_persons_word(worked, cast):  # noqa: F811
    note(OVERRIDE, cast.ben, task="make", points=Decimal(3), reason="copied")
    note(EXEMPTION, cast.cy, task="essay", reason="ill")
    note(COMMENT, cast.ben, task="make", reason="See me.")
    note(MARK, cast.ben, task="essay", check=1, points=Decimal(2))
    before, marks = entries_of(1), marks_of(1)
    told = [(row.id, row.kind, row.points, row.reason) for row in before]
    run(the_sandbox())
    assert [(row.id, row.kind, row.points, row.reason) for row in entries_of(1)] == told
    assert marks_of(1) == marks
    ben = book_of(the_sandbox(), {cast.ben.key: cast.ben.membership_id}).lines[0]
    assert (ben.cells[0].points, ben.cells[0].result.points) == (3, 10)


def test_the_same_run_twice_writes_nothing(worked, cast):  # noqa: F811
    run(the_sandbox())
    stands = everything()
    assert run(the_sandbox()).known
    assert moved(stands) == []
    assert count(GradeRun) == 1
