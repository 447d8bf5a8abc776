"""One's own profile and password, one-time addresses, language, colours, going from sandbox to sandbox."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, func, select, update

from labapp.db import begin_write, db
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.addresses import administrator_missing, first_admin_token, reset_address
from labapp.people.models import Account, Course, Membership, Sandbox
from tests import world
from tests.lives import last_step, steps_since
from tests.world import PASSWORD

NEW = "a better horse"
CHANGE = {"old_password": PASSWORD, "password": NEW, "confirm": NEW}


def account(person: world.Person) -> Account:
    found = db.session.get(Account, person.account_id, populate_existing=True)
    assert found is not None
    return found


def refused(key: str) -> int:
    query = (
        select(func.count())
        .select_from(Operation)
        .where(Operation.member == key, Operation.outcome == "refused")
    )
    return int(db.session.execute(query).scalar_one())


def signs_in(browser: Any, login: str, password: str) -> bool:
    return bool(browser.post("/login", {"login": login, "password": password}).status_code == 302)


# -- profile and password --------------------------------------------------------


def test_profile_is_saved_and_shown(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    answer = ben.post(
        "/settings", {"phone": "0571-88123456", "sender": "Ben@Mail.test", "signature": "Ben\r\nSales"}
    )
    assert answer.status_code == 302
    page = ben.get("/settings").text
    assert "0571-88123456" in page
    assert "ben@mail.test" in page
    assert account(cast.ben).signature == "Ben\nSales"
    entry = db.session.scalars(select(AdminEntry).order_by(AdminEntry.id.desc())).first()
    assert (entry.action, entry.details) == ("account.edit", {"fields": ["phone", "sender", "signature"]})


def test_student_keeps_name_and_number_whatever_is_posted(cast: SimpleNamespace, browse: Any) -> None:
    browse(cast.ben).post("/settings", {"name": "Boss", "number": "1", "administrator": "1", "epoch": "9"})
    assert (account(cast.ben).name, account(cast.ben).administrator, account(cast.ben).epoch) == (
        "Ben",
        False,
        0,
    )


def test_staff_rename_themselves_but_take_nobodys_sign_in(cast: SimpleNamespace, browse: Any) -> None:
    ines = browse(cast.ines)
    assert ines.post("/settings", {"name": "Ines W", "number": "ines", "email": ""}).status_code == 302
    assert signs_in(browse(), "ines", PASSWORD)
    taken = ines.post("/settings", {"name": "Ines", "number": "ines", "email": cast.ben.login})
    assert taken.status_code == 422
    assert "Somebody else has this" in taken.text
    assert ines.post("/settings", {"name": "Ines", "number": "", "email": ""}).status_code == 422


@pytest.mark.parametrize("text", ["x" * 1_000_000, "a\x00b"])
@pytest.mark.parametrize("field", ["phone", "sender", "signature"])
def test_bad_profile_is_answered_with_a_sentence(
    field: str, text: str, cast: SimpleNamespace, browse: Any
) -> None:
    assert browse(cast.ben).post("/settings", {field: text}).status_code == 422


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        ("/settings", {"phone": "12"}),
        (
            "/settings/password",
            {"old_password": "wrong", "password": "new words 12", "confirm": "new words 12"},
        ),
    ],
)
def test_what_cannot_be_taken_is_one_step_without_what_was_typed(
    url: str, typed: dict[str, str], cast: SimpleNamespace, browse: Any
) -> None:
    before = last_step(cast.ben)
    assert browse(cast.ben).post(url, typed).status_code == 422
    (step,) = steps_since(cast.ben, before)
    assert (step.kind, step.verb, step.outcome, step.answers) == ("membership", "edit", "invalid", {})


def test_signature_with_markup_is_shown_as_text(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    ben.post("/settings", {"signature": "</textarea><script>alert(1)</script> 😀 \u202e"})
    assert "<script>alert" not in ben.get("/settings").text
    assert "😀" in ben.get("/settings").text


def test_new_password_ends_all_other_sessions(cast: SimpleNamespace, browse: Any) -> None:
    here, there = browse(cast.ben), browse(cast.ben)
    assert here.post("/settings/password", CHANGE).status_code == 302
    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302
    assert not signs_in(browse(), cast.ben.login, PASSWORD)
    assert signs_in(browse(), cast.ben.login, NEW)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"old_password": "wrong horse"}, "not your present password"),
        ({"old_password": ""}, "needed"),
        ({"confirm": "x"}, "differ"),
        ({"password": "short", "confirm": "short"}, "At least 8"),
    ],
)
def test_password_stays_without_the_old_one(
    changed: dict[str, str], sentence: str, cast: SimpleNamespace, browse: Any
) -> None:
    answer = browse(cast.ben).post("/settings/password", {**CHANGE, **changed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert signs_in(browse(), cast.ben.login, PASSWORD)


def test_guessing_the_old_password_is_slowed(cast: SimpleNamespace, browse: Any) -> None:
    with time_machine.travel(datetime(2026, 9, 7, 12, tzinfo=UTC), tick=False):
        ben = browse(cast.ben)
        for _ in range(3):
            ben.post("/settings/password", {**CHANGE, "old_password": "wrong horse"})
        assert "Too many failures" in ben.post("/settings/password", CHANGE).text


@pytest.mark.parametrize(
    ("url", "data"), [("/settings", {"phone": "0571-88123456"}), ("/settings/password", CHANGE)]
)
def test_observer_changes_nothing_and_is_told(
    url: str, data: Any, cast: SimpleNamespace, browse: Any
) -> None:
    olga = browse(cast.olga)
    assert "<form id=" not in olga.get(url).text
    before = refused("o001")
    answer = olga.post(url, data)
    assert answer.status_code == 403
    assert "instructor sets them" in answer.text
    assert refused("o001") == before + 1
    assert account(cast.olga).phone is None
    assert signs_in(browse(), cast.olga.login, PASSWORD)


def test_last_sign_ins_are_shown_to_their_owner(cast: SimpleNamespace, browse: Any) -> None:
    browse().post("/login", {"login": cast.ben.login, "password": "wrong horse"})
    ben = browse()
    signs_in(ben, cast.ben.login, PASSWORD)
    page = ben.get("/settings/sign-ins").text
    assert "Wrong password" in page
    assert "This device" in page
    assert "Wrong password" not in browse(cast.cy).get("/settings/sign-ins").text


# -- one-time addresses ----------------------------------------------------------


def test_reset_address_sets_a_password_once(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    path = address(app, cast.ben)
    session = browse(cast.ben)
    assert "Ben" in browse().get(path).text
    assert browse().post(path, {"password": NEW, "confirm": NEW}).status_code == 302
    assert signs_in(browse(), cast.ben.login, NEW)
    assert session.get("/settings").status_code == 302
    assert browse().get(path).status_code == 404
    assert browse().post(path, {"password": "third horse", "confirm": "third horse"}).status_code == 404
    assert signs_in(browse(), cast.ben.login, NEW)


def test_reset_address_is_too_old_after_a_week(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    start = datetime(2026, 9, 7, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        path = address(app, cast.ben)
        clock.shift(timedelta(days=7))
        assert browse().get(path).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert browse().get(path).status_code == 404


def test_forged_or_cut_address_is_used_up(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    path = address(app, cast.ben)
    for bad in (path[:-1], "/reset/x", "/reset/" + "x" * 5000, path + "%00"):
        assert browse().get(bad).status_code == 404


def test_weak_password_at_the_address_is_refused(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    answer = browse().post(address(app, cast.ben), {"password": cast.ben.login, "confirm": cast.ben.login})
    assert answer.status_code == 422
    assert "must not be your number" in answer.text


def test_first_administrator_is_made_once(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    token = first_admin_token(app)
    assert "no administrator yet" in browse().get("/login").text
    form = {"name": "Root", "number": "root", "password": NEW, "confirm": NEW}
    visitor = browse()
    assert visitor.post(f"/setup/{token}x", form).status_code == 404
    assert visitor.post(f"/setup/{token}", {**form, "password": "root", "confirm": "root"}).status_code == 422
    assert visitor.post(f"/setup/{token}", form).location == "/"
    assert "You are in no course yet" in visitor.get("/").text
    assert not administrator_missing()
    assert first_admin_token(app) is None
    assert browse().post(f"/setup/{token}", {**form, "number": "root2"}).status_code == 404
    assert "no administrator yet" not in browse().get("/login").text
    assert signs_in(browse(), "root", NEW)


def test_new_set_up_address_makes_the_last_void(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    first, second = first_admin_token(app), first_admin_token(app)
    assert browse().get(f"/setup/{first}").status_code == 404
    assert browse().get(f"/setup/{second}").status_code == 200


def address(app: Any, person: world.Person) -> str:
    return reset_address(account(person))


# -- language, colours, sandboxes ------------------------------------------------


def test_language_is_remembered_with_account_and_browser(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    assert ben.post("/language", {"language": "zh", "next": "/settings"}).location == "/settings"
    assert 'lang="zh-Hans"' in ben.get("/settings").text
    assert account(cast.ben).language == "zh"
    visitor = browse()
    visitor.post("/language", {"language": "zh"})
    assert '<html lang="zh-Hans"' in visitor.get("/login").text
    assert '<html lang="en"' in browse().get("/login", headers={"Accept-Language": "en-GB"}).text


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/language", {"language": "xx"}),
        ("/theme", {"theme": "pink"}),
        ("/language", {}),
        ("/theme", {}),
    ],
)
def test_only_offered_choices_are_taken(url: str, data: Any, cast: SimpleNamespace, browse: Any) -> None:
    assert browse(cast.ben).post(url, data).status_code == 400


def test_theme_is_remembered(cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    ben.post("/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in ben.get("/settings").text
    assert account(cast.ben).theme == "dark"


@pytest.fixture
def second(app: Any, cast: SimpleNamespace) -> int:
    """Ben also has a place in a second course. The id of that membership."""
    there = world.build("spring-b")
    begin_write()
    db.session.execute(
        delete(Membership).where(Membership.key == "s001", Membership.sandbox_id == there["Ada"].sandbox_id)
    )
    db.session.execute(
        update(Membership)
        .where(Membership.id == there["Ben"].membership_id)
        .values(account_id=cast.ben.account_id)
    )
    db.session.commit()
    return there["Ben"].membership_id


def test_switching_enters_the_other_sandbox_and_says_so(
    second: int, cast: SimpleNamespace, browse: Any
) -> None:
    ben = browse(cast.ben)
    assert f'action="/sandbox/{second}"' in ben.get("/settings").text
    assert ben.post(f"/sandbox/{second}").location == "/"
    page = ben.get("/").text
    assert "You are now in Course spring-b." in page
    query = select(Operation.sandbox_id).where(Operation.verb == "sign_in", Operation.member == "s002")
    assert len(list(db.session.scalars(query))) == 1
    assert account(cast.ben).last_membership_id == second


def test_courses_of_one_title_are_told_apart_by_their_names(
    second: int, cast: SimpleNamespace, browse: Any
) -> None:
    names = set(db.session.scalars(select(Course.name)))
    assert not [name for name in names if f"· {name}" in browse(cast.ben).get("/settings").text]
    db.session.execute(update(Course).values(title="One title"))
    db.session.commit()
    page = browse(cast.ben).get("/settings").text
    assert [name for name in names if f"One title · {name}" not in page] == []


def test_form_of_another_sandbox_is_refused(second: int, cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    ben.post(f"/sandbox/{second}")
    answer = ben.post("/settings", {"phone": "0571-88123456", "sandbox": str(cast.ben.sandbox_id)})
    assert answer.status_code == 409
    assert "another sandbox" in answer.text
    assert account(cast.ben).phone is None


def test_others_and_closed_sandboxes_are_not_entered(second: int, cast: SimpleNamespace, browse: Any) -> None:
    assert browse(cast.cy).post(f"/sandbox/{second}").status_code == 404
    assert browse(cast.cy).post(f"/sandbox/{cast.ben.membership_id}").status_code == 404
    begin_write()
    db.session.execute(update(Sandbox).where(Sandbox.name == "spring-b").values(state="archived"))
    db.session.commit()
    assert browse(cast.ben).post(f"/sandbox/{second}").status_code == 404


def test_one_statement_says_who_asks(app: Any, cast: SimpleNamespace, browse: Any) -> None:
    from sqlalchemy import event

    ben = browse(cast.ben)
    ben.get("/settings/sign-ins")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ben.post("/theme", {"theme": "pink"})
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len([text for text in asked if "FROM account" in text]) == 1
