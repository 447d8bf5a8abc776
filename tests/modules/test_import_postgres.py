"""An import over PostgreSQL: in parts, through a job, changed, undone; the log is whole."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from labapp import jobs
from labapp.modules.leads.models import Lead
from labapp.records.imports import running
from tests import world
from tests.bringing import GRACE, HENRY, LEADS, all_of, bring, check, run_of, send, whole
from tests.conftest import Browser
from tests.postgres import Site

pytestmark = pytest.mark.postgres


@pytest.fixture
def site(
    postgres_site: Site,
) -> Iterator[tuple[Flask, dict[str, world.Person]]]:
    """The application over a database of its own, and the cast."""
    with postgres_site("labapp_import") as app, force_locale("en"):
        yield app, world.build()


def test_an_import_goes_in_and_out(site, monkeypatch):
    app, cast = site
    browser = Browser(app, cast["Ben"])
    bring(browser, "leads", LEADS + GRACE)
    again = bring(browser, "leads", LEADS + GRACE.replace("Hangzhou\n", "Wuhan\n"), twins="update")
    assert [lead.city for lead in all_of(Lead)] == ["Wuhan"]
    monkeypatch.setattr(running, "AT_ONCE", 1)
    run_id = send(browser, "leads", LEADS + HENRY + HENRY.replace("139", "137"))
    check(browser, "leads", run_id)
    jobs.work_off()
    browser.post(f"/leads/import/{run_id}/run")
    jobs.work_off()
    assert len(all_of(Lead)) == 3
    browser.post(f"/leads/import/{run_id}/undo")
    jobs.work_off()
    monkeypatch.setattr(running, "AT_ONCE", 500)
    browser.post(f"/leads/import/{again}/undo")
    assert [lead.city for lead in all_of(Lead)] == ["Hangzhou"]
    assert run_of(run_id).state == "undone"
    assert browser.get("/leads/quality").status_code == 200
    assert whole(cast["Ben"])
