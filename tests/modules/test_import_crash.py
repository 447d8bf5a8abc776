"""An import in parts is killed before any statement: it goes on where it was, or is taken back whole; the log agrees.

School ── Class A ── Sales: Ada ── Staff: Ben
"""

import os
from datetime import datetime

import pytest
from sqlalchemy import select, update

from labapp import jobs
from labapp.db import begin_write, db
from labapp.modules.leads.models import Lead
from labapp.records.imports import pace, running, store
from labapp.records.imports.models import ImportRow, ImportRun
from tests.bringing import all_of, check, run_of, send, whole
from tests.listening import die_at, work_and_die_at

ROWS, PART = 9, 3
EVERY = 9  # of the statements a kill is tried before; a prime to the rhythm of a part


@pytest.fixture
def in_parts(monkeypatch):
    """Nine rows are much: three of them are a part."""
    for name in ("FIRST", "LEAST", "MOST"):
        monkeypatch.setattr(pace, name, PART)
    monkeypatch.setattr(pace, "HOLD", 0.0)
    monkeypatch.setattr(running, "AT_ONCE", PART)
    monkeypatch.setattr(store, "PAUSE", 0.0)


def ready(browser):
    """An import that has been checked; its number."""
    rows = "".join(f"P{n},Firm {n} Ltd\n" for n in range(ROWS))
    run_id = send(browser, "leads", "Lead name,Company\n" + rows)
    form = {"c0": "name", "c1": "company", "by": "", "twins": "create"}
    browser.post(f"/leads/import/{run_id}/check", form)
    jobs.work_off()
    assert run_of(run_id).state == "checked"
    return run_id


def written(run_id):
    """The rows that say they are written."""
    db.session.remove()
    query = select(ImportRow.record_id).where(ImportRow.run_id == run_id, ImportRow.step.is_not(None))
    return sorted(db.session.scalars(query))


def resume():
    """What the next start does."""
    db.session.remove()
    jobs.requeue()
    jobs.work_off()


def test_a_killed_import_goes_on_where_it_was(cast, browse, in_parts):
    browser, number, lived = browse(cast.ben), 1, False
    parts = set()
    while not lived:
        before = {lead.id for lead in all_of(Lead)}
        run_id = ready(browser)
        browser.post(f"/leads/import/{run_id}/run")
        lived = work_and_die_at(number)
        made = sorted({lead.id for lead in all_of(Lead)} - before)
        assert made == written(run_id)
        assert len(made) % PART == 0
        assert whole(cast.ben)
        parts.add(len(made))
        resume()
        assert run_of(run_id).state == "done"
        assert len(all_of(Lead)) == len(before) + ROWS
        assert len(written(run_id)) == ROWS
        number += EVERY
    assert parts == {0, PART, 2 * PART, ROWS}
    assert whole(cast.ben)


def test_a_killed_undo_goes_on_where_it_was(cast, browse, in_parts):
    browser, number, lived = browse(cast.ben), 1, False
    while not lived:
        run_id = ready(browser)
        browser.post(f"/leads/import/{run_id}/run")
        jobs.work_off()
        browser.post(f"/leads/import/{run_id}/undo")
        lived = work_and_die_at(number)
        assert len(all_of(Lead)) % PART == 0
        assert whole(cast.ben)
        resume()
        assert run_of(run_id).state == "undone"
        assert all_of(Lead) == []
        number += 3 * EVERY
    assert whole(cast.ben)


def test_an_import_that_broke_off_is_taken_back_whole_or_gone_on_with(cast, browse, in_parts):
    browser = browse(cast.ben)
    for verb, left in (("undo", 0), ("run", ROWS)):
        run_id = ready(browser)
        browser.post(f"/leads/import/{run_id}/run")
        assert not work_and_die_at(45)
        assert len(all_of(Lead)) in {PART, 2 * PART}
        begin_write()
        db.session.execute(
            update(jobs.Job).where(jobs.Job.state == "running").values(state="failed", tries=3)
        )
        db.session.commit()
        page = browser.get(f"/leads/import/{run_id}").get_data(as_text=True)
        assert "broken off three times" in page
        assert "Undo the import" in page
        assert browser.post(f"/leads/import/{run_id}/{verb}").status_code == 302
        jobs.work_off()
        assert len(all_of(Lead)) == left
        assert whole(cast.ben)


def test_columns_said_anew_are_checked_anew(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", "Lead name,Company,City\nGrace,Lifts Ltd,Ningbo\n")
    assert check(browser, "leads", run_id)[2].values["city"] == "Ningbo"
    assert "city" not in check(browser, "leads", run_id, c2="")[2].values


def test_a_small_import_that_is_killed_was_never_begun(cast, browse):
    browser, number, lived = browse(cast.ben), 1, False
    run_id = send(browser, "leads", "Lead name,Company\nGrace,Lifts Ltd\nHenry,Cranes Ltd\n")
    check(browser, "leads", run_id)
    while not lived:
        db.session.remove()
        db.engine.dispose()
        child = os.fork()
        if child == 0:
            die_at(number)
            os._exit(0 if browser.post(f"/leads/import/{run_id}/run").status_code == 302 else 1)
        lived = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        made = len(all_of(Lead))
        assert made == (2 if run_of(run_id).state == "done" else 0)
        assert lived or made or run_of(run_id).state == "checked"
        lived = lived or made == 2
        number += 6
    assert whole(cast.ben)


def test_a_file_that_waits_for_three_days_is_forgotten(cast, browse):
    browser = browse(cast.ben)
    waits, done = (send(browser, "leads", "Lead name,Company\nGrace,Lifts Ltd\n") for _ in range(2))
    check(browser, "leads", done)
    browser.post(f"/leads/import/{done}/run")
    assert run_of(waits) is not None
    begin_write()
    db.session.execute(update(ImportRun).values(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 (UTC, as stored)
    db.session.commit()
    jobs.tick()
    assert run_of(waits) is None
    assert run_of(done).state == "done"
