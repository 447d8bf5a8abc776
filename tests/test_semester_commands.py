"""The commands of a sandbox's life: exit 0 done, 1 with a sentence, 2 wrong usage."""

import json
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select

from labapp.db import db
from labapp.people.models import Sandbox
from tests.test_cli import Call, call, folder, site
from tests.world import START

__all__ = ["call", "folder", "site"]  # fixtures


def state(site: Flask, name: str) -> str | None:
    with site.app_context():
        return db.session.scalar(select(Sandbox.state).where(Sandbox.name == name))


def test_archived_restored_verified_and_graded_to_the_same_points(
    site: Flask, call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "a.zip"
    done = call("sandbox", "archive", "autumn-a", file)
    assert (done.exit_code, "steps" in done.stdout) == (0, True), done.output
    back = call("sandbox", "restore", file)
    assert (back.exit_code, "autumn-a~2 is restored" in back.stdout) == (0, True), back.output
    assert call("log", "verify", "autumn-a~2").exit_code == 0
    logs = []
    for name in ("autumn-a", "autumn-a~2"):
        assert call("log", "export", name, tmp_path / "log").exit_code == 0
        header, *steps = (tmp_path / "log").read_text("utf-8").splitlines()
        logs.append((json.loads(header) | {"sandbox": ""}, steps))
    assert logs[0] == logs[1]


def test_what_is_no_archive_is_said(site: Flask, call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK")
    done = call("sandbox", "restore", tmp_path / "bad.zip")
    assert done.exit_code == 1
    assert "Nothing was restored" in done.stderr
    assert call("sandbox", "restore", tmp_path / "none.zip").exit_code == 2
    assert call("sandbox", "archive", "autumn-a", tmp_path / "no" / "folder" / "a.zip").exit_code == 1
    assert call("sandbox", "archive", "nobody", tmp_path / "a.zip").exit_code == 1


def test_of_several_one_is_named_or_a_folder_takes_them_all(site: Flask, call: Call, tmp_path: Path) -> None:
    with site.app_context(), db.engine.begin() as connection:
        second = {
            "course_id": 1,
            "name": "autumn-a/s009",
            "scenario": "none",
            "state": "open",
            "unit": "s009",
        }
        times = {"starts_at": START, "clock_base": START, "last_lab_at": START}
        connection.execute(insert(Sandbox), [{**second, **times}])
        connection.exec_driver_sql("UPDATE sandbox SET name = 'autumn-a/s008' WHERE id = 1")
    done = call("sandbox", "archive", "autumn-a", tmp_path / "a.zip")
    assert done.exit_code == 2
    assert "autumn-a/s008 autumn-a/s009" in done.stderr
    assert call("sandbox", "archive", "autumn-a", tmp_path).exit_code == 0
    assert {file.name for file in tmp_path.glob("*.zip")} == {"autumn-a-s008.zip", "autumn-a-s009.zip"}


def test_frozen_and_open_again(site: Flask, call: Call) -> None:
    assert call("sandbox", "freeze", "autumn-a").stdout == "autumn-a is frozen.\n"
    assert state(site, "autumn-a") == "frozen"
    assert call("sandbox", "freeze", "autumn-a").exit_code == 1
    assert call("sandbox", "freeze", "autumn-a", "--undo").exit_code == 0
    assert state(site, "autumn-a") == "open"


def test_purged_only_by_its_name(site: Flask, call: Call, folder: Path) -> None:
    assert call("sandbox", "purge", "autumn-a").exit_code == 2
    wrong = call("sandbox", "purge", "autumn-a", "--yes", "autumn-b")
    assert (wrong.exit_code, "Nothing was purged" in wrong.stderr) == (1, True)
    assert state(site, "autumn-a") == "open"
    assert call("sandbox", "purge", "autumn-a", "--yes", "autumn-a").exit_code == 0
    assert state(site, "autumn-a") is None
    assert len(list((folder / "archives").glob("autumn-a-*.zip"))) == 1, "an archive of it was made first"


def test_a_taken_name_rolls_nothing_over(site: Flask, call: Call) -> None:
    done = call("sandbox", "rollover", "autumn-a", "--to", "autumn-a")
    assert (done.exit_code, "already" in done.stderr) == (1, True)
    assert state(site, "autumn-a") == "open"
    assert call("sandbox", "rollover", "autumn-a").exit_code == 2


def test_without_its_scenario_nothing_begins_anew(site: Flask, call: Call) -> None:
    done = call("sandbox", "reset", "autumn-a")
    assert (done.exit_code, "scenario of this course" in done.stderr) == (1, True)
    assert len([name for name in ("autumn-a",) if state(site, name)]) == 1
