"""What the strip of a page costs, and whose acts and words judge a student anew."""

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.gradebook import coach, models
from tests.coached import LOOKING, RUBRIC, clock_of, create_lead, done, enforce, strip_of, word


@pytest.fixture
def rubric(app):
    """rubric(text) brings a rubric into force."""
    enforce(RUBRIC)
    return enforce


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """clock(6) lets six seconds pass."""
    return clock_of(monkeypatch)


def test_a_view_after_a_look_costs_no_statement(rubric, browse, cast, clock):
    ben = browse(cast.ben)
    create_lead(ben)
    ben.get("/leads/")
    assert len(strip_of(cast.ben)[1]) <= 6
    for _ in range(3):
        ben.get("/leads/")
        assert strip_of(cast.ben)[1] == []


def test_an_old_strip_costs_two_statements_for_all_members_while_nobody_acts(rubric, browse, cast, clock):
    ben = browse(cast.ben)
    create_lead(ben)
    strip_of(cast.ben)
    strip_of(cast.cy)
    ben.get("/leads/")
    clock(6)
    assert len(strip_of(cast.ben)[1]) == 2
    assert strip_of(cast.ben)[1] == []
    assert strip_of(cast.cy)[1] == []


def test_an_own_act_counts_at_once_also_by_another_process(rubric, browse, cast, clock, monkeypatch):
    """The other process is this one with deaf ears: only the head of the chain tells."""
    ben = browse(cast.ben)
    create_lead(ben)
    assert done(cast.ben) == 0
    monkeypatch.setattr(coach, "appended", [])
    monkeypatch.setattr("labapp.oplog.append.appended", [])
    ben.get("/leads/")
    assert len(strip_of(cast.ben)[1]) == 1, "a look of another process is told from an act by one statement"
    create_lead(ben)
    assert done(cast.ben) == 1


def test_what_others_do_counts_within_five_seconds(rubric, browse, cast, clock):
    ben = browse(cast.ben)
    create_lead(ben)
    create_lead(ben)
    assert done(cast.ben) == 1
    ines = browse(cast.ines)
    assert ines.post("/leads/1/delete", {"version": "1"}).status_code == 302
    clock(6)
    assert done(cast.ben) == 0


def test_what_others_do_with_their_own_judges_nobody_else_anew(rubric, browse, cast, clock, monkeypatch):
    create_lead(browse(cast.ben))
    assert done(cast.ben) == done(cast.cy) == 0
    judged = []
    judge = coach._judge
    monkeypatch.setattr(coach, "_judge", lambda *who: judged.append(who[1].key) or judge(*who))
    cy = browse(cast.cy)
    for name in ("Grace", "Hedy"):
        create_lead(cy, name)
        clock(6)
        assert done(cast.ben) == 0
    assert cy.post("/leads/2/edit", {"version": "1", "name": "Ida", "company": "Hopper"}).status_code == 302
    clock(6)
    assert done(cast.ben) == 0
    assert cast.ben.key not in judged
    assert done(cast.cy) == 1


def test_a_record_that_is_handed_over_counts_for_both(rubric, browse, cast, clock):
    rubric(
        RUBRIC.replace("made_by: me", "made_by: anyone").replace(
            "      - did: {what: lead.create, times: 2, distinct: record}\n", ""
        )
    )
    ben = browse(cast.ben)
    create_lead(ben)
    create_lead(ben)
    assert (done(cast.ben), done(cast.cy)) == (1, 0)
    ines = browse(cast.ines)
    for serial in ("1", "2"):
        answers = {"owner_id": str(cast.cy.membership_id)}
        assert ines.post(f"/leads/{serial}/transfer", answers).status_code == 302
    clock(6)
    assert (done(cast.ben), done(cast.cy)) == (0, 1)


def test_a_rubric_that_counts_looks_is_right_within_five_seconds(rubric, browse, cast, clock):
    rubric(LOOKING)
    ben = browse(cast.ben)
    assert done(cast.ben) == 0
    ben.get("/leads/")
    clock(6)
    assert done(cast.ben) == 1


def test_a_new_rubric_is_in_force_at_once_and_kept_as_a_version(rubric, cast):
    assert strip_of(cast.ben)[0]["total"] == 1
    rubric(LOOKING)
    assert strip_of(cast.ben)[0]["title"].en == "Open the list"
    versions = db.session.scalars(select(models.RubricVersion)).all()
    assert [version.content for version in versions] == [RUBRIC, LOOKING]


def test_a_mark_shows_within_five_seconds(rubric, cast, clock):
    rubric(LOOKING.replace("did: {what: lead.list}", "by_hand: {}"))
    assert done(cast.ben) == 0
    word(models.MARK, cast.ben, task="look", check=0, points=5)
    clock(6)
    assert done(cast.ben) == 1
