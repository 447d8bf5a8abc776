"""The semester page: what stands, what can be done, and who may.

School (Ines instructs, Tess assists, Olga observes)
└── Class A └── Sales: Ada manages └── Staff: Ben, Cy
"""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labapp import clock, jobs
from labapp.db import db
from labapp.lifecycle.making import make
from labapp.lifecycle.models import Archive
from labapp.oplog.append import Act
from labapp.people.models import Account, Course, Membership, Sandbox
from labapp.records.work import writing
from tests import world
from tests.conftest import Browser
from tests.instructor.test_console_doors import staff_account
from tests.semester import packed

HERE = "/instructor/semester"


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATA", tmp_path)


@pytest.fixture
def ines(cast: Any, browse: Callable[..., Browser]) -> Browser:
    return browse(cast.ines)


def state() -> str:
    db.session.rollback()
    return str(db.session.scalar(select(Sandbox.state).where(Sandbox.id == 1)))


def work_off() -> None:
    db.session.remove()
    jobs.work_off()
    db.session.remove()


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def course_beside(cast: Any) -> Course:
    """Another course of Ines's, in the running transaction."""
    whose = cast.ines.account_id
    made = Course(title="Old", name="old", scenario="tiny", join_code="OLD999", owner_account_id=whose)
    db.session.add(made)
    db.session.flush()
    return made


def archived(cast: Any) -> int:
    make(1, "autumn.zip", Act("x", "ines"))
    return int(db.session.scalars(select(Archive.id)).one())


# -- who may -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["tess", "olga", "ada", "ben"])
def test_only_instructors_see_it_and_have_anything_done(cast: Any, browse: Any, who: str) -> None:
    number = archived(cast)
    browser = browse(getattr(cast, who))
    for path in (
        "",
        "/progress",
        "/restore",
        "/restore/progress",
        f"/archives/{number}",
        "/1/reset",
        "/1/purge",
    ):
        assert browser.get(HERE + path).status_code == 403
    for path in ("/archive", "/1/archive", "/1/freeze", "/1/reset", "/1/purge", "/rollover", "/restore"):
        assert browser.post(HERE + path, {"name": "autumn-a"}).status_code == 403
    assert browser.get("/instructor/jobs").status_code == 403
    assert db.session.scalars(select(jobs.Job)).all() == []
    assert state() == "open"


def test_an_archive_of_a_stranger_is_not_there(cast: Any, browse: Any) -> None:
    number = archived(cast)
    stranger = world.build("autumn-b")["Ines"]
    browser = browse(stranger)
    assert browser.get(f"{HERE}/archives/{number}").status_code == 404
    assert browser.post(f"{HERE}/archives/{number}/check").status_code == 404
    for path in ("/1/archive", "/1/freeze", "/1/reset", "/1/purge"):
        assert browser.post(HERE + path).status_code == 404
    assert "autumn.zip" not in browser.get(HERE).text
    assert state() == "open"


# -- archives ----------------------------------------------------------------------------------------------


def test_one_button_archives_and_the_list_says_that_it_is_whole(ines: Browser) -> None:
    assert "There is no archive yet" in ines.get(HERE).text
    assert ines.post(f"{HERE}/archive").status_code == 302
    assert "It begins in a moment." in ines.get(f"{HERE}/progress").text
    work_off()
    assert ines.get(f"{HERE}/progress").headers["HX-Refresh"] == "true"
    page = text_of(ines.get(HERE).text)
    assert "whole" in page
    assert "everything" in page or "step more since" in page or "steps more since" in page
    assert "Download" in page


def test_a_download_is_the_file(cast: Any, ines: Browser, tmp_path: Path) -> None:
    with ines.get(f"{HERE}/archives/{archived(cast)}") as answer:
        assert answer.data == (tmp_path / "archives" / "autumn.zip").read_bytes()
        assert "autumn.zip" in answer.headers["Content-Disposition"]


def test_an_archive_that_was_spoilt_says_so_when_it_is_checked(
    cast: Any, ines: Browser, tmp_path: Path
) -> None:
    number = archived(cast)
    (tmp_path / "archives" / "autumn.zip").write_bytes(b"PK")
    assert ines.post(f"{HERE}/archives/{number}/check").status_code == 302
    work_off()
    assert "its checksum is another" in ines.get(HERE).text


