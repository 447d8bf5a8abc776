"""Courses in the browser: one more from a scenario, by a durable job; its join code; who may still come."""

from typing import Any

import pytest
from sqlalchemy import select

from labapp import jobs
from labapp.db import begin_write, db
from labapp.oplog.models import AdminEntry
from labapp.people.models import Account, Course, Membership, Sandbox

URL = "/instructor/courses"
GIVEN = {
    "scenario": "sales-basics",
    "title": "CRM in spring",
    "name": "spring-27",
    "term": "2026-2027-2",
    "students": "2",
    "mode": "class",
    "language": "zh",
    "seed": "7",
    "listed": "y",
}


def course(name: str) -> Any:
    return db.session.scalars(select(Course).where(Course.name == name)).one_or_none()


def acts() -> list[str]:
    return list(db.session.scalars(select(AdminEntry.action).order_by(AdminEntry.id)))


def test_a_course_is_opened_by_a_job_and_can_be_entered(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    asked = ines.post(f"{URL}/new", GIVEN)
    assert asked.status_code == 302
    progress = asked.headers["Location"]
    page = ines.get(progress).get_data(as_text=True)
    assert "hx-get" in page
    assert 'http-equiv="refresh"' in page
    assert jobs.work_off() == 1
    db.session.remove()
    made = course("spring-27")
    done = ines.get(progress)
    assert done.headers["Location"] == f"{URL}/{made.id}"
    assert ines.get(progress, headers={"HX-Request": "true"}).headers["HX-Redirect"] == f"{URL}/{made.id}"
    assert (made.title, made.term, made.owner_account_id) == (
        "CRM in spring",
        "2026-2027-2",
        cast.ines.account_id,
    )
    page = ines.get(f"{URL}/{made.id}").get_data(as_text=True)
    assert f'<p class="join-code">{made.join_code}</p>' in page
    wall = ines.get(f"{URL}/{made.id}/join-code").get_data(as_text=True)
    assert f'<p class="join-code">{made.join_code}</p>' in wall
    entry = db.session.scalars(
        select(Membership.id).where(
            Membership.course_id == made.id, Membership.account_id == cast.ines.account_id
        )
    ).one()
    assert f"/sandbox/{entry}" in page
    assert ines.post(f"/sandbox/{entry}").status_code == 302
    assert "CRM in spring" in ines.get("/").get_data(as_text=True)


def test_an_opening_that_was_killed_goes_on_with_what_is_whole(app: Any, cast: Any, browse: Any) -> None:
    begin_write()
    half = Course(name="spring-27", title="Half", scenario="sales-basics", join_code="HALF22")
    db.session.add(half)
    db.session.flush()
    source = db.session.get(Sandbox, cast.ines.sandbox_id)
    sandbox = Sandbox(
        course_id=half.id,
        name="spring-27",
        scenario="sales-basics",
        starts_at=source.starts_at,
        clock_base=source.clock_base,
        last_lab_at=source.last_lab_at,
        state="opening",
    )
    db.session.add(sandbox)
    args = {
        "scenario": "sales-basics",
        "name": "spring-27",
        "title": "CRM",
        "term": "",
        "students": 1,
        "language": "zh",
        "seed": 7,
        "locale": "en",
    }
    job = jobs.ask("course.open", args, account_id=cast.ines.account_id)
    job.resume = {"course_id": half.id}
    job_id, half_id, sandbox_id = job.id, half.id, sandbox.id
    db.session.commit()
    jobs.work_off()
    db.session.remove()
    assert db.session.get(jobs.Job, job_id).state == "done"
    assert course("spring-27").id == half_id
    assert db.session.get(Sandbox, sandbox_id).state == "purging"
    whole = db.session.scalars(select(Sandbox).where(Sandbox.name == "spring-27")).one()
    assert (whole.state, whole.course_id) == ("open", half_id)


def test_a_job_that_cannot_be_done_says_why(app: Any, cast: Any, browse: Any) -> None:
    begin_write()
    args = {
        "scenario": "sales-basics",
        "name": "autumn-a",
        "title": "CRM",
        "term": "",
        "students": 1,
        "language": "zh",
        "seed": 7,
        "locale": "en",
    }
    job_id = jobs.ask("course.open", args, account_id=cast.ines.account_id).id
    db.session.commit()
    jobs.work_off()
    page = browse(cast.ines).get(f"{URL}/opening/{job_id}").get_data(as_text=True)
    assert "autumn-a already" in page
    assert 'hx-get="/instructor/courses/opening' not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scenario", "none"),
        ("title", ""),
        ("name", "a/b"),
        ("name", "autumn-a"),
        ("name", ""),
        ("students", "900"),
        ("mode", "alone"),
        ("team_size", "1"),
        ("students", "-2"),
        ("seed", "x"),
        ("term", "t" * 90),
    ],
)
def test_bad_answers_open_nothing_and_stay_in_the_form(
    app: Any, cast: Any, browse: Any, field: str, value: str
) -> None:
    answer = browse(cast.ines).post(f"{URL}/new", {**GIVEN, field: value})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    if field != "title":
        assert "CRM in spring" in answer.get_data(as_text=True)
    assert db.session.scalars(select(jobs.Job)).all() == []


