"""The class wall in the console: it follows, leads to evidence, and tells hints."""

import re

import pytest
from sqlalchemy import func, select, update

from labapp.db import begin_write, db
from labapp.notices.models import Notice
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Membership, Sandbox
from tests.coached import RUBRIC, create_lead, enforce, forward, try_lead
from tests.listening import heard

WALL = "/instructor/wall/"


@pytest.fixture
def ines(app, browse, cast, monkeypatch):
    monkeypatch.setattr("labapp.gradebook.wall.BUDGET", 60)  # however slow this machine is
    enforce(RUBRIC)
    return browse(cast.ines)


def page(browser, url: str = WALL) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def told(ines, *members: str, **form: str):
    return ines.post("/instructor/wall/hint", {"member": list(members), **form})


def steps() -> int:
    return db.session.scalar(select(func.count()).select_from(Operation))


def notices(person) -> list[Notice]:
    query = select(Notice).where(Notice.membership_id == person.membership_id, Notice.topic == "hint")
    return list(db.session.scalars(query))


def test_the_wall_shows_students_tasks_points_and_last_act(ines, browse, cast):
    create_lead(browse(cast.ben))
    shown = page(ines)
    assert "4 students" in shown
    assert "1 active in the last ten minutes" in shown
    assert "1 · Make two leads" in shown
    assert "The hidden one" in shown, "the instructor sees hidden tasks"
    assert "Make two leads: begun, 50 %" in shown
    assert "just now" in shown
    assert f"/instructor/wall/{cast.ben.key}/make" in shown
    assert f"/instructor/log/member/{cast.ben.key}" in shown


def test_the_rows_are_renewed_and_not_sent_again_while_nothing_changes(ines, browse, cast, monkeypatch):
    ben = browse(cast.ben)
    create_lead(ben)
    first = ines.get(f"{WALL}rows")
    assert "<html" not in first.text
    unchanged = {"If-None-Match": first.headers["ETag"]}
    again = ines.get(f"{WALL}rows", headers=unchanged)
    assert (again.status_code, again.data) == (304, b"")
    before = steps()
    create_lead(ben)
    changed = ines.get(f"{WALL}rows", headers=unchanged)
    assert changed.status_code == 200
    assert "Make two leads: done" in changed.text
    assert steps() == before + 1, "to look at the wall is no step"
    tag = {"If-None-Match": changed.headers["ETag"]}
    forward(monkeypatch, minutes=1)
    assert ines.get(f"{WALL}rows", headers=tag).status_code == 200, "the minutes since the last act are shown"


def test_an_unchanged_wall_costs_few_statements(ines, browse, cast):
    create_lead(browse(cast.ben))
    tag = {"If-None-Match": ines.get(f"{WALL}rows").headers["ETag"]}
    with heard() as sent:
        assert ines.get(f"{WALL}rows", headers=tag).status_code == 304
    assert len(sent) <= 8, sent


