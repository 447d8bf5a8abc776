"""A scenario brings custom fields and stages with conditions; what does not fit is named with its line."""

from pathlib import Path
from typing import Any

import pytest

from labapp.access.actor import system_actor
from labapp.app import create_app
from labapp.db import db
from labapp.db.fields import Field
from labapp.db.migrate import create_all
from labapp.lifecycle.verify import verify
from labapp.modules.customers.models import Customer
from labapp.records import query
from labapp.records.codes import codes_in
from labapp.records.custom import custom_in
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario
from labapp.scenario.words import MachineWords
from tests.test_scenario_reading import FILES

CUSTOMER = {"name": Field("name", "text", "Name", required=True)}
VERBS = frozenset({"create", "edit"})
WORDS = MachineWords({"customer": CUSTOMER}, {"customer": VERBS}, {"customer": frozenset(CUSTOMER)})
MORE = """\
codes:
  - {table: stage, key: quote, requires: [lines, field:extra.budget], notify: [staff], remind_after: 7}
  - {table: stage, key: trial, label: {en: Trial, zh: 试用}, probability: 60, meaning: {en: They try it, zh: 正在试用}}
fields:
  - {kind: opportunity, key: budget, label: {en: Budget, zh: 预算}, shape: number, required: true}
  - kind: customer
    key: buying
    label: {en: How they buy, zh: 采购方式}
    shape: choice
    choices: [{key: tender, label: {en: Tender, zh: 招标}}, {key: inquiry, label: {en: Inquiry, zh: 询价}}]
    help: {en: Ask them, zh: 请询问客户}
  - {kind: customer, key: since, label: {en: With us since, zh: 合作起始}, shape: date}
  - {kind: customer, key: motto, label: {en: Motto, zh: 口号}, shape: text}
  - {kind: customer, key: vip, label: {en: VIP, zh: 贵宾}, shape: check}
"""
RECORDS = """\
records:
  - key: house
    kind: customer
    values:
      name: {en: Noodle House, zh: 面馆}
      extra_buying: tender
      extra_since: "-400d"
      extra_motto: {en: Fresh and fast, zh: 又鲜又快}
      extra_vip: true
"""
WALK = "position: staff\nacts:\n  - open: {kind: customer, key: house}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small scenario with custom fields."""
    place = tmp_path / "tiny"
    place.mkdir()
    said = FILES | {"records.yaml": RECORDS, "walkthrough.yaml": WALK}
    said["scenario.yaml"] += MORE
    if "rubric.yaml" in said:
        said["rubric.yaml"] = said["rubric.yaml"].replace("lead.qualify", "customer.create")
    for name, text in said.items():
        (place / name).write_text(text, "utf-8")
    return place


def mistakes(folder: Path) -> list[str]:
    try:
        read_scenario(folder, WORDS)
    except BadScenario as bad:
        return [str(problem) for problem in bad.problems]
    return []


def test_it_is_read(folder: Path) -> None:
    assert mistakes(folder) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("scenario.yaml", "field:extra.budget", "field:extra.money", "'field:extra.money' is none of lines"),
        ("scenario.yaml", "notify: [staff]", "notify: [legal]", "'legal' is none of instructor, staff"),
        (
            "scenario.yaml",
            "{table: stage, key: quote",
            "{table: source, key: web",
            "only stages have 'requires'",
        ),
        ("scenario.yaml", "remind_after: 7", "remind_after: 0", "codes.0.remind_after"),
        (
            "scenario.yaml",
            "kind: opportunity, key: budget",
            "kind: product, key: budget",
            "'product' is none of",
        ),
        ("scenario.yaml", "key: motto", "key: since", "the key 'since' is used twice"),
        ("scenario.yaml", "key: motto", "key: valid_from", "a key does not end in"),
        ("scenario.yaml", "shape: text", "shape: choice", "a choice, and nothing else, has choices"),
        ("scenario.yaml", "key: inquiry", "key: tender", "the key 'tender' is used twice"),
        ("records.yaml", "extra_buying: tender", "extra_buying: magic", "'magic' is none of tender, inquiry"),
        ("records.yaml", "extra_vip: true", "extra_vip: maybe", "extra.vip: "),
        ("records.yaml", "extra_vip", "extra_pet", "'extra_pet' is none of"),
        ("records.yaml", '"-400d"', "long", "extra.since: "),
    ],
)
def test_what_does_not_fit_is_named(folder: Path, name: str, old: str, new: str, expected: str) -> None:
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    found = mistakes(folder)
    assert any(line.startswith(name) and expected in line for line in found), found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sandbox_begins_with_them(folder: Path, tmp_path: Path, language: Any) -> None:
    app = create_app(
        {
            "TESTING": True,
            "DATA": tmp_path,
            "SECRET_KEY": "tests only",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'own.sqlite'}",
        }
    )
    with app.app_context():
        create_all()
        sandbox = open_sandbox(read_scenario(folder), Opening("tiny", language=language))
        house = system_actor(sandbox)
        assert list(custom_in(house, "customer")) == [
            "extra_buying",
            "extra_since",
            "extra_motto",
            "extra_vip",
        ]
        stage = codes_in(sandbox).get("stage", "quote")
        assert stage is not None
        assert stage.requires == ("lines", "field:extra.budget")
        assert (stage.notify, stage.remind_after) == (("position:2",), 7)
        trial = codes_in(sandbox).get("stage", "trial")
        assert trial is not None
        assert (trial.probability, trial.meaning(language)) == (
            60,
            {"en": "They try it", "zh": "正在试用"}[language],
        )
        motto = {"en": "Fresh and fast", "zh": "又鲜又快"}[language]
        expected = {"buying": "tender", "since": "2025-08-03", "motto": motto, "vip": True}
        assert [one.extra for one in query.rows(Customer, house)] == [expected] * 2
        assert verify(sandbox) is None
        db.session.remove()
        db.engine.dispose()