def test_only_who_asked_sees_how_far_it_is(app: Any, cast: Any, browse: Any) -> None:
    begin_write()
    job_id = jobs.ask("course.open", {"title": "x"}, account_id=cast.ben.account_id).id
    db.session.commit()
    assert browse(cast.ines).get(f"{URL}/opening/{job_id}").status_code == 404


def test_title_term_and_listing_are_changed(app: Any, cast: Any, browse: Any) -> None:
    here = course("autumn-a").id
    assert (
        browse(cast.ines).post(f"{URL}/{here}/edit", {"title": "New title", "term": "autumn"}).status_code
        == 302
    )
    found = course("autumn-a")
    assert (found.title, found.term, found.listed) == ("New title", "autumn", False)
    assert acts()[-1] == "course.edit"
    assert browse(cast.ines).post(f"{URL}/{here}/edit", {"title": " "}).status_code == 422


def test_a_new_join_code_ends_the_old_one(app: Any, cast: Any, browse: Any) -> None:
    found = course("autumn-a")
    here, old = found.id, found.join_code
    assert browse(cast.ines).post(f"{URL}/{here}/code").status_code == 302
    assert course("autumn-a").join_code != old
    assert acts()[-1] == "course.new_code"


def test_registration_is_closed_and_opened(app: Any, cast: Any, browse: Any) -> None:
    here = course("autumn-a").id
    browse(cast.ines).post(f"{URL}/{here}/close")
    assert course("autumn-a").closed_at is not None
    browse(cast.ines).post(f"{URL}/{here}/open")
    assert course("autumn-a").closed_at is None


def test_a_course_of_others_is_not_found(app: Any, cast: Any, browse: Any) -> None:
    begin_write()
    db.session.add(Course(name="foreign", title="Foreign", scenario="none", join_code="FOR222"))
    db.session.commit()
    here = course("foreign").id
    for verb in ("edit", "code", "close"):
        assert browse(cast.ines).post(f"{URL}/{here}/{verb}", {"title": "mine"}).status_code == 404
    assert course("foreign").title == "Foreign"


def test_a_student_opens_no_course(app: Any, cast: Any, browse: Any) -> None:
    assert browse(cast.ben).post(f"{URL}/new", GIVEN).status_code == 403
    assert db.session.scalars(select(jobs.Job)).all() == []


def test_an_administrator_makes_an_instructor(app: Any, cast: Any, browse: Any) -> None:
    begin_write()
    db.session.get(Account, cast.ines.account_id).administrator = True
    db.session.commit()
    ines = browse(cast.ines)
    assert ines.post("/instructor/staff/add", {"login": "ivo@school.test", "name": "Ivo"}).status_code == 302
    page = ines.get("/instructor/staff").get_data(as_text=True)
    assert "/reset/" in page
    ivo = db.session.scalars(select(Account).where(Account.email == "ivo@school.test")).one()
    assert ivo.instructor
    ivo_id = ivo.id
    assert ines.post(f"/instructor/staff/{ivo_id}/no_instructor").status_code == 302
    assert not db.session.get(Account, ivo_id, populate_existing=True).instructor
    assert ines.post("/instructor/staff/add", {"login": cast.ben.login}).status_code == 302
    assert db.session.get(Account, cast.ben.account_id, populate_existing=True).instructor
    answer = ines.post(f"/instructor/staff/{cast.ines.account_id}/no_administrator")
    assert answer.status_code == 422
    assert db.session.get(Account, cast.ines.account_id, populate_existing=True).administrator