def test_a_wall_still_being_counted_is_asked_for_again(ines, browse, cast, monkeypatch):
    create_lead(browse(cast.ben))
    monkeypatch.setattr("labapp.gradebook.wall.BUDGET", 0)
    first = ines.get(f"{WALL}rows")
    assert "still being counted" in first.text
    assert ines.get(f"{WALL}rows", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_names_can_be_left_out_and_the_view_is_kept_in_the_address(ines, browse, cast):
    create_lead(browse(cast.ben))
    shown = page(ines, f"{WALL}?names=0&big=1&minutes=10")
    assert "Ben" not in shown
    assert "# 2" in shown
    assert "wall-big" in shown
    assert "/instructor/wall/rows?big=1&amp;names=0&amp;minutes=10" in shown
    nonsense = page(ines, f"{WALL}?minutes=1e9&order=x&big=2")
    assert "wall-page" in nonsense


def test_orders(ines, browse, cast):
    create_lead(browse(cast.dee))
    found = re.findall(r'id="wall-(s\d+)"', page(ines, f"{WALL}?order=points"))
    assert found[0] == cast.dee.key
    ben = browse(cast.ben)
    for _ in range(3):
        try_lead(ben, "")
    shown = page(ines, f"{WALL}?order=stuck")
    assert re.findall(r'id="wall-(s\d+)"', shown)[0] == cast.ben.key
    assert "three times invalid: Lead" in shown
    assert "1 stuck" in shown


def test_who_words_a_dispute_badly_is_not_stuck_in_the_work(ines, browse, cast):
    ben = browse(cast.ben)
    create_lead(ben)
    for _ in range(3):
        assert ben.post("/coach/grades/dispute", {"task": "make"}).status_code == 403
    assert "0 stuck" in page(ines, f"{WALL}?order=stuck")


def test_a_cell_shows_what_is_missing_and_the_steps(ines, browse, cast):
    create_lead(browse(cast.ben))
    shown = page(ines, f"/instructor/wall/{cast.ben.key}/make")
    assert "1 of 2 done" in shown
    step = db.session.scalars(
        select(Operation.id).where(Operation.verb == "create", Operation.kind == "lead")
    ).first()
    assert f"/instructor/log/steps/{step}" in shown
    assert "Leads are under Leads." in shown
    assert ines.get(f"/instructor/wall/{cast.ben.key}/nothing").status_code == 404
    assert ines.get("/instructor/wall/s999/make").status_code == 404
    assert ines.get(f"/instructor/wall/{cast.ines.key}/make").status_code == 404


def test_a_hint_of_the_rubric_comes_as_a_notice_and_on_the_coach(ines, browse, cast):
    before = steps()
    assert told(ines, cast.ben.key, cast.cy.key, task="make").status_code == 302
    assert steps() == before, "a hint is no step of anybody"
    for person in (cast.ben, cast.cy):
        (notice,) = notices(person)
        assert (notice.text_en, notice.text_zh) == ("Leads are under Leads.", "在线索页面新建。")
        assert notice.url == "/coach#task-make"
    assert notices(cast.dee) == []
    ben = browse(cast.ben)
    assert "Hints from your instructor" in page(ben, "/coach")
    assert "Leads are under Leads." in page(ben, "/coach/tasks")
    assert "Notices: 1 unread" in page(ben, "/leads/")
    act = db.session.scalars(select(AdminEntry).where(AdminEntry.action == "wall.hint")).one()
    assert act.details["members"] == [cast.ben.key, cast.cy.key]
    assert act.details["task"] == "make"
    listed = page(ines, "/instructor/wall/hints")
    assert "Leads are under Leads." in listed
    assert "Ben" in listed


def test_own_words_and_what_cannot_be_told(ines, browse, cast):
    assert told(ines, cast.ben.key, words="  Look   under Leads <b>now</b> ").status_code == 302
    assert notices(cast.ben)[0].text_en == "Look under Leads <b>now</b>"
    assert "&lt;b&gt;now" in browse(cast.ben).get("/coach").text
    for form in ({}, {"words": "x" * 501}, {"task": "nothing"}, {"task": "secret"}):
        assert told(ines, cast.ben.key, **form).status_code == 422, form
    assert told(ines, words="Nobody").status_code == 422
    assert told(ines, cast.ines.key, words="No student").status_code == 422
    assert told(ines, "s999", cast.ben.key, words="Nobody").status_code == 422
    assert len(notices(cast.ben)) == 1


def test_a_hint_about_a_hidden_task_does_not_name_it(ines, cast):
    assert told(ines, cast.ben.key, task="secret", words="Call somebody.").status_code == 302
    assert notices(cast.ben)[0].url == "/coach"


def test_who_may(ines, browse, cast):
    for person in (cast.ben, cast.ada, cast.olga):
        for url in (WALL, f"{WALL}rows", f"{WALL}hints", f"{WALL}{cast.ben.key}/make"):
            assert browse(person).get(url).status_code == 403
        assert told(browse(person), cast.ben.key, words="Psst").status_code == 403
    assistant = browse(cast.tess)
    assert assistant.get(WALL).status_code == 200
    assert assistant.get("/instructor/wall").status_code == 200
    assert told(assistant, cast.ben.key, words="Try again").status_code == 302


def test_without_a_rubric_or_with_a_bad_one_the_wall_says_so(ines, cast):
    for text, sentence in (("", "This course has no rubric"), ("rubric: 7", "cannot be read")):
        enforce(text)
        assert sentence in page(ines)
        assert ines.get(f"/instructor/wall/{cast.ben.key}/make").status_code == 404


def test_the_wall_spans_the_sandboxes_of_a_course(ines, browse, cast):
    """Dee works in a sandbox of her own."""
    begin_write()
    first = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    names = ("course_id", "scenario", "starts_at", "clock_base", "last_lab_at", "settings", "first_settings")
    values = {name: getattr(first, name) for name in names}
    second = Sandbox(**values, name="autumn-a/team-2", state="open")
    db.session.add(second)
    db.session.flush()
    moved = update(Membership.__table__).where(Membership.__table__.c.id == cast.dee.membership_id)
    db.session.execute(moved.values(sandbox_id=second.id, positions=[]))
    first.stamp = "moved"
    ids = [second.id, first.id]
    db.session.commit()
    shown = page(ines)
    assert "4 students" in shown
    assert "autumn-a/team-2" in shown
    assert told(ines, cast.dee.key, cast.ben.key, words="Both of you").status_code == 302
    assert [one.sandbox_id for one in (*notices(cast.dee), *notices(cast.ben))] == ids
    assert "Make two leads" in page(ines, f"/instructor/wall/{cast.dee.key}/make")
