"""Integrity in the console: searching, thresholds, remarks, and who may see it."""

import pytest
from sqlalchemy import insert, select

from instructor import integrity_run
from instructor.integrity_read import Limits
from labapp import jobs
from labapp.db import db
from labapp.gradebook.models import IntegrityRemark, IntegrityRun
from labapp.oplog.append import Step, append
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Membership, Sandbox
from labapp.records.work import writing
from tests.classroom import SENTENCE, Class

HERE = "/instructor/integrity"


@pytest.fixture
def group(cast, monkeypatch) -> Class:
    return Class(cast, monkeypatch)


@pytest.fixture
def copied(group) -> Class:
    group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE})
    return group


def asked(**instead: str) -> dict[str, str]:
    return {**{name: str(value) for name, value in Limits().__dict__.items()}, **instead}


def key() -> str:
    db.session.remove()
    return str(db.session.scalars(select(IntegrityRun)).one().findings[0]["key"])


def test_the_instructor_searches_and_sees_both_parties_with_their_steps(copied, browse, cast):
    ines = browse(cast.ines)
    assert "Search the logs" in ines.get(HERE).text
    assert ines.post(f"{HERE}/search", asked()).headers["Location"] == HERE
    page = ines.get(HERE).text
    steps = db.session.scalars(
        select(Operation.id).where(Operation.verb == "create", Operation.kind == "lead")
    )
    for step in steps:
        assert f'href="/instructor/log/steps/{step}"' in page
    assert 'href="/instructor/log/member/s002"' in page
    assert 'href="/instructor/log/member/s003"' in page
    assert SENTENCE in page


def test_chinese_pages_have_the_colon_of_chinese_and_a_remark_is_one(copied, browse, cast):
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked())
    ines.post("/language", {"language": "zh"})
    page = ines.get(HERE).text
    assert 'title="实验时间：' in page
    assert "<summary>备注</summary>" in page


@pytest.fixture
def other(group, cast) -> int:
    """A second sandbox of the course, with a student of its own and Ines; its id."""
    with writing():
        first = db.session.get_one(Sandbox, cast.ben.sandbox_id)
        kept = {"course_id": first.course_id, "scenario": first.scenario, "starts_at": first.starts_at}
        kept |= {"clock_base": first.clock_base, "last_lab_at": first.starts_at, "state": "open"}
        sandbox = Sandbox(name="autumn-a/s900", settings=first.settings, unit="s900", **kept)
        db.session.add(sandbox)
        db.session.flush()
        same = {"sandbox_id": sandbox.id, "course_id": first.course_id, "state": "active", "positions": []}
        people = (("s900", "student", None), ("t001", "instructor", cast.ines.account_id))
        for serial, (key, role, account) in enumerate(people, start=1):
            who = {"key": key, "role": role, "account_id": account, "name": key, "serial": serial}
            db.session.execute(insert(Membership.__table__), [{**same, **who}])
        return int(sandbox.id)


def test_the_search_spans_the_sandboxes_of_a_course(group, other, browse, cast):
    group.does("cy", answers={"description": SENTENCE})
    member = db.session.scalars(select(Membership).where(Membership.key == "s900")).one()
    group.wait(600)
    step = Step(other, "lead", "create", member.id, "s900", 1, answers={"description": SENTENCE})
    with writing():
        number = append(step, cast.ben.actor.lab_now)
    assert group.found() == {"text": [("s003", "s900")]}
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked())
    page = ines.get(HERE).text
    assert f'href="{HERE}/steps/{other}/{number}"' in page
    assert "autumn-a/s900" in page
    assert ines.get(f"{HERE}/steps/{other}/{number}").headers["Location"] == f"/instructor/log/steps/{number}"
    assert "s900" in ines.get(f"/instructor/log/steps/{number}").text, "and it is shown there"


