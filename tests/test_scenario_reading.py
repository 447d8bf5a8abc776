"""A scenario folder is read whole, or every mistake in it is named with file and line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from labapp.cli.scenario_check import check
from labapp.db.fields import Field
from labapp.scenario import messages
from labapp.scenario.library import scenarios
from labapp.scenario.problems import BadScenario, Problems
from labapp.scenario.read import read_scenario
from labapp.scenario.words import MachineWords
from labapp.scenario.yamlfile import read_yaml

LEAD = {
    "name": Field("name", "text", "Name", required=True),
    "company": Field("company", "text", "Company"),
    "status": Field("status", "choice", "Status", codes="lead_status"),
    "mobile": Field("mobile", "mobile", "Mobile"),
    "annual_revenue": Field("annual_revenue", "money", "Revenue"),
    "next_follow_up_at": Field("next_follow_up_at", "moment", "Next"),
    "owner": Field("owner_id", "member", "Owner"),
}
ACTIVITY = {
    "subject": Field("subject", "text", "Subject", required=True),
    "due_on": Field("due_on", "day", "Due"),
    "lead": Field("lead_id", "link", "Lead", target="lead"),
    "done": Field("done", "check", "Done"),
    "tags": Field("tags", "tags", "Tags"),
}
VERBS = frozenset({"create", "edit", "delete", "qualify"})
WORDS = MachineWords(
    {"lead": LEAD, "activity": ACTIVITY},
    {"lead": VERBS, "activity": VERBS},
    {"lead": frozenset(LEAD), "activity": frozenset(ACTIVITY)},
)
FILES = {
    "scenario.yaml": """\
