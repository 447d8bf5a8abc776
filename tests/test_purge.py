"""Purging takes everything of one sandbox out, nothing of another, and not before an archive is there."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from labapp import jobs
from labapp.db import db
from labapp.lifecycle import states
from labapp.lifecycle.asking import PURGE, Asker, ask
from labapp.lifecycle.making import fault, make, path_of
from labapp.lifecycle.models import Archive
from labapp.lifecycle.unarchive import Wish, restore
from labapp.lifecycle.verify import verify
from labapp.modules.attachments.storage import folder_of
from labapp.oplog.append import Act, append_act
from labapp.oplog.models import AdminEntry
from labapp.oplog.read import acts
from labapp.oplog.verify import check_admin_log
from labapp.people.models import Course, Sandbox
from labapp.records.work import writing
from tests import world
from tests.semester import Walk, counts, finish, lively, log_of

BY = Asker(name="ines@school.test", address="10.0.0.1")
FEWEST = 150
# What stays: the course whose rubrics are never taken out, and what tells that it was purged.
STAYS = {"archive", "admin_entry", "job", "course", "rubric_version", "account"}


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATA", tmp_path)


@pytest.fixture
def sandbox_id(cast: Any, make: Callable[..., Any]) -> int:
    return lively(cast, make)


def purge(sandbox_id: int, **more: Any) -> int:
    db.session.rollback()
    sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
    said = {"name": sandbox.name, "sandbox_id": sandbox.id, "course_id": sandbox.course_id}
    return ask(PURGE, sandbox, {**said, "without_archive": False, **more}, BY).id


def done(job_id: int) -> jobs.Job:
    finish()
    return db.session.get_one(jobs.Job, job_id, populate_existing=True)


def test_everything_goes_and_an_archive_of_it_stays(sandbox_id: int, tmp_path: Path) -> None:
    log, accounts = log_of(sandbox_id), counts()["account"]
    assert done(purge(sandbox_id)).state == jobs.DONE
    left = counts()
    assert {name for name, count in left.items() if count} - {"alembic_version"} <= STAYS
    assert left["account"] == accounts
    assert not folder_of(sandbox_id).exists()
    row = db.session.scalars(select(Archive)).one()
    assert (row.sandbox_id, row.sandbox, fault(row)) == (None, "autumn-a", "")
    back = restore(path_of(row), Wish()).id
    assert log_of(back) == log, "nothing was lost"


def test_another_sandbox_beside_it_is_as_it_was(sandbox_id: int) -> None:
    other = world.build("autumn-b")["Ben"].sandbox_id
    before = log_of(other)
    done(purge(sandbox_id))
    assert log_of(other) == before
    assert verify(db.session.get_one(Sandbox, other)) is None


def test_log_of_what_is_not_purged_is_append_only_still(sandbox_id: int) -> None:
    other = world.build("autumn-b")["Ben"].sandbox_id
    done(purge(sandbox_id))
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM operation WHERE sandbox_id = :id"), {"id": other})


def test_it_stands_in_the_administration_log(sandbox_id: int) -> None:
    done(purge(sandbox_id))
    entry = db.session.scalars(select(AdminEntry).where(AdminEntry.action == "sandbox.purge")).one()
    row = db.session.scalars(select(Archive)).one()
    assert (entry.account, entry.subject, entry.address) == ("ines@school.test", "autumn-a", "10.0.0.1")
    assert entry.details["sha256"] == row.sha256
    assert check_admin_log() is None


def test_a_whole_archive_that_is_there_is_enough(sandbox_id: int) -> None:
    make(sandbox_id, "before.zip", Act("x"))
    done(purge(sandbox_id))
    assert [row.file for row in db.session.scalars(select(Archive))] == ["before.zip"]


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9])])
def test_an_archive_that_is_not_whole_is_not_enough(sandbox_id: int, spoil: Callable[[Path], object]) -> None:
    make(sandbox_id, "before.zip", Act("x"))
    spoil(path_of(db.session.scalars(select(Archive)).one()))
    done(purge(sandbox_id))
    rows = list(db.session.scalars(select(Archive).order_by(Archive.id)))
    assert len(rows) == 2
    assert fault(rows[0])
    assert fault(rows[1]) == ""


def test_nothing_is_purged_where_no_archive_can_be_made(sandbox_id: int, tmp_path: Path) -> None:
    (tmp_path / "archives").write_text("in the way", "utf-8")
    job = done(purge(sandbox_id))
    assert job.state == jobs.FAILED
    assert "Nothing was purged" in job.sentence or job.sentence
    sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
    assert (sandbox.state, verify(sandbox)) == ("frozen", None)


def test_without_an_archive_only_if_that_is_said(sandbox_id: int) -> None:
    done(purge(sandbox_id, without_archive=True))
    assert db.session.get(Sandbox, sandbox_id) is None
    assert db.session.scalars(select(Archive)).all() == []
    entry = db.session.scalars(select(AdminEntry).where(AdminEntry.action == "sandbox.purge")).one()
    assert entry.details["archive"] is None


def test_the_name_is_free_again(sandbox_id: int) -> None:
    done(purge(sandbox_id))
    assert not states.name_taken("autumn-a")


def test_killed_at_any_statement_purging_comes_to_its_end(sandbox_id: int, capsys: Any) -> None:
    log, walked, standing = log_of(sandbox_id), 0, [sandbox_id]
    for number, lived, job_id in Walk(lambda: purge(standing[-1]), 41).lives():
        walked, current = number, standing[-1]
        db.session.rollback()
        row = db.session.get(Sandbox, current, populate_existing=True)
        if row is not None and row.state != "purging":
            assert (log_of(current), verify(row)) == (log, None), "all of it, until it is unseen"
        assert done(job_id).state == jobs.DONE
        assert {name for name, count in counts().items() if count} <= STAYS | {"scenario_text"}
        newest = db.session.scalars(select(Archive).order_by(Archive.id.desc())).first()
        assert newest is not None
        assert fault(newest) == ""
        if not lived:
            standing.append(restore(path_of(newest), Wish()).id)
            db.session.rollback()
    with capsys.disabled():
        print(f"\npurging: killed up to statement {walked}")
    assert walked > FEWEST


def test_a_course_that_takes_the_name_sees_nothing_of_the_purged_one(sandbox_id: int) -> None:
    """Hints and reasons of rubrics stand in the administration log by the course, not by what it was called."""
    old = db.session.get_one(Course, db.session.get_one(Sandbox, sandbox_id).course_id)
    with writing():
        append_act(Act("wall.hint", "ines@school.test", old.name, "s002", {"words": "Old hint"}))
    assert [entry.action for entry in acts(course=old)] == ["wall.hint"]
    number = old.id
    done(purge(sandbox_id))
    with writing():
        db.session.add(Course(name="autumn-a", title="Anew", scenario="none", join_code="ANEW"))
    new = db.session.scalars(select(Course).where(Course.name == "autumn-a")).one()
    with writing():
        append_act(Act("wall.hint", "ines@school.test", new.name, "s002", {"words": "New hint"}))
    assert [entry.details["words"] for entry in acts(course=new)] == ["New hint"]
    old = db.session.get_one(Course, number)
    assert "Old hint" in [entry.details.get("words") for entry in acts(course=old)]
    assert check_admin_log() is None


def test_entries_of_older_versions_are_of_the_course_that_was_there_then(sandbox_id: int) -> None:
    course = db.session.get_one(Course, db.session.get_one(Sandbox, sandbox_id).course_id)
    moments = (course.created_at - timedelta(days=1), course.created_at + timedelta(seconds=1))
    with writing():
        for number, at in enumerate(moments, start=900):
            db.session.add(AdminEntry(id=number, at=at, course=course.name, action="wall.hint", hash="x"))
    assert [entry.id for entry in acts(course=course)] == [901]
    course.origin = "restored"
    assert acts(course=course) == [], "a restored course may say of itself any age"
