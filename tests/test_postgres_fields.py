"""Custom fields and the conditions of stages over PostgreSQL, whose JSON speaks otherwise than SQLite's."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.lifecycle.chores import sweep
from labapp.lifecycle.verify import verify
from labapp.modules.opportunities.stage_settings import counted
from labapp.notices.models import Notice
from labapp.people.models import Sandbox
from tests import world
from tests.conftest import Browser
from tests.postgres import Site

pytestmark = pytest.mark.postgres
CHOICES = {"choice_key": ["steel", "food"], "choice_zh": ["钢铁", "餐饮"], "choice_en": ["Steel", "Food"]}
FIELDS = (
    {"key": "trade", "name_zh": "细分行业", "shape": "choice", **CHOICES},
    {"key": "years", "name_zh": "合作年限", "shape": "number"},
    {"key": "seen", "name_zh": "最后跟进时间", "shape": "date"},
    {"key": "vip", "name_zh": "贵宾", "shape": "check"},
    {"key": "slogan", "name_zh": "口号", "shape": "text"},
)
FILLED = {
    "extra_trade": "food",
    "extra_years": "7",
    "extra_seen": "2026-08-31",
    "extra_vip": "y",
    "extra_slogan": "又鲜又快 Fresh",
}


@pytest.fixture(scope="module")
def site(
    postgres_site: Site,
) -> Iterator[tuple[Flask, dict[str, world.Person]]]:
    """The application over a database of its own, the cast, and the five fields on customers and opportunities."""
    with postgres_site("labapp_fields") as app:
        cast = world.build()
        for kind in ("customer", "opportunity"):
            for said in FIELDS:
                answer = Browser(app, cast["Ines"]).post(f"/instructor/fields/{kind}/add", said)
                assert answer.status_code == 302
        Browser(app, cast["Ben"]).post("/customers/new", {"name": "Plain"})
        Browser(app, cast["Ben"]).post("/customers/new", {"name": "Noodle House", **FILLED})
        db.session.remove()
        yield app, cast


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("extra_trade=food", ["Noodle House"]),
        ("extra_trade=-", ["Plain"]),
        ("extra_trade=steel&extra_trade=food", ["Noodle House"]),
        ("extra_years=7", ["Noodle House"]),
        ("extra_years_min=7.5", []),
        ("extra_years_max=7", ["Noodle House"]),
        ("extra_seen_from=2026-08-31&extra_seen_to=2026-08-31", ["Noodle House"]),
        ("extra_seen=2026-08-30", []),
        ("extra_vip=1", ["Noodle House"]),
        ("extra_vip=0", ["Plain"]),
        ("extra_slogan=fresh", ["Noodle House"]),
        ("extra_slogan=又鲜", ["Noodle House"]),
        ("sort=name&cols=name,extra_years&extra_slogan=-", ["Plain"]),
    ],
)
def test_filters(site: Any, asked: str, names: list[str]) -> None:
    app, cast = site
    rows = Browser(app, cast["Ben"]).get(f"/customers/?format=json&{asked}").get_json()["rows"]
    assert [row["name"] for row in rows] == names
    assert Browser(app, cast["Cy"]).get(f"/customers/?format=json&{asked}").get_json()["rows"] == []


def test_conditions_reminders_and_use_are_counted(site: Any) -> None:
    app, cast = site
    with app.app_context():
        customer = world.invent(app.extensions["catalog"], "customer", cast["Ben"], Random(1))
        sale = world.invent(
            app.extensions["catalog"],
            "opportunity",
            cast["Ben"],
            Random(1),
            customer_id=customer.id,
            extra={},
        ).id
        total, lacking = counted(cast["Ines"].actor)
        assert total == 1
        assert (lacking["lines"], lacking["document:pdf"], lacking["field:extra.vip"]) == (1, 1, 1)
        teacher, ben = Browser(app, cast["Ines"]), Browser(app, cast["Ben"])
        assert teacher.get("/instructor/fields/customer/1").status_code == 200
        assert teacher.post("/instructor/fields/customer/1/delete").status_code == 422
        wanted = {"requires": ["document:pdf", "field:extra.years"], "remind_after": "7"}
        stage = next(value for value in range(1, 400) if _is_stage(teacher, value, "quote"))
        assert teacher.post(f"/instructor/codes/stage/{stage}/entry", wanted).status_code == 302
        assert ben.post(f"/opportunities/{sale}/advance", {"stage": "quote"}).status_code == 403
        assert (
            teacher.post(f"/instructor/codes/stage/{stage}/entry", {"remind_after": "7"}).status_code == 302
        )
        assert ben.post(f"/opportunities/{sale}/advance", {"stage": "quote"}).status_code == 302
        begin_write()
        sandbox = db.session.get_one(Sandbox, cast["Ben"].sandbox_id, populate_existing=True)
        sandbox.clock_base += timedelta(days=8)
        name = sandbox.name
        db.session.commit()
        assert sweep(name) >= 1
        assert sweep(name) == 0
        told = select(Notice.url).where(Notice.topic == "stage_reminder")
        assert list(db.session.scalars(told)) == [f"/opportunities/{sale}"]
        assert verify(db.session.get_one(Sandbox, cast["Ben"].sandbox_id)) is None


def _is_stage(browser: Browser, value: int, key: str) -> bool:
    page = browser.get(f"/instructor/codes/stage/{value}")
    return page.status_code == 200 and f"Key: {key}" in page.text