def test_thresholds_are_kept_and_nonsense_is_said(copied, browse, cast):
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked(text="500"))
    page = ines.get(HERE).text
    assert "Nothing was found" in page
    assert 'value="500"' in page
    wrong = ines.post(f"{HERE}/search", asked(text="much", share="900"))
    assert wrong.status_code == 422
    assert "A whole number from 10 to 100" in wrong.text
    assert 'value="much"' in wrong.text


def test_a_remark_is_kept_and_stands_in_the_administration_log(copied, browse, cast):
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked())
    finding = key()
    assert ines.post(f"{HERE}/findings/{finding}", {"state": "explained"}).status_code == 422
    ines.post(f"{HERE}/findings/{finding}", {"state": "explained", "remark": "They worked as a pair."})
    assert "Nothing is open" in ines.get(HERE).text
    assert "They worked as a pair." in ines.get(f"{HERE}?show=all").text
    act = db.session.scalars(select(AdminEntry)).one()
    assert (act.action, act.details["state"], act.details["members"]) == (
        "integrity.remark",
        "explained",
        ["s003", "s002"],
    )
    assert db.session.scalars(select(IntegrityRemark.remark)).one() == "They worked as a pair."


def test_more_facts_open_a_finding_again(group, browse, cast):
    ines = browse(cast.ines)
    for _turn in range(3):
        for address in ("10.1.1.7", "172.16.9.9"):
            group.wait(60).does("ben", "lead.list", address=address)
    ines.post(f"{HERE}/search", asked())
    ines.post(f"{HERE}/findings/{key()}", {"state": "seen", "remark": ""})
    ines.post(f"{HERE}/search", asked())
    assert "Nothing is open" in ines.get(HERE).text
    group.wait(60).does("ben", "lead.list", address="10.1.1.7")
    assert "steps were taken since" in ines.get(HERE).text or "step was taken since" in ines.get(HERE).text
    ines.post(f"{HERE}/search", asked())
    page = ines.get(HERE).text
    assert "1 new fact" in page


def test_a_long_search_is_a_job(copied, browse, cast, monkeypatch):
    monkeypatch.setattr(integrity_run, "AT_ONCE", 0)
    ines = browse(cast.ines)
    answer = ines.post(f"{HERE}/search", asked())
    where = answer.headers["Location"]
    assert where.startswith(f"{HERE}/jobs/")
    assert ines.post(f"{HERE}/search", asked()).headers["Location"] == where, "one at a time"
    assert "begins in a moment" in ines.get(where).text
    assert jobs.work_off() == 1
    assert ines.get(where).headers["Location"] == HERE
    assert SENTENCE in ines.get(HERE).text


def test_no_step_of_any_finding_changes_a_mark(copied, browse, cast):
    ines = browse(cast.ines)
    before = ines.get("/instructor/grades/s002").text.count("points")
    ines.post(f"{HERE}/search", asked())
    assert ines.get("/instructor/grades/s002").text.count("points") == before


@pytest.mark.parametrize("who", ["tess", "olga", "ben", "ada"])
def test_integrity_is_for_the_instructor_alone(who, copied, browse, cast):
    person = browse(getattr(cast, who))
    for url in (HERE, f"{HERE}/jobs/1", f"{HERE}/steps/1/1"):
        assert person.get(url).status_code == 403
    for url in (f"{HERE}/search", f"{HERE}/findings/abc"):
        assert person.post(url, asked()).status_code == 403
    assert f'href="{HERE}"' not in person.get("/").text


def test_what_is_not_there_is_not_found(copied, browse, cast):
    ines = browse(cast.ines)
    assert ines.post(f"{HERE}/findings/abc", {"state": "seen"}).status_code == 404
    assert ines.get(f"{HERE}/jobs/999").status_code == 404
    assert ines.get(f"{HERE}/steps/999/1").status_code == 404
    assert ines.get(f"{HERE}/steps/1/1").headers["Location"] == "/instructor/log/steps/1"
