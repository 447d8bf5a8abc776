"""Courses in the browser: one more from a scenario, by a durable job; its join code; who may still come."""

from typing import Any

import pytest
from sqlalchemy import select

from labapp import jobs
from labapp.db import begin_write, db
from labapp.oplog.models import AdminEntry
from labapp.people.enrol import apply_for
from labapp.people.models import Account, Course, Membership, Sandbox
from tests.smallfirm import small_firm

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
    assert "First week in sales" in page, "the scenario by its title"
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


@pytest.mark.parametrize(
    ("state", "said", "joinable"),
    [
        ("open", "", True),
        ("frozen", "This course is frozen", True),
        ("archived", "This course is put aside", False),
        ("restored", "This course was restored from an archive", False),
    ],
)
def test_a_course_that_nobody_works_in_says_so(
    cast: Any, browse: Any, state: str, said: str, joinable: bool
) -> None:
    ines = browse(cast.ines)
    begin_write()
    sandbox = db.session.get_one(Sandbox, cast.ines.sandbox_id)
    sandbox.state, number = state, sandbox.course_id
    db.session.commit()
    page = ines.get(f"{URL}/{number}").get_data(as_text=True)
    assert said in page
    assert ("This course" in page) == bool(said)
    assert ('class="join-code"' in page) == joinable


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


# -- teams and single students ---------------------------------------------------------------------


@pytest.fixture
def lone(app: Any, cast: Any, browse: Any, tmp_path: Any, monkeypatch: Any) -> Any:
    """Ines has opened a course of two students, each alone in the small firm; her browser is in the first sandbox."""
    (tmp_path / "scenarios").mkdir()
    small_firm(tmp_path / "scenarios")
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path))
    ines = browse(cast.ines)
    given = {**GIVEN, "scenario": "small-firm", "mode": "individual", "students": "2"}
    progress = ines.post(f"{URL}/new", given).headers["Location"]
    jobs.work_off()
    db.session.remove()
    assert ines.get(progress).status_code == 302
    ines.post(f"/sandbox/{entry(cast, 'spring-27/s001')}")
    return ines


def entry(cast: Any, sandbox: str) -> int:
    """Ines' membership in a sandbox."""
    query = select(Membership.id).join(Sandbox, Sandbox.id == Membership.sandbox_id)
    query = query.where(Sandbox.name == sandbox, Membership.account_id == cast.ines.account_id)
    return db.session.scalars(query).one()


def waits(number: str, name: str) -> int:
    begin_write()
    account = Account(number=number, name=name, epoch=0)
    db.session.add(account)
    db.session.flush()
    row = apply_for(account, course("spring-27"), None)
    assert row is not None
    found = row.id
    db.session.commit()
    return found


def test_the_page_of_a_course_lists_its_sandboxes(cast: Any, lone: Any) -> None:
    here = f"{URL}/{course('spring-27').id}"
    page = lone.get(here).get_data(as_text=True)
    assert "2 sandboxes" in page
    assert "2 free seats" in page
    for box in ("s001", "s002"):
        assert f'action="/sandbox/{entry(cast, "spring-27/" + box)}"' in page
    assert "s002" not in lone.get(f"{here}?q=s001").get_data(as_text=True).split('id="sandboxes"')[1]
    assert "No sandbox has this number or name." in lone.get(f"{here}?q=zzz").get_data(as_text=True)


def test_the_header_leads_to_every_sandbox_of_the_course(cast: Any, lone: Any) -> None:
    page = lone.get("/").get_data(as_text=True)
    menu = page.split('class="dropdown-menu sandbox-menu"')[1].split("</header>")[0]
    assert "2 sandboxes of this course" in menu
    assert f'action="/sandbox/{entry(cast, "spring-27/s002")}"' in menu
    assert "CRM in spring · s001" in page
    lone.post(f"/sandbox/{entry(cast, 'spring-27/s002')}")
    assert "CRM in spring · s002" in lone.get("/").get_data(as_text=True)


def test_who_waits_is_approved_without_a_position_into_a_sandbox_of_their_own(cast: Any, lone: Any) -> None:
    ids = [waits("20260001", "Wu Min"), waits("20260002", "Li Hua"), waits("20260003", "He Xin")]
    answer = lone.post(
        "/instructor/registrations/approve", {"ids": ids, "position_id": "", "role": "student"}
    )
    assert answer.status_code == 302
    query = (
        select(Account.name, Sandbox.name)
        .join(Membership, Membership.account_id == Account.id)
        .join(Sandbox, Sandbox.id == Membership.sandbox_id)
        .where(Account.number.startswith("2026000"))
        .order_by(Sandbox.id)
    )
    assert [tuple(row) for row in db.session.execute(query)] == [
        ("Wu Min", "spring-27/s001"),
        ("Li Hua", "spring-27/s002"),
        ("He Xin", "spring-27/s003"),
    ]
    page = lone.get(f"{URL}/{course('spring-27').id}").get_data(as_text=True)
    assert "He Xin" in page
    assert "3 sandboxes" in page


def test_somebody_added_by_hand_is_shown_in_their_own_sandbox(cast: Any, lone: Any) -> None:
    given = {"login": "20260009", "name": "Zhao Lei", "position_id": "", "role": "student"}
    for number in ("20260008", "20260009"):
        answer = lone.post("/instructor/users/add", {**given, "login": number})
        page = lone.get(answer.headers["Location"]).get_data(as_text=True)
        assert "Zhao Lei" in page
        assert "/reset/" in page  # the one-time address, on the page of the sandbox they are in
    assert "CRM in spring · s002" in page


def test_more_sandboxes_are_opened_by_a_job(cast: Any, lone: Any) -> None:
    here = f"{URL}/{course('spring-27').id}"
    for count in ("0", "x", "1000"):
        assert lone.post(f"{here}/further", {"count": count}).headers["Location"] == f"{here}#sandboxes"
    assert db.session.scalars(select(jobs.Job).where(jobs.Job.kind == "course.further")).all() == []
    progress = lone.post(f"{here}/further", {"count": "2"}).headers["Location"]
    jobs.work_off()
    db.session.remove()
    assert lone.get(progress).headers["Location"] == here
    assert "4 sandboxes" in lone.get(here).get_data(as_text=True)
    assert acts()[-1] == "course.further"


def test_simulated_colleagues_are_shown_as_such_and_kept(cast: Any, lone: Any) -> None:
    page = lone.get("/instructor/users").get_data(as_text=True)
    assert page.count("Simulated") == 6
    here = select(Sandbox.id).where(Sandbox.name == "spring-27/s001").scalar_subquery()
    simulated = select(Membership.id).where(Membership.sandbox_id == here, Membership.state == "simulated")
    colleague = db.session.scalars(simulated.order_by(Membership.id)).all()[0]
    page = lone.get(f"/instructor/users/{colleague}").get_data(as_text=True)
    assert "A simulated colleague" in page
    assert "/deactivate" not in page
    assert lone.post(f"/instructor/users/{colleague}/deactivate").status_code == 422
