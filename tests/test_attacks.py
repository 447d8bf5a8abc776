"""What somebody with a seat of their own tries to get: the courses of others, early answers, a broken page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import literal, select, update

from labapp.db import db
from labapp.gradebook.models import BankComment, LedgerEntry
from labapp.lifecycle.manifest import BadArchive
from labapp.lifecycle.unarchive import Wish, restore
from labapp.people.models import Account, Course, Membership, Sandbox, new_stamp
from labapp.records.work import writing
from tests import world
from tests.semester import RUBRIC, lively, packed
from tests.sitting import begin, exam
from tests.tables import everything, moved
from tests.test_archive import rehashed
from tests.test_every_route import FORMS, address, rules

__all__ = ["exam"]

# -- archives that say they belong to the course of somebody else ------------------------------------


def forged(file: Path, **said: str) -> Path:
    """The archive with another manifest."""
    made = file.with_name("forged.zip")
    with ZipFile(file) as source, ZipFile(made, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = json.dumps({**json.loads(content), **said}).encode()
            target.writestr(name, content)
    return made


@pytest.fixture
def mallory(app: Any) -> int:
    """An instructor of nothing."""
    with writing():
        account = Account(name="Mallory", number="mallory", instructor=True, language="en")
        db.session.add(account)
        db.session.flush()
        return int(account.id)


@pytest.fixture
def file(app: Any, cast: Any, make: Callable[..., Any], tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setitem(app.config, "DATA", tmp_path / "here")
    return packed(lively(cast, make), tmp_path / "a.zip")


def course_of(sandbox: Sandbox) -> tuple[int, int | None]:
    """Number and owner of the course of a restored sandbox."""
    course_id = sandbox.course_id
    db.session.remove()
    return course_id, db.session.get_one(Course, course_id).owner_account_id


def test_an_archive_without_origin_opens_no_living_course(file: Path, mallory: int) -> None:
    number, owner = course_of(restore(forged(file, origin="", unit="team9"), Wish(mallory)))
    assert (number != 1, owner) == (True, mallory)


def test_an_archive_of_the_same_origin_does_not_open_the_course_of_another(
    file: Path, cast: Any, mallory: int
) -> None:
    theirs, _ines = course_of(restore(file, Wish(cast.ines.account_id)))
    mine, owner = course_of(restore(forged(file, unit="team9"), Wish(mallory)))
    assert (mine != theirs, owner) == (True, mallory)
    again, _mallory = course_of(restore(forged(file, unit="team8"), Wish(mallory)))
    assert again == mine, "one's own come together"


# -- an instructor of another course, with every number of this one ---------------------------------


def rows_of_course_one() -> dict[str, list[str]]:
    """Every row of the first course and its sandbox, as text; what follows from the log left out."""
    db.session.remove()
    found = {}
    with db.engine.connect() as connection:
        for name, table in db.metadata.tables.items():
            for column in ("sandbox_id", "course_id"):
                if column in table.c:
                    query = select(table).where(table.c[column] == 1).order_by(*table.primary_key)
                    found[f"{name} {column}"] = [repr(row) for row in connection.execute(query)]
    return found


def canaries(cast: Any, make: Callable[..., Any]) -> None:
    """Names in the first course that nobody of the second may read."""
    lively(cast, make)
    make("lead", cast.ben, name="Canarylead")
    with writing():
        named = (
            update(Membership)
            .where(Membership.course_id == 1)
            .values(name=literal("Canary") + Membership.key)
        )
        db.session.connection().execute(named)
        entry = LedgerEntry(
            sandbox_id=1, membership_id=cast.ben.membership_id, kind="dispute", task="leads", check=0,
            reason="Canarytext", account="ben", details={"steps": [1]},
        )  # fmt: skip
        db.session.add(entry)
        db.session.add(BankComment(course_id=1, account_id=1, task="", text="Canarycomment", shared=True))


ASKED = {
    **dict.fromkeys(
        "member members position positions place place_id owner about check number ids".split(), "1"
    ),
    **dict.fromkeys("version account sandbox_id course_id course membership".split(), "1"),
    **{
        "name": "autumn-a",
        "task": "leads",
        "verdict": "stands",
        "reason": "Because",
        "points": "1",
        "words": "Hint",
    },
    **{"text": "x", "state": "seen", "remark": "x", "confirm": "1", "kind": "mark"},
}


def test_nobody_reaches_another_course_by_its_numbers(
    app: Any, cast: Any, make: Callable[..., Any], browse: Any, exam: Any
) -> None:
    canaries(cast, make)
    begin(browse(cast.ben))
    other = world.build("spring-b")["Ines"]
    foreign = {"lead": 1, "customer": 1, "opportunity": 1, "activity": 1}
    before, browser, told, wrong = rows_of_course_one(), browse(other), [], []
    for rule in rules(app, "GET"):
        url = address(app, rule, cast, foreign)
        answer = browser.get(url, query_string=ASKED, buffered=True)
        wrong += [url] if answer.status_code >= 500 else []
        told += [url] if b"Canary" in answer.get_data() else []
    assert (sorted(set(told)), sorted(set(wrong))) == ([], [])
    for rule in rules(app, "POST"):
        url = address(app, rule, cast, foreign)
        if rule.endpoint in {"account.join", "account.logout", "account.register"}:
            continue
        answer = browser.post(url, ASKED)
        wrong += [url] if answer.status_code >= 500 else []
        told += [url] if b"Canary" in answer.get_data() else []
    now = rows_of_course_one()
    assert [name for name in now if now[name] != before[name]] == []
    assert (sorted(set(told)), sorted(set(wrong))) == ([], [])


# -- what no browser sends --------------------------------------------------------------------------


DIGITS = "9" * 5000
ODD: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("get", "/instructor/log/heat?until=0001-01-01", {}),
    ("get", "/instructor/log/heat?day=9999-12-31", {}),
    ("get", "/instructor/log/heat?day=0001-01-01", {}),
    ("get", "/instructor/log/member/s002/9999-12-31", {}),
    ("get", f"/instructor/scenarios/sales-basics/preview?seed={DIGITS}", {}),
    ("get", "/instructor/scenarios/sales-basics/preview?seed=²", {}),
    ("get", f"/instructor/grades/rubric?version={DIGITS[:400]}", {}),
    ("get", f"/leads/?position={DIGITS}", {}),
    ("get", "/leads/?position=²", {}),
    ("post", "/instructor/exams/bank", {"text": "x", "version": "²"}),
    ("post", "/instructor/grades/files", {"kept": "[" * 100_000}),
    ("post", "/instructor/grades/files", {"kept": '[["Email address","Grade"]]', "target": DIGITS}),
    ("post", f"/instructor/courses/{2**63}/code", {}),
    ("post", f"/instructor/courses/{10**30}/edit", {"title": "x"}),
    ("get", f"/clock/moving/{2**63}", {}),
    ("get", f"/instructor/integrity/jobs/{10**30}", {}),
    ("get", f"/instructor/courses/opening/{2**63}", {}),
    ("get", f"/instructor/semester/archives/{2**63}", {}),
    ("get", f"/instructor/semester/{2**63}/purge", {}),
    ("post", f"/instructor/semester/{2**63}/purge", {}),
    ("post", f"/leads/{2**63}/edit", {}),
    ("post", "/instructor/organisation", {"opens": "²²:00"}),
)


@pytest.mark.parametrize(("method", "url", "form"), ODD)
def test_numbers_and_days_that_no_page_has_break_nothing(
    app: Any,
    cast: Any,
    make: Callable[..., Any],
    browse: Any,
    exam: Any,
    method: str,
    url: str,
    form: dict[str, str],
) -> None:
    with writing():
        db.session.get_one(Course, 1).rubric = RUBRIC
    browser = browse(cast.ines)
    answer = browser.get(url) if method == "get" else browser.post(url, form)
    assert answer.status_code < 500


def test_an_answer_of_digits_that_are_none_breaks_no_paper(cast: Any, browse: Any, exam: Any) -> None:
    ben = browse(cast.ben)
    number = begin(ben)
    answers = {f"a{place}": "²" for place in range(1, 6)}
    assert ben.post(f"/exams/{number}/save", answers).status_code == 302
    assert ben.post(f"/exams/{number}/submit", answers).status_code == 302


def test_a_text_that_would_fill_the_memory_is_refused(file: Path, mallory: int) -> None:
    long = "".join(f"# {number}\n" for number in range(2_600_000)).encode()
    with pytest.raises(BadArchive, match=r"rubric\.yaml in it cannot be read"):
        restore(rehashed(file, "rubric.yaml", long), Wish(mallory))


# -- a sandbox that is only read --------------------------------------------------------------------


OWN = {"saved_view", "notice", "account", "calendar_feed", "sign_in_attempt", "admin_entry", "device"}


def test_students_change_nothing_where_it_is_only_read(
    app: Any, cast: Any, make: Callable[..., Any], browse: Any, exam: Any
) -> None:
    lively(cast, make)
    ben = browse(cast.ben)
    number = begin(ben)
    ids = {kind: make(kind, cast.ben).id for kind in ("lead", "customer", "opportunity", "activity")}
    with writing():
        db.session.connection().execute(
            update(Sandbox).where(Sandbox.id == 1).values(state="frozen", stamp=new_stamp())
        )
    stands, wrong = everything(), []
    for rule in rules(app, "POST"):
        if rule.endpoint in {"account.logout", "account.register", "account.password", "account.join"}:
            continue
        parts = {"attempt_id": number} if "attempt_id" in rule.arguments else {}
        url = address(app, rule, cast, ids, **parts)
        answer = ben.post(
            url, FORMS.get(rule.endpoint, lambda ids: {})(ids) | {"a1": "1", "name": "x", "company": "x"}
        )
        wrong += [url] if answer.status_code >= 500 else []
    assert wrong == []
    assert set(moved(stands)) - OWN == set()


@pytest.mark.parametrize("state", ["archived", "restored"])
def test_students_do_not_enter_what_is_kept_for_grading(app: Any, cast: Any, browse: Any, state: str) -> None:
    with writing():
        kept = update(Sandbox).where(Sandbox.id == 1).values(state=state, stamp=new_stamp())
        db.session.connection().execute(kept)
    stands, ben = everything(), browse(cast.ben)
    for url in ("/coach/grades/dispute", "/exams/papers/entry/start", "/leads/new"):
        assert ben.post(url, {"name": "x"}).location == "/waiting"
    assert moved(stands) == []


# -- script in what people write, and secrets in what is packed --------------------------------------

SCRIPT = "<script>alert(1)</script><img src=x onerror=y>"
WRITTEN = (
    "/coach /coach/tasks /coach/strip /coach/grades /coach/grades/dispute?task=leads /notices /instructor/grades "
    "/instructor/grades/s002 /instructor/grades/history /instructor/grades/comments /instructor/grades/rubric "
    "/instructor/grades/statistics /instructor/grades/files /instructor/grades/marking "
    "/instructor/grades/marking/work?task=essay&check=0 /instructor/wall /instructor/wall/rows /instructor/wall/hints "
    "/instructor/wall/s002/leads /instructor/disputes /instructor/integrity /instructor/log /instructor/log/heat "
    "/instructor/log/member/s002 /instructor/log/was/lead /instructor/log/path /instructor/jobs /instructor/semester"
).split()


def test_no_script_of_anybody_runs_on_the_pages_of_the_laboratory(
    app: Any, cast: Any, make: Callable[..., Any], browse: Any
) -> None:
    lively(cast, make)
    make("lead", cast.ben, name=SCRIPT)
    titled = RUBRIC.replace("en: First week", f"en: '{SCRIPT}'").replace("en: Enter leads", f"en: '{SCRIPT}'")
    with writing():
        db.session.get_one(Course, 1).rubric = titled
        named = update(Membership).where(Membership.role == "student").values(name=SCRIPT)
        db.session.connection().execute(named)
        sandbox = update(Sandbox).where(Sandbox.id == 1).values(stamp=new_stamp())
        db.session.connection().execute(sandbox)
        own = {"sandbox_id": 1, "membership_id": cast.ben.membership_id, "account": SCRIPT, "reason": SCRIPT}
        db.session.add(LedgerEntry(sandbox_id=1, membership_id=None, kind="release", account="ines"))
        db.session.add(LedgerEntry(**own, kind="comment", task="leads"))
        db.session.add(LedgerEntry(**own, kind="override", task="leads", points=3))
        db.session.add(LedgerEntry(**own, kind="dispute", task="leads", details={"steps": [1]}))
        db.session.add(BankComment(course_id=1, account_id=1, task="", text=SCRIPT, shared=True))
    ines, ben = browse(cast.ines), browse(cast.ben)
    assert ines.post("/instructor/wall/hint", {"member": "s002", "words": SCRIPT}).status_code == 302
    pages = {
        url: (ben if url.startswith(("/coach", "/notices")) else ines).get(url).get_data(as_text=True)
        for url in WRITTEN
    }
    assert [url for url, text in pages.items() if "<script>alert" in text or "<img src=x" in text] == []
    assert sum("&lt;script&gt;alert" in text for text in pages.values()) > 12, "it is there, as text"


def test_no_archive_carries_what_opens_an_account(file: Path) -> None:
    account = db.session.get_one(Account, 1)
    secret = [str(account.password_hash), str(db.session.get_one(Course, 1).join_code)]
    with ZipFile(file) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    assert [word for word in secret if word.encode() in held] == []
