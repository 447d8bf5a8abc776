"""An archive comes back on another machine: the same log, the same grades, everything to be read, nothing changed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from labapp import jobs
from labapp.access.errors import Refused
from labapp.clock import lab_now
from labapp.db import db
from labapp.gradebook.runs import run
from labapp.lifecycle import archive, indexing, loading, removal, standing, taking
from labapp.lifecycle.asking import RESTORE, Asker, ask_alone
from labapp.lifecycle.check import check
from labapp.lifecycle.manifest import BadArchive
from labapp.lifecycle.unarchive import Wish, restore
from labapp.lifecycle.verify import verify
from labapp.modules.leads.models import Lead
from labapp.oplog import life
from labapp.oplog.models import Operation, Snapshot
from labapp.people.models import Account, Course, Membership, Sandbox
from labapp.records.setup import Setup
from labapp.records.work import Work, writing
from tests import world
from tests.conftest import Browser
from tests.semester import EVERYBODY, Walk, counts, elsewhere, finish, lively, log_of, packed
from tests.test_archive import rehashed
from tests.world import Person

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
FEWEST = 100
# What stays of a restored sandbox that is taken out: its course with the rubrics, and what tells of it.
LEFT_BEHIND = {
    "course",
    "rubric_version",
    "scenario_text",
    "bank_comment",
    "admin_entry",
    "job",
    "course_exam",
}


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATA", tmp_path / "here")


@pytest.fixture
def file(cast: Any, make: Callable[..., Any], tmp_path: Path) -> Path:
    """The archive of the lively sandbox of this machine."""
    return packed(lively(cast, make), tmp_path / "a.zip")


@pytest.fixture(params=BOTH)
def there(request: pytest.FixtureRequest, file: Path, tmp_path: Path) -> Iterator[Flask]:
    """Another machine, once the archive is made."""
    uri = None
    if request.param == "postgresql":
        uri = request.getfixturevalue("postgres_database")("labapp_semester")
    with elsewhere(tmp_path / "there", uri) as app:
        yield app


def rita() -> Account:
    return db.session.scalars(select(Account).where(Account.number == "rita")).one()


def restored(file: Path, **wish: Any) -> Sandbox:
    """The restored sandbox as it stands now, of no session."""
    found = restore(file, Wish(rita().id, **wish)).id
    db.session.rollback()
    sandbox = db.session.get_one(Sandbox, found, populate_existing=True)
    db.session.expunge(sandbox)
    return sandbox


def seat_of_rita(sandbox: Sandbox) -> Person:
    query = select(Membership).where(Membership.sandbox_id == sandbox.id, Membership.account_id == rita().id)
    row = db.session.scalars(query).one()
    return Person("Rita", str(row.key), rita().id, row.id, sandbox.id)


# -- the same ----------------------------------------------------------------------------------------------


def test_the_same_log_and_the_same_grades_elsewhere(
    file: Path, there: Flask, app: Flask, cast: Any, request: pytest.FixtureRequest
) -> None:
    with app.app_context():
        log, graded = log_of(1), run(db.session.get_one(Sandbox, 1)).result
    world.build("another")  # a database that is not empty: every number is another
    sandbox = restored(file)
    assert sandbox.id != 1
    assert verify(sandbox) is None
    assert log_of(sandbox.id) == log
    again = run(db.session.get_one(Sandbox, sandbox.id))
    assert again.known, "the run is stored already, and is the same"
    assert again.result == graded


def test_what_many_steps_changed_has_its_snapshots(
    file: Path, there: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "EVERY", 2)
    sandbox = restored(file)
    lives = [life.Life(sandbox.id, *thing) for thing in life.long_lives(sandbox.id)]
    kept = db.session.scalar(select(func.count()).select_from(Snapshot))
    assert kept == sum(len(one) // 2 for one in lives) > 0
    assert verify(sandbox) is None


def test_restored_course_is_its_own_and_closed(file: Path, there: Flask) -> None:
    sandbox = restored(file)
    course = db.session.get_one(Course, sandbox.course_id)
    assert (sandbox.state, sandbox.name, course.name) == ("restored", "autumn-a", "autumn-a")
    assert course.owner_account_id == rita().id
    assert (course.listed, course.join_code) != (True, "JOINa")
    assert course.closed_at is not None
    assert lab_now(sandbox) == lab_now(sandbox)
    assert restored(file).name == "autumn-a~2", "a second time beside the first"


def test_an_archive_of_an_archive_is_the_same_again(file: Path, there: Flask, tmp_path: Path) -> None:
    first = restored(file)
    again = restored(packed(first.id, tmp_path / "again.zip"))
    assert log_of(again.id) == log_of(first.id)
    assert verify(again) is None


def test_members_have_no_account_unless_it_is_asked_for(file: Path, there: Flask) -> None:
    with writing():
        db.session.add(Account(name="Benjamin", email="ben@school.test"))
        db.session.add(Account(name="Somebody", number="1s003"))
    keys = {key for key, _name in with_accounts(restored(file))}
    assert keys == {"t001"}
    assert with_accounts(restored(file, match=True)) == {
        ("t001", "Rita"),
        ("s002", "Benjamin"),
        ("s003", "Somebody"),
    }


def with_accounts(sandbox: Sandbox) -> set[tuple[str | None, str]]:
    query = select(Membership.key, Account.name).join(Account, Account.id == Membership.account_id)
    found = db.session.execute(query.where(Membership.sandbox_id == sandbox.id))
    return {(row.key, row.name) for row in found}


# -- read, not changed ----------------------------------------------------------------------------------------


def test_every_page_of_it_is_read_by_whoever_restored_it(file: Path, there: Flask) -> None:
    sandbox = restored(file)
    last, browser = sandbox.last_step, Browser(there, seat_of_rita(sandbox))
    for record_type in there.extensions["catalog"].values():
        if f"/{record_type.slug}/" in {str(rule.rule) for rule in there.url_map.iter_rules()}:
            assert browser.get(f"/{record_type.slug}/").status_code == 200
    lead = db.session.scalars(select(Lead).where(Lead.name == "Grace 0"), execution_options=EVERYBODY).one()
    assert "Grace 0" in browser.get(f"/leads/{lead.id}").text
    assert "Grace 0" in browser.get("/search?q=Grace").text, "it is found, too"
    assert "restored from an archive" in browser.get("/").text
    assert browser.get("/instructor/log").status_code == 200
    db.session.rollback()
    assert db.session.get_one(Sandbox, sandbox.id, populate_existing=True).last_step == last


def test_portions_smaller_than_the_tables_give_the_same(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (archive, indexing, loading, removal):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(taking, "AT_ONCE", 3)
    monkeypatch.setattr(taking, "SORTED", 7)
    monkeypatch.setattr(standing, "AT_HAND", 6000)
    log = log_of(1)
    with elsewhere(tmp_path / "there") as there:
        before = counts()
        sandbox = restored(packed_again(file))
        assert verify(sandbox) is None
        assert log_of(sandbox.id) == log
        assert "Grace 0" in Browser(there, seat_of_rita(sandbox)).get("/search?q=Grace").text
        _purge(sandbox.id)
        after = counts()
        assert {name for name in after if after[name] != before[name]} <= LEFT_BEHIND


def packed_again(file: Path) -> Path:
    """Read back in small portions."""
    check(file)
    return file


def test_nobody_writes_in_it(file: Path, there: Flask) -> None:
    sandbox = restored(file)
    person = seat_of_rita(sandbox)
    lead = (
        db.session.scalars(select(Lead).where(Lead.name == "Grace 0"), execution_options=EVERYBODY).one().id
    )
    answer = Browser(there, person).post(f"/leads/{lead}/edit", {"name": "Mallory", "company": "X"})
    assert answer.status_code == 403
    assert "restored from an archive" in answer.text
    with pytest.raises(Refused), Setup(person.actor, "lead.create") as work:
        work.create(Lead, name="Mallory", company="X", status="new")
    db.session.rollback()
    assert verify(db.session.get_one(Sandbox, sandbox.id, populate_existing=True)) is None


def test_a_file_of_it_is_the_file_that_was_sent(file: Path, there: Flask) -> None:
    sandbox = restored(file)
    uploads = Path(there.config["DATA"]) / "uploads" / str(sandbox.id)
    assert [path.read_bytes() for path in uploads.glob("??/*")] == [b"hello"]


# -- all of it, or nothing ---------------------------------------------------------------------------------


def test_spoilt_archive_leaves_nothing(file: Path, there: Flask) -> None:
    before = counts()
    for spoilt in (file.read_bytes()[:-200], file.read_bytes()[:3000], b"PK\\3\\4", b""):
        (there.config["DATA"] / "bad.zip").write_bytes(spoilt)
        with pytest.raises(BadArchive):
            restore(there.config["DATA"] / "bad.zip", Wish(rita().id))
    assert counts() == before


def test_attachments_beyond_the_limit_are_not_restored(file: Path, there: Flask) -> None:
    before = counts()
    there.config["RESTORE_LIMIT"] = 4
    with pytest.raises(
        BadArchive, match=r"attachments are 1 MiB together; at most 0 MiB .*LABAPP_MAX_RESTORE_MB"
    ):
        restore(file, Wish(rita().id))
    assert counts() == before
    there.config["RESTORE_LIMIT"] = 5
    assert restored(file).state == "restored"


@pytest.mark.parametrize("at_once", [3, 10_000], ids=["some of its touches stand", "all of them wait"])
def test_a_log_that_was_rewritten_leaves_nothing_of_its_first_steps(
    file: Path, there: Flask, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Steps go into the log while they are checked: what is found wrong at the end takes the first ones out again."""
    from zipfile import ZipFile

    monkeypatch.setattr(taking, "AT_ONCE", 5)
    monkeypatch.setattr(taking, "SORTED", at_once)
    with ZipFile(file) as archived:
        lines = archived.read("log.jsonl").splitlines(keepends=True)
    content = b"".join([*lines[:-1], lines[-1].replace(b'"verb":"', b'"verb":"un')])
    before = counts()
    with pytest.raises(BadArchive, match="is not as it was written"):
        restore(rehashed(file, "log.jsonl", content), Wish(rita().id))
    assert counts() == before


