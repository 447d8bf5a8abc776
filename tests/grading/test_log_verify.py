"""``labapp log verify FILE``: the chain of each member, and the first step that breaks it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import click
import pytest

from labapp.cli.logfile import NoLog, verify_file, verify_log_file
from tests.grading.builder import Lab

Rows = list[dict[str, Any]]


def chained(rows: Rows) -> Rows:
    """The rows with ``prev`` and ``hash``, computed the long way."""
    last: dict[str | None, str] = {}
    for row in rows:
        row["prev"] = last.get(row["member"], "")
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        row["hash"] = last[row["member"]] = hashlib.sha256(text.encode()).hexdigest()
    return rows


@pytest.fixture
def lab() -> Lab:
    """Ada 1, Ben 2, nobody 3, Ada 4, nobody 5, Ada 6."""
    lab = Lab()
    for who in ("ada", "ben", None, "ada", None, "ada"):
        lab.does(who, "lead.edit", 1, label="华信")
    chained(lab.rows)
    return lab


def verified(lab: Lab, folder: Path) -> int | None:
    return verify_file(lab.write(folder / "log.jsonl"))


def test_a_whole_log_is_whole(lab: Lab, tmp_path: Path):
    assert verified(lab, tmp_path) is None


def test_a_changed_step_is_named(lab: Lab, tmp_path: Path):
    lab.rows[3]["label"] = "other"
    assert verified(lab, tmp_path) == 4


def test_a_step_changed_with_its_own_hash_is_found_by_the_next_of_its_member(lab: Lab, tmp_path: Path):
    lab.rows[0]["label"] = "other"
    row = {name: value for name, value in lab.rows[0].items() if name != "hash"}
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    lab.rows[0]["hash"] = hashlib.sha256(text.encode()).hexdigest()
    assert verified(lab, tmp_path) == 4


def test_a_removed_step_is_found_by_the_next_of_its_member(lab: Lab, tmp_path: Path):
    del lab.rows[3]
    assert verified(lab, tmp_path) == 6


def test_the_first_step_of_a_member_removed(lab: Lab, tmp_path: Path):
    del lab.rows[2]
    assert verified(lab, tmp_path) == 5


def test_swapped_steps_of_a_member_are_named(lab: Lab, tmp_path: Path):
    lab.rows[3], lab.rows[5] = lab.rows[5], lab.rows[3]
    assert verified(lab, tmp_path) == 6


def test_a_missing_hash_is_named(lab: Lab, tmp_path: Path):
    del lab.rows[1]["hash"]
    assert verified(lab, tmp_path) == 2


def test_a_missing_tail_shows_only_against_the_database(lab: Lab, tmp_path: Path):
    del lab.rows[5]
    assert verified(lab, tmp_path) is None


def test_the_command_names_the_step_and_ends_with_1(lab: Lab, tmp_path: Path):
    lab.rows[3]["label"] = "other"
    with pytest.raises(click.ClickException, match="step 4") as failed:
        verify_log_file(lab.write(tmp_path / "log.jsonl"))
    assert failed.value.exit_code == 1


def test_the_command_says_nothing_about_a_whole_log(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    verify_log_file(lab.write(tmp_path / "log.jsonl"))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("content", ["", "{}", "[]\n", '{"log": 1}\nno', '{"log": 1}\n{"member": "ada"}'])
def test_a_file_that_is_no_log_is_a_sentence(tmp_path: Path, content: str):
    path = tmp_path / "log.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NoLog):
        verify_file(path)
    with pytest.raises(click.ClickException, match=r"line [12]"):
        verify_log_file(path)