# -- restoring ---------------------------------------------------------------------------------------------


def send(browser: Browser, content: bytes, name: str = "autumn.zip") -> Any:
    data = {"file": (io.BytesIO(content), name)}
    return browser.post(f"{HERE}/restore", data, content_type="multipart/form-data")


def test_an_archive_that_is_sent_becomes_a_course_to_read(ines: Browser, cast: Any, tmp_path: Path) -> None:
    file = packed(1, tmp_path / "a.zip")
    assert send(ines, file.read_bytes()).status_code == 302
    work_off()
    found = db.session.scalars(select(Sandbox).where(Sandbox.state == "restored")).one()
    course = db.session.get_one(Course, found.course_id)
    assert (found.name, course.owner_account_id) == ("autumn-a~2", cast.ines.account_id)
    assert "received-autumn" in ines.get(HERE).text
    page = ines.get(f"{HERE}/restore").text
    assert f"/instructor/courses/{course.id}" in page, "the way there is on the page"
    seat = select(Membership).filter_by(sandbox_id=found.id, account_id=cast.ines.account_id)
    assert db.session.scalars(seat).one().role == "instructor"


def test_an_archive_is_restored_where_there_is_no_course_yet(
    cast: Any, browse: Callable[..., Browser], tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new machine: its instructor is in no sandbox, and sends the archive of the old one, a large file."""
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    account = staff_account("Ivo", instructor=True)
    ivo = browse()
    with ivo.client.session_transaction() as session:
        session["_user_id"] = account
    assert f"{HERE}/restore" in ivo.get("/instructor/courses").text
    assert ivo.get(f"{HERE}/restore").status_code == 200
    assert "Nothing was restored" in send(ivo, b"x" * 5000).text
    assert send(ivo, packed(1, tmp_path / "a.zip").read_bytes()).status_code == 302
    work_off()
    course = db.session.scalars(select(Course).order_by(Course.id.desc())).first()
    assert course is not None
    assert course.owner_account_id == int(account.split(".")[0])
    assert f"/instructor/courses/{course.id}" in ivo.get(f"{HERE}/restore").text
    assert f"/instructor/courses/{course.id}" in ivo.get("/instructor/courses").text
    other = browse(world.build("autumn-c")["Ines"])
    assert f"/instructor/courses/{course.id}" not in other.get(f"{HERE}/restore").text


def test_what_could_not_be_restored_stands_on_its_own_page_alone(ines: Browser, tmp_path: Path) -> None:
    send(ines, packed(1, tmp_path / "a.zip").read_bytes())
    for file in (tmp_path / "archives").glob("received-*"):
        file.write_bytes(b"PK")
    work_off()
    assert db.session.scalars(select(jobs.Job.state)).one() == "failed"
    assert "alert-warning" in ines.get(f"{HERE}/restore").text
    assert "alert-warning" not in ines.get(HERE).text


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 and nothing"])
def test_what_is_no_archive_is_refused_at_once_and_not_kept(
    ines: Browser, tmp_path: Path, content: bytes
) -> None:
    answer = send(ines, content)
    assert answer.status_code == 422
    assert "Nothing was restored" in answer.text
    assert list((tmp_path / "archives").iterdir()) == []
    assert db.session.scalars(select(jobs.Job)).all() == []


def test_nothing_chosen_is_said(ines: Browser) -> None:
    answer = ines.post(f"{HERE}/restore", {})
    assert answer.status_code == 422
    assert "Choose the file" in answer.text


def test_instructors_send_large_files_others_do_not(
    ines: Browser, cast: Any, browse: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    assert send(ines, b"x" * 5000).status_code == 422
    assert send(browse(cast.ben), b"x" * 5000).status_code in {403, 413}


# -- freeze, reset, purge ----------------------------------------------------------------------------------


def test_frozen_students_see_why_and_change_nothing(ines: Browser, cast: Any, browse: Any) -> None:
    assert ines.post(f"{HERE}/1/freeze").status_code == 302
    assert state() == "frozen"
    ben = browse(cast.ben)
    assert "This sandbox is frozen" in ben.get("/leads/").text
    answer = ben.post("/leads/new", {"name": "N", "company": "C"})
    assert answer.status_code == 403
    assert "frozen" in answer.text
    assert ines.post(f"{HERE}/1/unfreeze").status_code == 302
    assert state() == "open"


def test_what_happens_is_said_before_a_reset(ines: Browser) -> None:
    page = text_of(ines.get(f"{HERE}/1/reset").text)
    assert "The old one is put aside" in page
    assert "None is lost" in page
    assert ines.post(f"{HERE}/1/reset").status_code == 302
    work_off()
    job = db.session.scalars(select(jobs.Job)).one()
    assert job.state == jobs.FAILED, "this course was opened from no scenario"
    assert "scenario of this course" in ines.get(HERE).text


def test_what_failed_on_another_course_does_not_stand_here(ines: Browser, cast: Any) -> None:
    """Nor does what is under way there."""
    with writing():
        other = course_beside(cast)
        for state_, message in ((jobs.FAILED, "It broke."), (jobs.RUNNING, "Half of it.")):
            whose = {"course_id": other.id, "account_id": cast.ines.account_id}
            job = jobs.ask("course.rollover", {"to": "next"}, **whose)
            job.state, job.heartbeat, job.message = state_, clock.now(), message
    page = ines.get(HERE).text
    assert "It broke." not in page
    assert "Half of it." not in page


def test_purging_needs_the_name_and_keeps_what_was_typed(ines: Browser) -> None:
    answer = ines.post(f"{HERE}/1/purge", {"name": "autumn-b"})
    assert answer.status_code == 422
    assert "Nothing was purged" in answer.text
    assert 'value="autumn-b"' in answer.text
    assert db.session.scalars(select(jobs.Job)).all() == []


def test_purged_it_is_gone_and_its_archive_stays(ines: Browser, cast: Any) -> None:
    with writing():
        db.session.get_one(Course, 1).owner_account_id = cast.ines.account_id
        db.session.get_one(Account, cast.ines.account_id).instructor = True
    assert ines.post(f"{HERE}/1/purge", {"name": "autumn-a"}).status_code == 302
    work_off()
    assert db.session.scalars(select(Sandbox)).all() == []
    assert ines.get(HERE).status_code in {302, 403}
    assert db.session.scalars(select(Archive)).one().wrong == ""


def test_a_course_that_is_gone_is_not_offered_after_its_purge(ines: Browser, cast: Any) -> None:
    with writing():
        gone = course_beside(cast)
        job = jobs.ask("sandbox.purge", {"course_id": gone.id}, account_id=cast.ines.account_id)
        job.state, job.heartbeat, job.result = jobs.DONE, clock.now(), {"course_id": gone.id}
        number = gone.id
    page = ines.get(HERE).text
    assert "Purge: done." in page
    assert f"/instructor/courses/{number}" not in page


# -- the next term -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "required"), ("autumn-a", "already"), ("a/b", "letters, digits"), ("x" * 61, "At most 60")],
)
def test_a_name_that_cannot_be_is_refused_and_kept(ines: Browser, name: str, sentence: str) -> None:
    answer = ines.post(f"{HERE}/rollover", {"to": name, "title": "My title"})
    assert answer.status_code == 422
    assert sentence.lower() in answer.text.lower() or "needed" in answer.text.lower()
    assert 'value="My title"' in answer.text
    assert state() == "open"


def test_pressed_twice_it_is_one_job(ines: Browser) -> None:
    for _each in range(2):
        assert ines.post(f"{HERE}/rollover", {"to": "next", "title": "T"}).status_code == 302
    assert len(db.session.scalars(select(jobs.Job)).all()) == 1


def test_other_work_on_the_same_sandbox_waits(ines: Browser) -> None:
    ines.post(f"{HERE}/1/archive")
    answer = ines.post(f"{HERE}/1/reset")
    assert answer.status_code == 422
    assert "not over yet" in answer.text


def test_jobs_are_listed_with_their_sentence(ines: Browser) -> None:
    ines.post(f"{HERE}/1/reset")
    work_off()
    page = text_of(ines.get("/instructor/jobs").text)
    assert "Reset" in page
    assert "Failed" in page
    assert "scenario of this course" in page