def test_archive_whose_rows_do_not_fit_leaves_nothing(file: Path, there: Flask) -> None:
    """Hashes and log agree; a mark is of a member who is not there."""
    from zipfile import ZipFile

    with ZipFile(file) as archived:
        content = archived.read("grades/ledger_entry.csv").replace(b"s002", b"s999")
    before = counts()
    with pytest.raises(BadArchive, match="s999"):
        restore(rehashed(file, "grades/ledger_entry.csv", content), Wish(rita().id))
    assert counts() == before
    assert not (Path(there.config["DATA"]) / "uploads").exists() or not list(
        (Path(there.config["DATA"]) / "uploads").rglob("*.*")
    )


def test_every_single_byte_counts(file: Path, there: Flask) -> None:
    """Fifteen bytes anywhere in the file, each alone: refused, or the zip's own margin, which says nothing."""
    whole, chance, refused = file.read_bytes(), Random(4), 0
    for _each in range(15):
        place = chance.randrange(len(whole))
        spoilt = whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
        (there.config["DATA"] / "bad.zip").write_bytes(spoilt)
        try:
            check(there.config["DATA"] / "bad.zip")
        except BadArchive:
            refused += 1
    assert refused >= 12


def test_killed_at_any_statement_nothing_is_half_restored(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with elsewhere(tmp_path / "there"):
        before = counts()
        asker = Asker(rita().id, "rita")
        walked = 0
        for number, lived, job_id in Walk(
            lambda: ask_alone(RESTORE, {"file": str(file)}, asker).id, 29
        ).lives():
            walked = number
            db.session.rollback()
            seen = db.session.scalars(select(Sandbox).where(Sandbox.state == "restored")).all()
            assert lived or len(seen) <= 1
            finish()
            assert db.session.get_one(jobs.Job, job_id).state == jobs.DONE
            (only,) = db.session.scalars(select(Sandbox)).all()
            assert verify(only) is None
            _purge(only.id)
            after = counts()
            assert {name for name in after if after[name] != before[name]} <= LEFT_BEHIND
    with capsys.disabled():
        print(f"\nrestoring: killed up to statement {walked}")
    assert walked > FEWEST


def _purge(sandbox_id: int) -> None:
    from labapp.lifecycle.removal import remove

    remove(sandbox_id)
    db.session.remove()


def test_restoring_beside_the_living_one_changes_nothing_of_it(file: Path, cast: Any) -> None:
    before = log_of(1)
    with writing():
        db.session.add(Account(name="Rita", number="rita", instructor=True, language="en"))
    beside = restored(file)
    assert beside.name == "autumn-a~2"
    with Work(cast.ben.actor, "lead.create") as work:
        work.create(Lead, name="Alive", company="X", status="new")
    assert log_of(1)[: len(before)] == before
    assert verify(beside) is None
    ours = db.session.scalars(
        select(Operation).where(Operation.sandbox_id == beside.id, Operation.id == 1)
    ).one()
    theirs = db.session.scalars(select(Operation).where(Operation.sandbox_id == 1, Operation.id == 1)).one()
    assert ours.hash == theirs.hash
