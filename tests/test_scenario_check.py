"""`labapp scenario check`, its schemas, and texts that are changed at one place."""

import json

import pytest
from click.testing import CliRunner

from labapp.cli.scenario_check import check
from labapp.scenario.files import kept_files
from labapp.scenario.library import installed
from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario
from labapp.scenario.schemas import FOLDER, schemas, text_of
from labapp.scenario.splice import changed
from labapp.scenario.zipped import zipped
from tests.small import EXAM, TINY

FILES = ("scenario", "records", "timeline", "rubric", "walkthrough", "exam")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "tiny"
    place.mkdir()
    for name, text in TINY.items():
        (place / name).write_text(text, "utf-8")
    return place


def checked(*paths, locale="C"):
    return CliRunner().invoke(check, [str(path) for path in paths], env={"LC_ALL": locale})


def test_a_right_folder_and_its_zip_exit_0(folder, tmp_path):
    (tmp_path / "any name.zip").write_bytes(zipped("tiny", TINY))
    result = checked(folder, tmp_path / "any name.zip")
    assert (result.exit_code, result.stderr, result.stdout) == (0, "", "tiny: Tiny\ntiny: Tiny\n")
    assert checked(folder, locale="zh_CN.UTF-8").stdout == "tiny: 小场景\n"


def test_the_mistakes_of_several_folders_are_named_with_their_folder(folder, tmp_path):
    (folder / "brief.en.md").unlink()
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    result = checked(folder, tmp_path / "bad.zip")
    assert result.exit_code == 1
    assert not result.stdout
    assert result.stderr.splitlines() == [
        f"{folder}/brief.en.md:1: this file is missing",
        f"{tmp_path}/bad.zip/bad.zip:1: this is no zip, or it is broken",
    ]


def test_mistakes_are_said_in_the_language_of_the_terminal(folder):
    (folder / "brief.en.md").unlink()
    assert checked(folder, locale="zh_CN.UTF-8").stderr == "brief.en.md:1: 缺少此文件\n"


def test_wrong_usage_exits_2(folder, tmp_path):
    assert checked().exit_code == 2
    assert checked(tmp_path / "nothing").exit_code == 2
    assert checked(folder / "rubric.yaml").exit_code == 2


def test_a_file_that_nobody_reads_is_named(folder):
    (folder / "timeline.yml").write_text("events: []")
    assert checked(folder).stderr.startswith(
        "timeline.yml:1: no scenario has such a file; possible: scenario.yaml"
    )


def test_a_bomb_of_aliases_is_refused_before_it_goes_off():
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "a0: &a0 [boom]\n" + "\n".join(levels) + "\n"
    with pytest.raises(BadScenario) as bad:
        read_scenario(kept_files("tiny", {**TINY, "records.yaml": bomb}))
    assert any("anchors and aliases are not allowed" in problem.message for problem in bad.value.problems)


def test_a_circle_of_tasks_is_named():
    task = TINY["rubric.yaml"].replace("    points: 10\n", "    points: 10\n    after: qualify\n")
    with pytest.raises(BadScenario) as bad:
        read_scenario(kept_files("tiny", {**TINY, "rubric.yaml": task}))
    assert "rubric.yaml:8: 'after' goes in a circle: qualify → qualify" in [
        str(p) for p in bad.value.problems
    ]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (
            "holds: {kind: lead, made_by: me, where: {status: qualifed}}",
            "status: 'qualifed' is none of new, contacted",
        ),
        (
            "holds: {kind: lead, made_by: me, where: {source: {in: [web, wep]}}}",
            "source: 'wep' is none of web, ",
        ),
        (
            "holds: {kind: lead, made_by: me, where: {rating: {not: hott}}}",
            "rating: 'hott' is none of hot, warm, cold",
        ),
        (
            "did: {what: opportunity.advance, where: {stage: contrakt}}",
            "stage: 'contrakt' is none of contact, ",
        ),
        ("did: {what: opportunity.lose, where: {lost_reason: {filled: true}}}", None),
        ("holds: {kind: lead, made_by: me, where: {name: {matches: qualifed}, source: null}}", None),
    ],
)
def test_a_rubric_asks_codes_for_values_that_exist(check, expected):
    rubric = TINY["rubric.yaml"].replace("did: {what: lead.qualify}", check)
    files = kept_files("tiny", {**TINY, "rubric.yaml": rubric})
    if expected is None:
        assert read_scenario(files).key == "tiny"
        return
    with pytest.raises(BadScenario) as bad:
        read_scenario(files)
    assert [str(p).startswith(f"rubric.yaml:9: {expected}") for p in bad.value.problems] == [True]


# -- schemas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_the_schema_is_current(name):
    """If not: python -m labapp.scenario.schemas."""
    assert (FOLDER / f"{name}.json").read_text("utf-8") == text_of(schemas()[name])


def test_the_schema_of_the_rubric_knows_every_check_with_its_settings():
    found = json.loads((FOLDER / "rubric.json").read_text("utf-8"))["$defs"]["Check"]["properties"]
    assert {"what", "times", "where", "distinct", "credit"} <= set(found["did"]["properties"])
    assert found["did"]["required"] == ["what"]
    assert found["answered"]["required"] == ["paper"]


@pytest.mark.parametrize("key", sorted(installed()))
def test_every_file_of_a_shipped_scenario_names_its_schema_to_the_editor(key):
    texts = read_scenario(installed()[key]).texts
    for name in FILES:
        if f"{name}.yaml" in texts:
            line = texts[f"{name}.yaml"].splitlines()[0]
            assert line == f"# yaml-language-server: $schema=../../labapp/scenario/schemas/{name}.json", name


# -- one value of a text ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("title", "en"), 'A "new" one', "en: Tiny,", 'en: "A \\"new\\" one",'),
        (("volumes", "lead"), 7, "{lead: 2}  # two", "{lead: 7}  # two"),
        (("volumes", "note"), 3, "{lead: 2}", "{note: 3, lead: 2}"),
        (("history", "days"), 30, "# Written by hand.\n", "# Written by hand.\nhistory: {days: 30}\n"),
        (("starts_at",), "2026-10-08T08:30:00", '"2026-09-07T09:00:00"', '"2026-10-08T08:30:00"'),
        (("starts_at",), None, 'starts_at: "2026-09-07T09:00:00"\n', ""),
        (("volumes", "lead"), None, "{lead: 2}", "{}"),
    ],
)
def test_one_value_moves_and_every_other_byte_stays(path, value, old, new):
    text = TINY["scenario.yaml"]
    assert old in text
    assert changed(text, path, value) == text.replace(old, new, 1)


def test_a_changed_text_is_still_read(folder):
    for path, value in (
        (("title", "zh"), "“新”的"),
        (("history", "days"), 9),
        (("summary",), {"en": "A", "zh": "乙"}),
    ):
        name = folder / "scenario.yaml"
        name.write_text(changed(name.read_text("utf-8"), path, value), "utf-8")
    said = read_scenario(folder).said
    assert (said.title.zh, said.history.days, said.summary.zh) == ("“新”的", 9, "乙")


def test_what_is_no_mapping_is_not_changed_below():
    with pytest.raises(KeyError):
        changed(TINY["scenario.yaml"], ("key", "en"), "x")


def test_an_exam_is_kept_in_a_zip(tmp_path):
    (tmp_path / "t.zip").write_bytes(zipped("tiny", {**TINY, "exam.yaml": EXAM}))
    assert checked(tmp_path / "t.zip").exit_code == 0
