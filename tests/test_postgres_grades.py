"""Grades over PostgreSQL: the pages, every kind of word, a dispute to its end, and rows that stay as they are."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from labapp.db import db
from labapp.gradebook.models import DISPUTE, BankComment, LedgerEntry
from labapp.oplog.models import Operation
from tests import world
from tests.conftest import Browser
from tests.grading_class import RUBRIC, set_rubric
from tests.postgres import Site

pytestmark = pytest.mark.postgres
GRADES = "/instructor/grades"


@pytest.fixture(scope="module")
def site(
    postgres_site: Site,
) -> Iterator[tuple[Flask, dict[str, world.Person]]]:
    """The application over a database of its own, and the cast; Ben has made two leads."""
    with postgres_site("labapp_grades") as app:
        cast = world.build()
        set_rubric(RUBRIC)
        ben = Browser(app, cast["Ben"])
        for name in ("Ann", "Bea"):
            assert ben.post("/leads/new", {"name": name, "company": "Hopper"}).status_code == 302
        yield app, cast


def test_words_disputes_and_pages(site):
    app, cast = site
    ines, tess, ben = (Browser(app, cast[name]) for name in ("Ines", "Tess", "Ben"))
    posts = {
        "comments": {"task": "essay", "text": "Clear.", "shared": "1"},
        "s002/mark": {"task": "essay", "check": "1", "points": "1"},
        "s002/override": {"task": "make", "points": "9", "reason": "x"},
        "s003/exemption": {"task": "essay", "reason": "ill"},
        "s003/extension": {"until": "2026-09-20T18:00", "reason": "ill"},
        "s003/withdrawn": {},
        "s002/comment": {"task": "essay", "comment": "See me."},
        "release": {"until": "2026-12-01T18:00"},
        "run": {},
        "rubric": {"text": RUBRIC.replace("points: 10", "points: 20")},
    }
    for where, form in posts.items():
        assert ines.post(f"{GRADES}/{where}", form).status_code in {200, 302}, where
    step = db.session.scalar(
        select(Operation.id).where(Operation.member == "s002", Operation.verb == "create")
    )
    form = {"task": "essay", "check": "1", "text": "Read it again.", "steps": step}
    assert ben.post("/coach/grades/dispute", form).status_code == 302
    assert ben.post("/coach/grades/dispute", form).status_code == 422
    number = db.session.scalar(select(LedgerEntry.id).where(LedgerEntry.kind == DISPUTE))
    answer = {"verdict": "points", "points": "4.5", "reason": "You are right."}
    assert ines.post(f"/instructor/disputes/{number}", answer).status_code == 403
    assert tess.post(f"/instructor/disputes/{number}", answer).status_code == 302
    assert "You are right." in ben.get("/coach/grades").text
    pages = [
        "",
        "/statistics",
        "/marking",
        "/marking/work?task=essay&check=1",
        "/comments",
        "/history",
        "/files",
    ]
    pages += ["/history?member=s002", "/rubric", "/rubric/1", "/export.csv", "/files/canvas.csv", "/s002"]
    for page in pages:
        assert ines.get(GRADES + page).status_code == 200, page
    for page in ("/instructor/disputes?state=all", f"/instructor/disputes/{number}"):
        assert ines.get(page).status_code == 200, page
    text_of = {"text": RUBRIC.replace("points: 10", "points: 20"), "reason": "worth more"}
    assert ines.post(f"{GRADES}/rubric/force", text_of).status_code == 302
    db.session.remove()
    assert db.session.scalar(select(BankComment.text)) == "Clear."


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET points = 10", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"]
)
def test_no_statement_changes_the_ledger(statement, site):
    db.session.remove()
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))
