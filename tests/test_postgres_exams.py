"""Scenarios of one's own and examinations over PostgreSQL: copied, changed, opened, sat, released, collected."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from labapp import clock
from labapp.db import begin_write, db
from labapp.lifecycle.chores import sweep
from labapp.lifecycle.verify import verify
from labapp.modules.exams.models import Attempt
from labapp.people.models import Account, Sandbox
from labapp.scenario.copies import By, copy_of, save, take_in
from labapp.scenario.library import scenario_of, scenarios
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import read_scenario
from tests import world
from tests.conftest import Browser
from tests.postgres import Site
from tests.small import BANK, TINY

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def site(
    postgres_site: Site,
) -> Iterator[tuple[Flask, dict[str, world.Person]]]:
    """The application over a database of its own, and the cast."""
    with postgres_site("labapp_exams") as app:
        cast = world.build()
        db.session.remove()
        yield app, cast


def test_a_copy_is_taken_in_changed_and_opened(site: Any) -> None:
    _app, cast = site
    by = By(db.session.get_one(Account, cast["Ines"].account_id), "ines")
    assert take_in(by, {**TINY, "exam.yaml": BANK}, "tiny.zip") == "tiny"
    assert save(by, "tiny", 1, {"brief.en.md": "# Other\n"}) == 2
    copy = copy_of(by.account, "tiny")
    assert copy is not None
    course = open_course(read_scenario(scenarios()["tiny"]), Opening("autumn", students=1))
    assert course.scenario_sha256 == copy.sha256
    found = scenario_of(course)
    assert found is not None
    assert found.brief["en"] == "# Other\n"


def test_a_paper_is_sat_collected_and_released(site: Any) -> None:
    app, cast = site
    ines, ben, cy = (Browser(app, cast[name]) for name in ("Ines", "Ben", "Cy"))
    assert ines.post("/instructor/exams/bank", {"text": BANK, "version": "0"}).status_code == 302
    urls = [each.post("/exams/papers/finals/start").headers["Location"] for each in (ben, cy)]
    assert ben.get(urls[0]).status_code == 200
    assert ben.post(f"{urls[0]}/save", {"a1": "1"}, headers={"HX-Request": "true"}).status_code == 200
    assert ben.post(f"{urls[0]}/submit", {"a1": "1"}).status_code == 302
    begin_write()
    late = db.session.get_one(Attempt, int(urls[1].rpartition("/")[2]))
    late.ends_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    assert sweep("autumn-a") == 1
    assert ines.post("/instructor/exams/papers/finals/release").status_code == 302
    assert (
        ines.post(
            "/instructor/exams/papers/finals/more", {"member": str(cast["Cy"].membership_id)}
        ).status_code
        == 302
    )
    for url in (
        "/instructor/exams",
        "/instructor/exams/papers/finals",
        "/instructor/exams/papers/finals/results.csv",
    ):
        assert ines.get(url).status_code == 200
    assert "exam-outcomes" in ben.get(urls[0]).get_data(as_text=True)
    assert verify(db.session.get_one(Sandbox, cast["Ben"].sandbox_id)) is None
