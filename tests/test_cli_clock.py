"""`labapp sandbox advance` and `clock`: exit 0 done, 1 failed with a sentence, 2 wrong usage (design.md)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labapp.app import create_app
from labapp.cli import labapp
from labapp.db import begin_write, db
from labapp.db.migrate import create_all
from labapp.people.models import Sandbox
from tests import world


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installation with the cast in it, in the folder that the commands use, in a terminal that speaks English."""
    for name in ("LABAPP_DATABASE_URL", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path / "data"))
    app = create_app(extensions=())
    with app.app_context():
        create_all()
        world.build()
        begin_write()
        sandbox = db.session.scalars(db.select(Sandbox)).one()
        sandbox.clock_mode, sandbox.clock_pace = "stepped", 0
        sandbox.clock_base = world.START + timedelta(minutes=1)  # building the world took a second or two
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


def call(*arguments: str) -> Result:
    return CliRunner().invoke(labapp, list(arguments), prog_name="labapp")


def another(app: Any, name: str) -> None:
    """A second sandbox in the same course."""
    with app.app_context():
        begin_write()
        first = db.session.scalars(db.select(Sandbox)).first()
        times = {"starts_at": world.START, "clock_base": world.START, "last_lab_at": world.START}
        db.session.add(Sandbox(course_id=first.course_id, name=name, scenario="none", state="open", **times))
        db.session.commit()
        db.session.remove()


def test_the_clock_goes_on_and_says_what_happened(site):
    done = call("sandbox", "advance", "autumn-a", "3d")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.strip() == "autumn-a: it is 2026-09-10 09:01. 3 days passed; nothing fell due."
    again = call("sandbox", "advance", "autumn-a", "2h30m")
    assert "it is 2026-09-10 11:31. 2 hours 30 minutes passed" in again.stdout
    assert "2026-09-10 11:31" in call("sandbox", "list").stdout
    assert call("log", "verify", "autumn-a").stderr == ""


@pytest.mark.parametrize("length", ["-1d", "0d", "soon", "99999d"])
def test_a_step_back_or_nowhere_fails_with_a_sentence(site, length):
    done = call("sandbox", "advance", "autumn-a", length)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.strip().endswith(".")
    assert "2026-09-07 09:01" in call("sandbox", "list").stdout


@pytest.mark.parametrize("arguments", [("autumn-a",), (), ("nowhere", "1d", "2d")])
def test_what_is_missing_or_too_much_is_wrong_usage(site, arguments):
    assert call("sandbox", "advance", *arguments).exit_code == 2


def test_a_sandbox_that_is_not_there_fails(site):
    assert call("sandbox", "advance", "nowhere", "1d").exit_code == 1


def test_a_course_of_several_sandboxes_is_listed_and_moved_as_a_whole_when_asked(site):
    with site.app_context():
        begin_write()
        db.session.scalars(db.select(Sandbox)).one().name = "autumn-a/s001"
        db.session.commit()
        db.session.remove()
    another(site, "autumn-a/s002")
    done = call("sandbox", "advance", "autumn-a", "1d")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "autumn-a/s001" in done.stderr
    assert "autumn-a/s002" in done.stderr
    assert call("sandbox", "advance", "autumn-a/s001", "1d").exit_code == 0


def test_a_clock_left_on_its_way_is_taken_there_and_nothing_is_added(site):
    with site.app_context():
        begin_write()
        db.session.scalars(db.select(Sandbox)).one().clock_goal = world.START + timedelta(days=2)
        db.session.commit()
        db.session.remove()
    done = call("sandbox", "advance", "autumn-a", "5d")
    assert done.exit_code == 1
    assert "2026-09-09 09:00" in done.stderr
    assert "2026-09-09 09:00" in call("sandbox", "list").stdout


def test_how_the_clock_runs_is_told_and_changed(site):
    told = call("sandbox", "clock", "autumn-a")
    assert told.stdout.strip() == "It is 2026-09-07 09:01; the clock is stepped at pace 0."
    changed = call("sandbox", "clock", "autumn-a", "--mode", "real", "--pace", "60")
    assert "the clock is real at pace 60" in changed.stdout
    assert call("sandbox", "clock", "autumn-a", "--pace", "9999").exit_code == 2


def test_the_tick_takes_a_clock_on(site):
    with site.app_context():
        begin_write()
        db.session.scalars(db.select(Sandbox)).one().clock_goal = world.START + timedelta(days=2)
        db.session.commit()
        db.session.remove()
    assert call("tick").exit_code == 0
    assert "2026-09-09 09:00" in call("sandbox", "list").stdout
