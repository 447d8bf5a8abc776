"""``labapp grade --log``: two files in, a result out, no database."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from labapp.cli import grade as command
from tests.grading.builder import Lab, rubric_text, task
from tests.grading.test_rubric import TEN_MISTAKES, WORDS

RUBRIC = rubric_text(
    task("leads", "did: {what: lead.create, times: 2}"), task("essay", "by_hand: {}"), rest="pass: 60"
)


@pytest.fixture(autouse=True)
def _small_vocabulary(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "machine_vocabulary", lambda: WORDS)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    lab = Lab()
    lab.creates("ada", "lead", 1)
    lab.at("09-08 10:00").creates("ada", "lead", 2)
    (tmp_path / "rubric.yaml").write_text(RUBRIC, encoding="utf-8")
    return ["--log", str(lab.write(tmp_path / "log.jsonl")), "--rubric", str(tmp_path / "rubric.yaml")]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.grade_command, list(arguments))


def test_json_on_standard_output(files: list[str]):
    result = run(*files)
    found = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [member["points"] for member in found["results"]] == [10, 0]


def test_the_same_again_is_the_same_text(files: list[str]):
    assert run(*files).stdout == run(*files).stdout


def test_a_cutoff_as_time_or_after_the_start(files: list[str]):
    for cutoff in ("2026-09-08T09:00:00", "+1d 09:00"):
        found = json.loads(run(*files, "--cutoff", cutoff).stdout)
        assert (found["cutoff"], found["results"][0]["points"]) == ("2026-09-08T09:00:00", 5)


def test_a_cutoff_without_clock_time_is_wrong_usage(files: list[str]):
    result = run(*files, "--cutoff", "2026-09-08")
    assert (result.exit_code, result.stdout) == (2, "")


def test_csv_has_a_row_a_member(files: list[str]):
    rows = list(csv.reader(io.StringIO(run(*files, "--format", "csv").stdout)))
    assert rows == [
        ["member", "number", "name", "leads", "essay", "points", "max", "passed"],
        ["ada", "20260001", "Ada", "10", "", "10", "10", ""],
        ["ben", "20260002", "Ben", "0", "", "0", "10", ""],
    ]


def test_a_name_that_is_a_formula_is_text_in_csv_and_xlsx(tmp_path: Path, files: list[str]):
    members = [{"member": "ada", "number": "007", "name": "=1+1", "role": "student"}]
    log = Lab(members=members).write(tmp_path / "log.jsonl")
    text = run(*files, "--log", str(log), "--format", "csv").stdout
    assert "'=1+1" in text
    out = tmp_path / "grades.xlsx"
    assert run(*files, "--log", str(log), "--format", "xlsx", "--out", str(out)).exit_code == 0
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_index(0).to_python()
    assert rows[1][:4] == ["ada", "007", "=1+1", 0]


def test_out_takes_the_result_instead_of_standard_output(tmp_path: Path, files: list[str]):
    out = tmp_path / "grades.csv"
    result = run(*files, "--format", "csv", "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_text(encoding="utf-8-sig").startswith("member,number,name,leads")


def test_an_out_that_cannot_be_written_is_a_sentence(files: list[str]):
    result = run(*files, "--out", "/nowhere/grades.json")
    assert (result.exit_code, "/nowhere/grades.json" in result.stderr) == (1, True)


def test_a_rubric_with_ten_mistakes_names_them_all_and_prints_nothing(tmp_path: Path, files: list[str]):
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(TEN_MISTAKES, encoding="utf-8")
    result = run(*files)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 11
    assert all(line.startswith(f"{rubric}:") for line in result.stderr.splitlines())


def test_what_could_not_be_told_is_listed_and_no_failure(tmp_path: Path, files: list[str]):
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(rubric_text(task("exam", "answered: {paper: p}")), encoding="utf-8")
    lab = Lab()
    lab.does("ben", "attempt.submit", 1, answers={"paper": "p", "points": 1, "max": 0})
    log = lab.write(tmp_path / "log.jsonl")
    result = run("--log", str(log), "--rubric", str(rubric))
    assert result.exit_code == 0
    assert result.stderr.startswith("could not tell: ben: exam: answered (line ")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "{",
        "[]",
        '{"log": 2}',
        '{"log": 1} {}',
        '{"log": 1}',
        '{"log": 1, "starts_at": "2026-09-07T09:00:00", "members": []}\n{"id": 1}',
    ],
)
def test_a_file_that_is_no_log_is_a_sentence(tmp_path: Path, files: list[str], content: str):
    bad = tmp_path / "bad.jsonl"
    bad.write_text(content, encoding="utf-8")
    result = run(*files, "--log", str(bad))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {bad}: ")


def test_files_that_are_not_there_are_a_sentence(files: list[str]):
    assert run(*files, "--log", "no.jsonl").exit_code == 1
    assert run(*files, "--rubric", "no.yaml").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--log", "a"],
        ["--rubric", "a"],
        ["autumn-a", "--log", "a", "--rubric", "b"],
        ["autumn-a", "--format", "xlsx"],
    ],
)
def test_half_a_question_is_wrong_usage(arguments: list[str]):
    assert run(*arguments).exit_code == 2
