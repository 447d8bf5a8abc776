"""An opening is killed before one statement or another: half of it is never seen, and whoever starts next finishes it.

A course of two students, each with a sandbox of the small firm.
"""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from labapp import jobs
from labapp.db import begin_write, db
from labapp.lifecycle.verify import verify
from labapp.oplog.export import export
from labapp.people.directory import sandboxes_of
from labapp.people.enrol import entrances
from labapp.people.models import Course, Sandbox
from labapp.scenario import task
from tests.listening import heard, work_and_die_at
from tests.smallfirm import small_firm

UNLIKE = ("at", "request", "prev", "hash")
POINTS, LAST = 7, 4  # kills spread over the whole, and before the very last statements


@pytest.fixture(autouse=True)
def firm(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small firm is among the scenarios of this machine."""
    (tmp_path / "scenarios").mkdir()
    small_firm(tmp_path / "scenarios")
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path))


def asked(cast: Any, name: str, **more: Any) -> int:
    """A job that opens a course of two; its id."""
    begin_write()
    args = {
        **task.as_asked(name=name, title="CRM", seed=7, students=2, mode="individual", **more),
        "locale": "en",
    }
    args["scenario"] = "small-firm"
    job_id = jobs.ask(task.KIND, args, account_id=cast.ines.account_id).id
    db.session.commit()
    return job_id


def course(name: str) -> Course | None:
    return db.session.scalars(select(Course).where(Course.name == name)).one_or_none()


def seen(cast: Any, name: str) -> list[str]:
    """The sandboxes of that course which anybody sees, and which Ines may enter."""
    db.session.remove()
    found = course(name)
    if found is None:
        return []
    mine = [one.sandbox for one in entrances(cast.ines.account_id) if one.course_id == found.id]
    assert sorted(mine) == sorted(box.name for box in sandboxes_of(found.id))
    return sorted(mine)


def logs(name: str, tmp_path: Any) -> list[list[dict[str, Any]]]:
    found = course(name)
    assert found is not None
    kept = []
    for box in sandboxes_of(found.id):
        assert verify(box) is None
        export(box, tmp_path / "log.jsonl")
        steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text("utf-8").splitlines()[1:]]
        kept.append([{name: value for name, value in step.items() if name not in UNLIKE} for step in steps])
    return kept


def test_a_killed_opening_is_never_half_seen_and_is_finished(app, cast, tmp_path):
    asked(cast, "whole")
    with heard() as statements:
        jobs.work_off()
    total, expected = len(statements), logs("whole", tmp_path)
    points = [*range(5, total, total // POINTS), *range(total - LAST, total)]
    for number in points:
        name = f"killed-{number}"
        job_id = asked(cast, name)
        lived = work_and_die_at(number)
        both = [f"{name}/s001", f"{name}/s002"]
        assert seen(cast, name) in ([], both)
        db.session.remove()
        jobs.requeue()
        jobs.work_off()
        db.session.remove()
        assert db.session.get_one(jobs.Job, job_id).state == "done"
        assert seen(cast, name) == both
        assert logs(name, tmp_path) == expected, (number, lived)


def test_a_name_is_free_again_when_an_opening_was_given_up(app, cast):
    job_id = asked(cast, "autumn")
    for _try in range(jobs.TRIES):
        assert not work_and_die_at(60)
        db.session.remove()
        jobs.requeue()
    assert db.session.get_one(jobs.Job, job_id).state == "failed"
    assert not task.is_taken("autumn")
    begin_write()
    task.free_name("autumn")
    db.session.commit()
    asked(cast, "autumn")
    jobs.work_off()
    assert seen(cast, "autumn") == ["autumn/s001", "autumn/s002"]
    aside = select(func.count(Sandbox.id)).where(Sandbox.state == "purging")
    assert db.session.scalar(aside) >= 1
    assert any("taken out" in line for line in jobs.tick())
    assert db.session.scalar(aside) == 0
    assert seen(cast, "autumn") == ["autumn/s001", "autumn/s002"]


def test_a_name_that_is_being_opened_is_taken(app, cast):
    asked(cast, "autumn")
    assert not work_and_die_at(60)
    db.session.remove()
    assert task.is_taken("autumn")


@pytest.mark.parametrize("number", [40, 10_000])
def test_more_sandboxes_are_as_many_as_asked_for_whenever_it_is_killed(app, cast, number):
    asked(cast, "autumn")
    jobs.work_off()
    begin_write()
    found = course("autumn")
    assert found is not None
    args = {"course_id": found.id, "count": 1, "title": "CRM", "locale": "en"}
    job_id = jobs.ask(task.FURTHER, args, account_id=cast.ines.account_id).id
    db.session.commit()
    lived = work_and_die_at(number)
    assert lived == (number == 10_000)
    assert seen(cast, "autumn")[:2] == ["autumn/s001", "autumn/s002"]
    jobs.requeue()
    jobs.work_off()
    db.session.remove()
    assert db.session.get_one(jobs.Job, job_id).state == "done"
    assert seen(cast, "autumn") == ["autumn/s001", "autumn/s002", "autumn/s003"]
