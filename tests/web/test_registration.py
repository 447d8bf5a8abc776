"""Registration: a visitor applies, an instructor decides, nobody learns who has an account."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from labapp.access.errors import Invalid, NotDone, Refused
from labapp.db import begin_write, db
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Account, Course, Membership, Position
from labapp.records import enrolment
from labapp.records.setup import Setup
from labapp.records.work import Source
from tests.world import PASSWORD

EVE = {
    "name": "王 小明",
    "number": "２０２６００９９",
    "email": "Eve@School.test",
    "class_name": "CRM 1",
    "password": PASSWORD,
    "confirm": PASSWORD,
    "join_code": "joina",
}
SCREEN = Source("screen", "r1", "127.0.0.1")


def register(browser: Any, **changed: Any) -> Any:
    return browser.post("/register", {**EVE, **changed})


def count(model: Any, *where: Any) -> int:
    return int(db.session.execute(select(func.count(model.id)).where(*where)).scalar_one())


def pending() -> Membership:
    return db.session.scalars(select(Membership).where(Membership.state == "pending")).one()


def place(key: str) -> int:
    return int(db.session.execute(select(Position.id).where(Position.name_en == key)).scalar_one())


def test_registration_awaits_approval(cast: SimpleNamespace, browse: Any) -> None:
    answer = register(browse())
    assert (answer.status_code, answer.location) == (302, "/register/received")
    row = pending()
    assert (row.name, row.number, row.class_name, row.sandbox_id) == ("王 小明", "20260099", "CRM 1", None)
    entry = db.session.scalars(select(AdminEntry).order_by(AdminEntry.id.desc())).first()
    assert (entry.action, entry.course, entry.details["email"]) == (
        "registration.apply",
        "autumn-a",
        "eve@school.test",
    )
    assert browse().post("/login", {"login": "20260099", "password": PASSWORD}).status_code == 403


def test_course_may_be_picked_instead_of_a_code(cast: SimpleNamespace, browse: Any) -> None:
    assert 'value="autumn-a"' in browse().get("/register").text
    assert register(browse(), join_code="", course="autumn-a").status_code == 302
    assert pending().course_id


def test_code_in_the_address_is_filled_in(browse: Any) -> None:
    assert 'value="JOINA"' in browse().get("/register?join_code=JOINA").text


@pytest.mark.parametrize("known", [{"email": "ben@school.test"}, {"number": "1s002"}])
def test_known_person_is_answered_as_a_new_one(
    known: dict[str, str], cast: SimpleNamespace, browse: Any
) -> None:
    before = count(Account)
    answer = register(browse(), **known)
    assert (answer.status_code, answer.location) == (302, "/register/received")
    assert count(Account) == before
    assert "/join" in browse().get("/register/received").text


def test_sent_twice_makes_one_account(cast: SimpleNamespace, browse: Any) -> None:
    before = count(Account)
    visitor = browse()
    assert register(visitor).location == register(visitor).location
    assert count(Account) == before + 1


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"password": "short", "confirm": "short"}, "password", "At least 8"),
        ({"password": "12345678", "confirm": "12345678"}, "password", "first that are guessed"),
        ({"password": "20260099", "confirm": "20260099"}, "password", "must not be your number"),
        ({"password": "eve@school.test", "confirm": "eve@school.test"}, "password", "must not be"),
        ({"password": "x" * 1_000_000, "confirm": "x"}, "password", "At most 200"),
        ({"confirm": "another horse"}, "confirm", "differ"),
        ({"name": "   "}, "name", "needed"),
        ({"name": "x" * 1_000_000}, "name", "At most"),
        ({"name": "a\x00b"}, "name", "cannot be stored"),
        ({"number": "two words"}, "number", "without spaces"),
        ({"number": "a@b"}, "number", "without spaces"),
        ({"email": "nowhere"}, "email", "no e-mail address"),
        ({"class_name": "c" * 300}, "class_name", "At most"),
        ({"join_code": "NOPE"}, "join_code", "No open course"),
        ({"join_code": "", "course": "nowhere"}, "join_code", "Give the join code"),
    ],
)
def test_bad_answer_says_what_to_do_and_keeps_the_rest(
    changed: dict[str, str], field: str, sentence: str, cast: SimpleNamespace, browse: Any
) -> None:
    before = count(Account)
    answer = register(browse(), **changed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert sentence in answer.text
    assert "CRM 1" in answer.text or "class_name" in changed
    assert PASSWORD not in answer.text
    assert count(Account) == before


@pytest.mark.parametrize("odd", ["😀 张", "<img src=x onerror=alert(1)>", "\u202eevil", "O'Brien\"; --"])
def test_odd_names_are_kept_and_escaped(odd: str, cast: SimpleNamespace, browse: Any) -> None:
    assert register(browse(), name=odd).status_code == 302
    assert pending().name == odd
    assert "<img src=x" not in register(browse(), name=odd, email="bad").text


def test_closed_course_takes_nobody(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    course = db.session.scalars(select(Course)).one()
    course.closed_at = course.created_at
    db.session.commit()
    assert register(browse()).status_code == 422


# -- approval ------------------------------------------------------------------


def test_approval_seats_the_person_and_opens_the_door(cast: SimpleNamespace, browse: Any) -> None:
    register(browse())
    waiting = pending()
    result = enrolment.approve(cast.ines.actor, SCREEN, [waiting.id], place("staff"), "student")
    assert (result.done, result.passed_over) == (1, 0)
    db.session.expire_all()
    seat = db.session.scalars(select(Membership).where(Membership.name == "王 小明")).one()
    assert (seat.key, seat.state, seat.positions) == ("s005", "active", [place("staff")])
    step = db.session.scalars(select(Operation).order_by(Operation.id.desc())).first()
    assert (step.kind, step.verb, step.member, step.record) == ("membership", "approve", "t001", seat.serial)
    visitor = browse()
    assert visitor.post("/login", {"login": "20260099", "password": PASSWORD}).status_code == 302
    assert "王 小明" in visitor.get("/").text


def test_free_seat_of_the_position_is_taken_first(cast: SimpleNamespace, browse: Any) -> None:
    with Setup(cast.ines.actor, "membership.create") as work:
        course_id = work.sandbox().course_id
        work.create(
            Membership,
            course_id=course_id,
            key="s050",
            role="student",
            state="active",
            positions=[place("staff")],
        )
    register(browse())
    enrolment.approve(cast.ines.actor, SCREEN, [pending().id], place("staff"), "student")
    db.session.expire_all()
    seat = db.session.scalars(select(Membership).where(Membership.key == "s050")).one()
    assert (seat.name, seat.number) == ("王 小明", "20260099")
    register(browse(), number="20260100", email="two@school.test")
    enrolment.approve(cast.ines.actor, SCREEN, [pending().id], place("staff"), "student")
    assert count(Membership, Membership.key == "s051") == 1


def test_many_are_one_bulk_act_with_a_step_each(cast: SimpleNamespace, browse: Any) -> None:
    for number in range(3):
        register(browse(), number=f"2026020{number}", email=f"n{number}@school.test")
    ids = list(db.session.scalars(select(Membership.id).where(Membership.state == "pending")))
    result = enrolment.approve(cast.ines.actor, SCREEN, [*ids, ids[0], 99999], place("staff"), "student")
    assert (result.done, result.passed_over) == (3, 1)
    found = db.session.scalars(select(Operation).where(Operation.verb == "approve")).all()
    assert {(step.origin, step.request) for step in found} == {("bulk", "r1")}
    assert len(found) == 3
    again = enrolment.approve(cast.ines.actor, SCREEN, ids, place("staff"), "student")
    assert (again.done, again.passed_over) == (0, 3)


def test_rejected_person_reads_the_reason_and_may_ask_again(cast: SimpleNamespace, browse: Any) -> None:
    register(browse())
    enrolment.reject(cast.ines.actor, SCREEN, [pending().id], "Wrong class")
    visitor = browse()
    answer = visitor.post("/login", {"login": "20260099", "password": PASSWORD})
    assert answer.status_code == 403
    assert "Wrong class" in answer.text
    assert visitor.post("/join", {"join_code": "JOINA"}).location == "/waiting"
    assert "Awaiting approval" in visitor.get("/waiting").text
    assert pending().reason is None


def test_member_of_one_course_joins_another(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    db.session.add(Course(name="spring", title="Spring", scenario="none", join_code="SPRING"))
    db.session.commit()
    ben = browse(cast.ben)
    assert ben.post("/join", {"join_code": "spring"}).location == "/waiting"
    assert ben.post("/join", {"join_code": "spring"}).location == "/waiting"
    assert pending().account_id == cast.ben.account_id
    assert ben.get("/settings").status_code == 200


def test_visitor_cannot_join_without_signing_in(browse: Any) -> None:
    assert browse().post("/join", {"join_code": "JOINA"}).location == "/login?next=/join"


@pytest.mark.parametrize("who", ["tess", "olga", "ada", "ben"])
def test_only_instructors_decide_and_each_try_is_one_refused_step(
    who: str, cast: SimpleNamespace, browse: Any
) -> None:
    register(browse())
    waiting, actor = pending().id, getattr(cast, who).actor
    staff, ben = place("staff"), cast.ben.membership_id
    acts = (
        lambda: enrolment.approve(actor, SCREEN, [waiting], staff, "student"),
        lambda: enrolment.reject(actor, SCREEN, [waiting], "No"),
        lambda: enrolment.change_role(actor, SCREEN, ben, "instructor"),
        lambda: enrolment.move(actor, SCREEN, ben, [staff]),
        lambda: enrolment.deactivate(actor, SCREEN, ben),
    )
    for act in acts:
        before = count_steps(actor.key)
        with pytest.raises(Refused):
            act()
        assert count_steps(actor.key) == before + 1
    assert pending().state == "pending"


def count_steps(key: str) -> int:
    query = (
        select(func.count())
        .select_from(Operation)
        .where(Operation.member == key, Operation.outcome == "refused")
    )
    return int(db.session.execute(query).scalar_one())


@pytest.mark.parametrize(
    ("position", "role"), [(None, "student"), (99999, "student"), ("staff", "king"), (99999, "observer")]
)
def test_bad_place_or_role_seats_nobody(position: Any, role: str, cast: SimpleNamespace, browse: Any) -> None:
    register(browse())
    spot = place(position) if isinstance(position, str) else position
    with pytest.raises(Invalid):
        enrolment.approve(cast.ines.actor, SCREEN, [pending().id], spot, role)
    step = db.session.scalars(select(Operation).order_by(Operation.id.desc())).first()
    assert (step.verb, step.outcome) == ("approve", "invalid")
    assert pending().state == "pending"


def test_change_of_role_or_place_ends_the_sessions(cast: SimpleNamespace, browse: Any) -> None:
    for act in (
        lambda: enrolment.move(cast.ines.actor, SCREEN, cast.ben.membership_id, [place("sales")]),
        lambda: enrolment.change_role(cast.ines.actor, SCREEN, cast.ben.membership_id, "observer"),
        lambda: enrolment.deactivate(cast.ines.actor, SCREEN, cast.ben.membership_id),
    ):
        ben = browse(cast.ben)
        assert ben.get("/settings").status_code == 200
        act()
        assert ben.get("/settings").status_code == 302
    ben = db.session.get(Membership, cast.ben.membership_id, populate_existing=True)
    assert (ben.key, ben.role, ben.state) == ("s002", "observer", "left")


def test_who_left_signs_in_and_sees_no_sandbox(cast: SimpleNamespace, browse: Any) -> None:
    enrolment.deactivate(cast.ines.actor, SCREEN, cast.ben.membership_id)
    ben = browse()
    assert ben.post("/login", {"login": cast.ben.login, "password": PASSWORD}).status_code == 302
    assert ben.get("/").location == "/waiting"
    assert ben.get("/leads/").location == "/waiting"
    account = db.session.get(Account, cast.ben.account_id)
    seat = enrolment.admit(cast.ines.actor, SCREEN, account, place("staff"), "student")
    assert (seat.key, seat.state) == ("s002", "active")
    assert ben.get("/").status_code == 200


def test_last_instructor_stays(cast: SimpleNamespace) -> None:
    with pytest.raises(Invalid):
        enrolment.deactivate(cast.ines.actor, SCREEN, cast.ines.membership_id)
    with pytest.raises(Invalid):
        enrolment.change_role(cast.ines.actor, SCREEN, cast.ines.membership_id, "student")


def test_member_of_another_sandbox_is_not_found(cast: SimpleNamespace) -> None:
    with pytest.raises(NotDone) as caught:
        enrolment.move(cast.ines.actor, SCREEN, 99999, [place("staff")])
    assert caught.value.status == 404


def test_new_seat_is_dealt_its_records(
    app: Any, cast: SimpleNamespace, browse: Any, monkeypatch: Any
) -> None:
    dealt: list[int] = []
    monkeypatch.setitem(app.extensions, "deal_seat", lambda actor, membership_id: dealt.append(membership_id))
    register(browse())
    enrolment.approve(cast.ines.actor, SCREEN, [pending().id], place("staff"), "student")
    seat = db.session.scalars(select(Membership).where(Membership.key == "s005")).one()
    assert dealt == [seat.id]