scenario: 1
key: tiny
title: {en: Tiny, zh: 小场景}
summary: {en: As small as can be, zh: 最小的场景}
company:
  name: {en: "Lanqiao Co., Ltd", zh: 澜桥有限公司}
  address: {en: Jiangling Road, zh: 江陵路}
  phone: 0571-28860120
  postcode: "310000"
  working_hours: {days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00"}
starts_at: "2026-09-07T09:00:00"
positions:
  key: instructor
  name: {en: Instructor, zh: 教师}
  kind: instructor
  below:
    - {key: staff, name: {en: Staff, zh: 业务员}, kind: staff, profile: sales, seats: 2}
categories:
  - {key: service, name: {en: Services, zh: 服务}}
products:
  - key: training
    code: T1
    name: {en: Training, zh: 培训}
    category: service
    unit: {en: day, zh: 天}
    list_price: 9.00
    floor_price: 8.00
""",
    "records.yaml": """\
records:
  - key: good
    kind: lead
    values:
      name: {en: Li Na, zh: 李娜}
      status: new
      annual_revenue: 90000
      next_follow_up_at: "+1d 10:00"
  - key: visit
    kind: activity
    links: {lead: good}
    values:
      subject: {en: "Visit, call {mobile}", zh: "拜访，电话 {mobile}"}
      due_on: "+2d"
""",
    "rubric.yaml": """\
rubric: 1
title: {en: Tiny, zh: 小场景}
tasks:
  - key: qualify
    title: {en: Qualify, zh: 判定}
    points: 10
    checks:
      - did: {what: lead.qualify}
""",
    "walkthrough.yaml": """\
position: staff
acts:
  - {do: lead.qualify, on: {kind: lead, key: good}}
""",
    "brief.en.md": "# Tiny\n",
    "brief.zh.md": "# 小场景\n",
}


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "tiny"
    place.mkdir()
    for name, text in FILES.items():
        (place / name).write_text(text, "utf-8")
    return place


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(BadScenario) as bad:
        read_scenario(folder, WORDS)
    assert all(problem.text.zh for problem in bad.value.problems)
    return [str(problem) for problem in bad.value.problems]


def test_a_right_folder_is_read(folder):
    scenario = read_scenario(folder, WORDS)
    assert scenario.key == "tiny"
    assert [record.key for record in scenario.records] == ["good", "visit"]
    assert scenario.acts[0].do == "lead.qualify"
    assert scenario.brief["zh"].startswith("# 小场景")
    assert scenario.said.company.working_hours.opens == "09:00"


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert any(line.startswith(f"{name}:1: this file is missing") for line in mistakes(folder))


def test_mistakes_of_all_files_are_named_at_once_with_their_lines(folder):
    change(folder, "scenario.yaml", "phone: 0571", "fone: 0571")
    change(folder, "scenario.yaml", "zh: 小场景}", "cn: 小场景}")
    change(folder, "records.yaml", "key: good\n", "key: Good\n")
    change(folder, "rubric.yaml", "points: 10", "points: none")
    change(folder, "walkthrough.yaml", "do: lead.qualify", "do: qualify")
    found = mistakes(folder)
    for line in (
        "scenario.yaml:3: title.zh: must be given",
        "scenario.yaml:3: title.cn: is not known here",
        "scenario.yaml:8: company.fone: is not known here",
        "records.yaml:2: records.0.key: 'Good' does not look like",
        "rubric.yaml:6:",
        "walkthrough.yaml:3: acts.0.do: 'qualify' does not look like",
    ):
        assert any(one.startswith(line) for one in found), (line, found)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("scenario.yaml", "key: tiny", "key: other", "scenario.yaml:2: the folder is called 'tiny'"),
        (
            "scenario.yaml",
            "kind: staff,",
            "kind: instructor,",
            "scenario.yaml:17: a instructor cannot stand below",
        ),
        ("scenario.yaml", ", seats: 2", "", "scenario.yaml:12: no position has seats"),
        (
            "scenario.yaml",
            "category: service",
            "category: goods",
            "scenario.yaml:24: 'goods' is none of service",
        ),
        (
            "scenario.yaml",
            "floor_price: 8.00",
            "floor_price: 9.50",
            "scenario.yaml:27: the floor price is above",
        ),
        ("scenario.yaml", 'to: "18:00"', 'to: "08:00"', "scenario.yaml:10: work must begin before it ends"),
        (
            "scenario.yaml",
            '09:00:00"',
            '09:00:00+08:00"',
            "scenario.yaml:11: starts_at: lab time has no zone",
        ),
        (
            "records.yaml",
            "status: new",
            "status: hot",
            "records.yaml:6: status: 'hot' is none of new, contacted",
        ),
        (
            "records.yaml",
            "{en: Li Na, zh: 李娜}",
            "Li Na",
            "records.yaml:5: name: must be said in both languages",
        ),
        ("records.yaml", ", zh: 李娜}", "}", "records.yaml:5: name: the text in 'zh' is missing"),
        (
            "records.yaml",
            '{mobile}"}',
            '{secret}"}',
            "records.yaml:13: subject: {secret} cannot be filled in",
        ),
        (
            "records.yaml",
            "annual_revenue: 90000",
            "annual_revenue: much",
            "records.yaml:7: annual_revenue: 'much' is no",
        ),
        (
            "records.yaml",
            '"+1d 10:00"',
            "tomorrow",
            "records.yaml:8: next_follow_up_at: 'tomorrow' is no time",
        ),
        ("records.yaml", '"+2d"', "2026-02-30", "records.yaml:14: due_on: '2026-02-30' is no day"),
        ("records.yaml", "lead: good", "lead: nobody", "records.yaml:11: 'nobody' is none of good"),
        ("records.yaml", "lead: good", "lead: training", "records.yaml:11: 'training' is none of good"),
        ("records.yaml", "lead: good", "boss: good", "records.yaml:11: 'boss' is none of lead"),
        (
            "records.yaml",
            "kind: activity",
            "kind: unicorn",
            "records.yaml:10: 'unicorn' is none of activity, lead",
        ),
        ("records.yaml", "key: visit", "key: good", "records.yaml:9: the key 'good' is used twice"),
        ("records.yaml", "key: visit", "key: training", "records.yaml:9: the key 'training' is used twice"),
        (
            "records.yaml",
            "      subject:",
            "      lead: x\n      subject:",
            "records.yaml:13: 'lead' is a link",
        ),
        (
            "records.yaml",
            "due_on:",
            "colour: red\n      due_on:",
            "records.yaml:14: 'colour' is none of subject",
        ),
        (
            "records.yaml",
            "    kind: lead\n",
            "    kind: lead\n    only: [boss]\n",
            "records.yaml:4: 'boss' is none of staff",
        ),
        (
            "records.yaml",
            "    kind: activity\n",
            "    kind: activity\n    per: once\n",
            "records.yaml:12: every seat has its own",
        ),
        (
            "rubric.yaml",
            "did: {what: lead.qualify}",
            "never: {what: lead.delete}",
            "rubric.yaml:8: 'never' pays who does",
        ),
        ("rubric.yaml", "lead.qualify", "lead.fly", "rubric.yaml:8: "),
        (
            "walkthrough.yaml",
            "position: staff",
            "position: boss",
            "walkthrough.yaml:1: 'boss' is none of staff",
        ),
        (
            "walkthrough.yaml",
            "lead.qualify",
            "lead.fly",
            "walkthrough.yaml:3: 'lead.fly' is none of lead.create",
        ),
        ("walkthrough.yaml", "key: good", "key: visit", "walkthrough.yaml:3: 'visit' is none of good"),
        (
            "walkthrough.yaml",
            "key: good}",
            "key: good, last: true}",
            "walkthrough.yaml:3: acts.0.on: exactly one of",
        ),
        (
            "walkthrough.yaml",
            "key: good}}",
            "key: good}, answers: {x: {ref: no}}}",
            "walkthrough.yaml:3: 'no' is none of",
        ),
        ("brief.en.md", "# Tiny\n", " \n", "brief.en.md:1: this brief is empty"),
    ],
)
def test_one_mistake_is_named_where_it_stands(folder, name, old, new, expected):
    change(folder, name, old, new)
    found = mistakes(folder)
    assert any(line.startswith(expected) for line in found), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: !!python/object/apply:os.system [ls]\n", "tags are not allowed"),
        ("a: &x [1]\nb: *x\n", "anchors and aliases are not allowed"),
        ("a: 1\na: 2\n", "the key 'a' is written twice"),
        ("a: [1\n", "no YAML"),
        ("[" * 60 + "]" * 60, "nested deeper"),
    ],
)
def test_yaml_that_misbehaves_is_refused(tmp_path, text, expected):
    (tmp_path / "x.yaml").write_text(text)
    problems = Problems()
    assert read_yaml(tmp_path, "x.yaml", problems) is None
    assert any(expected in problem.message for problem in problems.found)


def test_what_a_line_has_several_times_is_said_once(tmp_path):
    (tmp_path / "x.yaml").write_text("a: &x [1]\nb: [*x, *x, *x, *x]\n")
    problems = Problems()
    for _again in range(2):
        assert read_yaml(tmp_path, "x.yaml", problems) is None
    assert [(problem.line, problem.message) for problem in problems.found] == [
        (line, "anchors and aliases are not allowed: x") for line in (1, 2)
    ]


def test_no_text_of_a_scenario_is_asked_for_by_a_pattern_alone():
    """Every pattern of the schemas has words for people."""

    def patterns(node):
        if isinstance(node, list):
            return {found for one in node for found in patterns(one)}
        if not isinstance(node, dict):
            return set()
        own = {node["pattern"]} if isinstance(node.get("pattern"), str) else set()
        named = node.get("patternProperties") or {}
        return own.union(named, *(patterns(one) for one in node.values()))

    schemas = (Path(messages.__file__).parent / "schemas").glob("*.json")
    said = {
        found for file in schemas if file.stem != "rubric" for found in patterns(json.loads(file.read_text()))
    }
    assert said <= set(messages.LIKE)
    assert len(said) > 8


def test_a_wrong_time_is_told_by_an_example(folder):
    change(folder, "walkthrough.yaml", "do: lead.qualify", "advance: tomorrow")
    (line,) = [one for one in mistakes(folder) if "tomorrow" in one]
    assert "'tomorrow' does not look like a moment such as +3d 09:30" in line


def test_a_nest_of_a_hundred_thousand_brackets_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_text("[" * 100_000)
    problems = Problems()
    assert read_yaml(tmp_path, "x.yaml", problems) is None
    assert problems.found


def test_a_file_that_leads_out_of_the_folder_is_refused(folder, tmp_path):
    secret = tmp_path / "secret.yaml"
    secret.write_text("records: []")
    (folder / "records.yaml").unlink()
    (folder / "records.yaml").symlink_to(secret)
    assert mistakes(folder) == ["records.yaml:1: leads out of the scenario's folder"]


def test_links_in_a_circle_are_named(folder):
    change(folder, "records.yaml", "lead: good", "lead: visit")
    assert any("'visit' is none of good" in line for line in mistakes(folder))


def test_scenario_check_prints_every_mistake_and_exits_1(folder):
    change(folder, "scenario.yaml", "phone: 0571", "fone: 0571")
    result = CliRunner().invoke(check, [str(folder)])
    assert result.exit_code == 1
    assert "scenario.yaml:8: company.fone: is not known here" in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("key", sorted(scenarios()))
def test_every_shipped_scenario_is_right(key):
    assert read_scenario(scenarios()[key]).key == key
