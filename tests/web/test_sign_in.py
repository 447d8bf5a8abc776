"""Signing in and out: who gets in, who is told to wait, and what a guesser meets."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.oplog.models import Operation
from labapp.people.models import Account, Membership, SignInAttempt
from labapp.web import limits
from tests.world import PASSWORD

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)


def give(browser: Any, login: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/login", {"login": login, "password": password, **more})


def steps(verb: str, outcome: str = "done") -> list[str | None]:
    query = select(Operation.member).where(Operation.kind == "session", Operation.verb == verb)
    return list(db.session.scalars(query.where(Operation.outcome == outcome)))


def test_right_password_opens_home_and_is_a_step(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse()
    answer = give(ben, cast.ben.login)
    assert (answer.status_code, answer.location) == (302, "/")
    page = ben.get("/")
    assert "Ben" in page.text
    assert "My day" in page.text
    assert steps("sign_in") == ["s002"]


def test_number_signs_in_as_well_as_email(cast: SimpleNamespace, browse: Any) -> None:
    number = db.session.get_one(Account, cast.ben.account_id).number
    assert give(browse(), f" {number} ").status_code == 302
    assert give(browse(), cast.ben.login.upper()).status_code == 302


def test_unknown_and_wrong_get_the_same_answer(cast: SimpleNamespace, browse: Any) -> None:
    wrong = give(browse(), cast.ben.login, "wrong horse")
    unknown = give(browse(), "nobody@school.test", "wrong horse")
    assert wrong.status_code == unknown.status_code == 401
    assert "That did not work" in wrong.text
    assert shown(wrong.text) == shown(unknown.text)


def test_failure_of_a_known_member_is_a_refused_step(cast: SimpleNamespace, browse: Any) -> None:
    give(browse(), cast.ben.login)
    give(browse(), cast.ben.login, "wrong horse")
    assert steps("sign_in", "refused") == ["s002"]


def test_next_leads_back_but_never_away(cast: SimpleNamespace, browse: Any) -> None:
    assert give(browse(), cast.ben.login, next="/leads/?q=a").location == "/leads/?q=a"
    for bad in ("https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"):
        assert give(browse(), cast.ben.login, next=bad).location == "/"


def test_sign_out_ends_the_session_and_is_a_step(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse()
    give(ben, cast.ben.login)
    assert ben.post("/logout").status_code == 302
    assert ben.get("/settings").location.startswith("/login")
    assert steps("sign_out") == ["s002"]


def test_signed_out_reader_is_sent_to_sign_in(browse: Any) -> None:
    answer = browse().get("/settings/password?x=1")
    assert (answer.status_code, answer.location) == (302, "/login?next=/settings/password?x%3D1")


def test_signed_out_script_gets_401(browse: Any) -> None:
    visitor = browse()
    assert visitor.get("/settings", headers={"X-Requested-With": "labapp"}).status_code == 401
    answer = visitor.get("/leads/?format=json")
    assert (answer.status_code, answer.json["error"]) == (401, "signed_out")


def test_signed_out_post_keeps_what_was_typed(cast: SimpleNamespace, browse: Any) -> None:
    visitor = browse()
    answer = visitor.post("/settings", {"signature": "Kind <b>regards</b>", "password": "secret"})
    assert answer.status_code == 401
    assert "Kind \\u003cb\\u003eregards" in answer.text
    assert "secret" not in answer.text
    kept = '[["signature", "Kind <b>regards</b>"], ["csrf_token", "x"]]'
    again = give(visitor, cast.ben.login, kept=kept, kept_path="/settings")
    assert 'action="/settings"' in again.text
    assert "Kind &lt;b&gt;regards&lt;/b&gt;" in again.text
    assert 'value="x"' not in again.text


def test_new_epoch_ends_the_session(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    assert ben.get("/settings").status_code == 200
    change(Account, cast.ben.account_id, epoch=5)
    assert ben.get("/settings").status_code == 302


def test_disabled_account_is_out_at_once(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    change(Account, cast.ben.account_id, disabled=True)
    assert ben.get("/settings").status_code == 302
    assert give(browse(), cast.ben.login).status_code == 401


@pytest.mark.parametrize("forged", ["1", "1.", ".0", "x.y", "1.0.0", "9999.0", "²3.0", ""])
def test_forged_session_is_signed_out(forged: str, browse: Any) -> None:
    visitor = browse()
    with visitor.client.session_transaction() as session:
        session["_user_id"] = forged
    assert visitor.get("/settings").status_code == 302


def test_guessing_is_slowed_then_stopped(cast: SimpleNamespace, browse: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        stranger = browse()
        for _ in range(3):
            assert give(stranger, cast.ben.login, "wrong horse").status_code == 401
        slowed = give(stranger, cast.ben.login)
        assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "2")
        waits = []
        for _ in range(7):
            waits.append(int(give(browse(), cast.ben.login).headers["Retry-After"]))
            clock.shift(timedelta(seconds=waits[-1]))
            assert give(browse(), cast.ben.login, "wrong horse").status_code == 401
        assert waits == [2, 4, 8, 16, 32, 64, 128]
        assert give(browse(), cast.ben.login).headers["Retry-After"] == "900"
        clock.shift(timedelta(minutes=15))
        assert give(browse(), cast.ben.login).status_code == 302


def test_unknown_login_is_slowed_as_a_known_one(cast: SimpleNamespace, browse: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            give(browse(), "nobody", "wrong horse")
        assert give(browse(), "nobody", "wrong horse").status_code == 429
        assert give(browse(), cast.cy.login).status_code == 302


def test_own_device_stays_open_while_strangers_are_stopped(cast: SimpleNamespace, browse: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        own = browse()
        give(own, cast.ben.login)
        own.post("/logout")
        for _ in range(10):
            give(browse(), cast.ben.login, "wrong horse")
            clock.shift(timedelta(seconds=130))
        assert give(browse(), cast.ben.login).status_code == 429
        assert give(own, cast.ben.login).status_code == 302


def test_instructor_unlocks_in_one_act(cast: SimpleNamespace, browse: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(10):
            note_wrong(cast.ben.account_id)
        assert give(browse(), cast.ben.login).status_code == 429
        assert limits.stopped_until(cast.ben.account_id) == NOON.replace(minute=15, tzinfo=None)
        begin_write()
        limits.unlock(db.session.get_one(Account, cast.ben.account_id))
        db.session.commit()
        assert give(browse(), cast.ben.login).status_code == 302


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "a\x00b", "😀" * 300, "<script>alert(1)</script>", "' or 1=1 --"]
)
def test_odd_logins_are_only_wrong(text: str, browse: Any) -> None:
    answer = give(browse(), text, text)
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("state", "reason", "sentence"),
    [
        ("pending", None, "awaits approval"),
        ("rejected", "Wrong class <b>", "Wrong class &lt;b&gt;"),
    ],
)
def test_who_waits_cannot_enter_and_reads_why(
    state: str, reason: str | None, sentence: str, cast: SimpleNamespace, browse: Any
) -> None:
    account = applicant(cast, state, reason)
    visitor = browse()
    answer = give(visitor, account)
    assert answer.status_code == 403
    assert sentence in answer.text
    assert visitor.get("/settings").status_code == 302
    assert "Course autumn-a" in visitor.get("/waiting").text


def test_demo_opens_on_its_own_machine_only(
    app: Any, cast: SimpleNamespace, browse: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)
    far = browse().post(
        "/login",
        {"login": cast.ben.login, "password": PASSWORD},
        environ_overrides={"REMOTE_ADDR": "10.0.0.5"},
    )
    assert far.status_code == 403
    assert give(browse(), cast.ben.login).status_code == 302


def shown(page: str) -> str:
    """A page without its tokens and the login that was typed."""
    return re.sub(
        r'(name="csrf-token" content|name="(?:csrf_token|once)" value|name="login"[^>]* value)="[^"]*"',
        "",
        page,
    )


def change(model: type, row_id: int, **values: Any) -> None:
    begin_write()
    row = db.session.get_one(model, row_id)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()


def note_wrong(account_id: int) -> None:
    begin_write()
    db.session.add(
        SignInAttempt(
            account_id=account_id,
            login="x",
            device="d",
            address="",
            outcome="wrong",
            at=NOON.replace(tzinfo=None),
        )
    )
    db.session.commit()


def applicant(cast: SimpleNamespace, state: str, reason: str | None) -> str:
    """An account whose only membership waits or was turned down. Returns its login."""
    begin_write()
    ben = db.session.get_one(Account, cast.ben.account_id)
    course_id = db.session.get_one(Membership, cast.ben.membership_id).course_id
    account = Account(name="Eve", number="2026900", password_hash=ben.password_hash, language="en")
    db.session.add(account)
    db.session.flush()
    db.session.add(
        Membership(course_id=course_id, account_id=account.id, name="Eve", state=state, reason=reason)
    )
    db.session.commit()
    return "2026900"
