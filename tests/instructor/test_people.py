"""People, positions, sharing: what the console does to them, and how it is undone."""

from typing import Any

import pytest
from sqlalchemy import func, select

from labapp.db import begin_write, db
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Account, Course, Membership, Position, SharingGroup

USERS = "/instructor/users"


def apply(name: str, class_name: str = "Class A") -> int:
    """A visitor who waits; returns the membership id."""
    begin_write()
    account = Account(name=name, number=f"n-{name.lower()}", epoch=0, password_hash="x")
    db.session.add(account)
    db.session.flush()
    course = db.session.scalars(select(Course)).first()
    row = Membership(
        course_id=course.id,
        account_id=account.id,
        number=account.number,
        name=name,
        class_name=class_name,
        positions=[],
    )
    db.session.add(row)
    db.session.commit()
    return row.id


def place(name: str) -> int:
    return db.session.scalars(select(Position.id).where(Position.name_en == name)).one()


def steps(verb: str, outcome: str = "done", kind: str = "membership") -> list[Any]:
    query = select(Operation).where(
        Operation.kind == kind, Operation.verb == verb, Operation.outcome == outcome
    )
    return list(db.session.scalars(query.where(Operation.origin != "setup").order_by(Operation.id)))


def member(person: Any) -> Any:
    return db.session.get(Membership, person.membership_id, populate_existing=True)


# -- registrations ---------------------------------------------------------------------------------


def test_many_are_taken_in_at_once_with_one_position_and_role(app: Any, cast: Any, browse: Any) -> None:
    ids = [apply("Fay"), apply("Gus")]
    page = browse(cast.ines).get("/instructor/registrations?class=Class+A&q=Fay").get_data(as_text=True)
    assert "Fay" in page
    assert "Gus" not in page
    given = {"ids": ids, "position_id": place("staff_b"), "role": "student"}
    assert browse(cast.ines).post("/instructor/registrations/approve", given).status_code == 302
    assert [step.label for step in steps("approve")] == ["Fay", "Gus"]
    names = {m.name: m.positions for m in cast.ines.actor.directory.members.values()}
    assert names["Fay"] == names["Gus"] == (place("staff_b"),)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"role": "student"},
        {"role": "king", "position_id": "1"},
        {"role": "student", "position_id": "999"},
    ],
)
def test_a_bad_approval_says_so_and_keeps_the_ticks(
    app: Any, cast: Any, browse: Any, given: dict[str, str]
) -> None:
    waiting = apply("Fay")
    answer = browse(cast.ines).post("/instructor/registrations/approve", {"ids": [waiting], **given})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'value="{waiting}" checked' in page
    assert len(steps("approve", "invalid")) == 1


def test_a_rejection_needs_a_reason(app: Any, cast: Any, browse: Any) -> None:
    waiting = apply("Fay")
    ines = browse(cast.ines)
    assert ines.post("/instructor/registrations/reject", {"ids": [waiting], "reason": " "}).status_code == 422
    assert (
        ines.post(
            "/instructor/registrations/reject", {"ids": [waiting], "reason": "Not in my class"}
        ).status_code
        == 302
    )
    assert "Not in my class" in ines.get("/instructor/registrations?state=rejected").get_data(as_text=True)


# -- people ----------------------------------------------------------------------------------------


def test_name_number_and_class_are_corrected(app: Any, cast: Any, browse: Any) -> None:
    given = {"name": "Benjamin", "number": "2026001", "email": cast.ben.login, "class_name": "Class A"}
    assert browse(cast.ines).post(f"{USERS}/{cast.ben.membership_id}/edit", given).status_code == 302
    found = member(cast.ben)
    assert (found.name, found.number, found.class_name, found.key) == (
        "Benjamin",
        "2026001",
        "Class A",
        "s002",
    )
    assert db.session.get(Account, cast.ben.account_id, populate_existing=True).number == "2026001"


def test_the_number_of_another_account_is_refused(app: Any, cast: Any, browse: Any) -> None:
    taken = db.session.get(Account, cast.cy.account_id).number
    answer = browse(cast.ines).post(
        f"{USERS}/{cast.ben.membership_id}/edit", {"name": "Benjamin", "number": taken}
    )
    assert answer.status_code == 422
    assert "Benjamin" in answer.get_data(as_text=True)
    assert member(cast.ben).name == "Ben"


def test_several_positions_for_one_person(app: Any, cast: Any, browse: Any) -> None:
    given = {"positions": [place("staff"), place("sales_b")]}
    assert browse(cast.ines).post(f"{USERS}/{cast.ben.membership_id}/positions", given).status_code == 302
    assert member(cast.ben).positions == given["positions"]
    assert cast.dee.membership_id in cast.ben.actor.below
    assert browse(cast.ines).post(f"{USERS}/{cast.ben.membership_id}/positions", {}).status_code == 422


def test_a_class_is_moved_at_once(app: Any, cast: Any, browse: Any) -> None:
    given = {
        "ids": [cast.ben.membership_id, cast.cy.membership_id],
        "verb": "move",
        "position_id": place("staff_b"),
    }
    assert browse(cast.ines).post(f"{USERS}/many", given).status_code == 302
    assert member(cast.ben).positions == member(cast.cy).positions == [place("staff_b")]
    assert {step.origin for step in steps("move")} == {"bulk"}


def test_a_whole_class_is_meant_by_its_position(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    page = ines.get(f"{USERS}?position={place('class_a')}").get_data(as_text=True)
    assert "Everybody listed here (3 people)" in page
    given = {"everybody": "1", "shown": place("class_a"), "verb": "move", "position_id": place("staff_b")}
    answer = ines.post(f"{USERS}/many", given)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"?position={place('class_a')}")
    assert {tuple(member(p).positions) for p in (cast.ada, cast.ben, cast.cy)} == {(place("staff_b"),)}
    assert ines.post(f"{USERS}/many", {"everybody": "1", "verb": "deactivate"}).status_code == 422
    assert member(cast.ines).state == "active"


def test_a_class_gets_one_time_addresses_to_print(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    page = ines.post(f"{USERS}/many", {"everybody": "1", "shown": place("class_a"), "verb": "passwords"})
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert text.count("/reset/") == 3
    assert "Dee" not in text.split("<tbody>")[1]
    acts = select(func.count()).select_from(AdminEntry).where(AdminEntry.action == "account.reset_address")
    assert db.session.execute(acts).scalar_one() == 3
    begin_write()
    db.session.get(Account, cast.tess.account_id).instructor = True
    db.session.commit()
    both = ines.post(
        f"{USERS}/many", {"ids": [cast.tess.membership_id, cast.ben.membership_id], "verb": "passwords"}
    )
    assert both.get_data(as_text=True).count("/reset/") == 1
    alone = ines.post(f"{USERS}/many", {"ids": [cast.tess.membership_id], "verb": "passwords"})
    assert alone.status_code == 422


def test_a_class_joins_a_sharing_group_after_a_preview(app: Any, cast: Any, browse: Any, make: Any) -> None:
    make("lead", cast.dee)
    ines = browse(cast.ines)
    pool = {"name": "Pool", "members": [cast.dee.membership_id], "confirm": "1"}
    ines.post("/instructor/groups/save", pool)
    group = db.session.scalars(select(SharingGroup)).one().id
    given = {"everybody": "1", "shown": place("class_a"), "verb": "group", "group_id": group}
    page = ines.post(f"{USERS}/many", given).get_data(as_text=True)
    assert "What it opens and closes" in page
    assert f'name="ids" value="{cast.ben.membership_id}"' in page
    assert cast.ben.actor.mates == frozenset()
    ines.post(f"{USERS}/many", {**given, "confirm": "1"})
    assert cast.dee.membership_id in cast.ben.actor.mates
    assert ines.post(f"{USERS}/many", {**given, "group_id": "99"}).status_code == 422


def test_records_of_one_who_was_deactivated_keep_the_name(
    app: Any, cast: Any, browse: Any, make: Any
) -> None:
    lead_id = make("lead", cast.ben).id
    ines = browse(cast.ines)
    ines.post(f"{USERS}/{cast.ben.membership_id}/deactivate")
    assert "Ben" in ines.get(f"/leads/{lead_id}").get_data(as_text=True)
    assert "Ben" in ines.get(f"{USERS}/{cast.ben.membership_id}").get_data(as_text=True)


def test_the_last_instructor_stays_while_others_are_done(app: Any, cast: Any, browse: Any) -> None:
    given = {"ids": [cast.ines.membership_id, cast.cy.membership_id], "verb": "deactivate"}
    ines = browse(cast.ines)
    assert ines.post(f"{USERS}/many", given).status_code == 302
    assert member(cast.ines).state == "active"
    assert member(cast.cy).state == "left"
    assert "only instructor" in ines.get(USERS).get_data(as_text=True)


def test_many_with_nobody_ticked_is_said(app: Any, cast: Any, browse: Any) -> None:
    assert browse(cast.ines).post(f"{USERS}/many", {"verb": "deactivate"}).status_code == 422
    assert (
        browse(cast.ines)
        .post(f"{USERS}/many", {"verb": "promote", "ids": [cast.cy.membership_id]})
        .status_code
        == 422
    )


def test_a_late_joiner_gets_an_account_and_a_one_time_address(app: Any, cast: Any, browse: Any) -> None:
    given = {"login": "2026099", "name": "Hal", "position_id": place("staff"), "role": "student"}
    ines = browse(cast.ines)
    page = ines.post(f"{USERS}/add", given)
    assert page.status_code == 302
    assert "/reset/" in ines.get(page.headers["Location"]).get_data(as_text=True)
    assert "/reset/" not in ines.get(page.headers["Location"]).get_data(as_text=True)


def test_a_bad_position_makes_no_account(app: Any, cast: Any, browse: Any) -> None:
    answer = browse(cast.ines).post(f"{USERS}/add", {"login": "2026099", "name": "Hal", "role": "student"})
    assert answer.status_code == 422
    assert 'value="2026099"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(Account).where(Account.number == "2026099")).first() is None


def test_an_instructor_gets_no_password_of_an_administrator(app: Any, cast: Any, browse: Any) -> None:
    begin_write()
    db.session.get(Account, cast.tess.account_id).administrator = True
    db.session.commit()
    here = f"{USERS}/{cast.tess.membership_id}"
    assert browse(cast.ines).post(f"{here}/password").status_code == 403
    assert browse(cast.ines).post(f"{here}/edit", {"name": "T", "number": "1"}).status_code == 403


def test_groups_of_a_member_are_previewed_and_then_changed(
    app: Any, cast: Any, browse: Any, make: Any
) -> None:
    make("lead", cast.dee)
    ines = browse(cast.ines)
    ines.post(
        "/instructor/groups/save", {"name": "Pool", "members": [cast.dee.membership_id], "confirm": "1"}
    )
    group = db.session.scalars(select(SharingGroup)).one().id
    here = f"{USERS}/{cast.ben.membership_id}/groups"
    assert "for 1 people on 1 records" in ines.post(here, {"groups": [group]}).get_data(as_text=True)
    assert cast.ben.actor.mates == frozenset()
    ines.post(here, {"groups": [group], "confirm": "1"})
    assert cast.ben.actor.mates == {cast.dee.membership_id}


# -- the tree, modes and groups --------------------------------------------------------------------


def test_a_move_is_previewed_done_and_undone(app: Any, cast: Any, browse: Any, make: Any) -> None:
    make("lead", cast.ben)
    ines, here = browse(cast.ines), f"/instructor/positions/{place('staff')}/move"
    preview = ines.post(here, {"parent_id": place("sales_b")})
    assert preview.status_code == 200
    assert "What it opens and closes" in preview.get_data(as_text=True)
    assert cast.ben.membership_id in cast.ada.actor.below
    done = ines.post(here, {"parent_id": place("sales_b"), "confirm": "1"})
    assert cast.ben.membership_id not in cast.ada.actor.below
    assert "Undo the last move" in ines.get(done.headers["Location"]).get_data(as_text=True)
    ines.post(here, {"parent_id": place("sales"), "confirm": "1"})
    assert cast.ben.membership_id in cast.ada.actor.below


def test_a_position_with_people_is_not_deleted(app: Any, cast: Any, browse: Any) -> None:
    answer = browse(cast.ines).post(f"/instructor/positions/{place('staff')}/delete")
    assert answer.status_code == 422
    assert "Ben" in answer.get_data(as_text=True)
    assert len(steps("delete", "invalid", "position")) == 1


def test_a_circle_is_refused_with_a_sentence(app: Any, cast: Any, browse: Any) -> None:
    answer = browse(cast.ines).post(
        f"/instructor/positions/{place('sales')}/move", {"parent_id": place("staff")}
    )
    assert answer.status_code == 422
    assert "below itself" in answer.get_data(as_text=True)


def test_a_position_is_renamed_in_both_languages(app: Any, cast: Any, browse: Any) -> None:
    given = {"name_zh": "业务员", "name_en": "Reps", "position_kind": "staff", "profile": "sales"}
    here = f"/instructor/positions/{place('staff')}/edit"
    assert browse(cast.ines).post(here, given).status_code == 302
    assert (
        browse(cast.ines)
        .post(f"/instructor/positions/{place('Reps')}/edit", {**given, "name_zh": "", "name_en": ""})
        .status_code
        == 422
    )
    assert place("Reps")


def test_a_class_with_departments_at_one_click(app: Any, cast: Any, browse: Any) -> None:
    given = {"parent_id": place("school"), "name_zh": "三班", "departments": "2"}
    assert browse(cast.ines).post("/instructor/positions/template", given).status_code == 302
    assert len(steps("create", kind="position")) == 5
    answer = browse(cast.ines).post("/instructor/positions/template", {**given, "departments": "99"})
    assert answer.status_code == 422


def test_modes_change_together_or_not_at_all_and_are_undone(
    app: Any, cast: Any, browse: Any, make: Any
) -> None:
    make("lead", cast.ben)
    ines = browse(cast.ines)
    assert "for 2 people on 1 records" in ines.post("/instructor/sharing", {"lead": "read_only"}).get_data(
        as_text=True
    )
    assert cast.cy.actor.mode("lead") == "private"
    done = ines.post("/instructor/sharing", {"lead": "read_only", "customer": "read_write", "confirm": "1"})
    assert (cast.cy.actor.mode("lead"), cast.cy.actor.mode("customer")) == ("read_only", "read_write")
    assert len(steps("change", kind="setting")) == 2
    page = ines.get(done.headers["Location"]).get_data(as_text=True)
    assert "Undo the last change" in page
    ines.post("/instructor/sharing", {"lead": "private", "customer": "private", "confirm": "1"})
    assert cast.cy.actor.mode("lead") == "private"
    assert ines.post("/instructor/sharing", {"lead": "open"}).status_code == 422


def test_a_group_is_made_changed_deleted_and_brought_back(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    pair = [cast.ben.membership_id, cast.dee.membership_id]
    ines.post("/instructor/groups/save", {"name": "Pool", "members": pair, "confirm": "1"})
    group = db.session.scalars(select(SharingGroup)).one().id
    ines.post(f"/instructor/groups/{group}/save", {"name": "Pool", "members": pair[:1], "confirm": "1"})
    assert cast.ben.actor.mates == frozenset()
    page = ines.get("/instructor/groups").get_data(as_text=True)
    assert "Undo the last change" in page
    ines.post(f"/instructor/groups/{group}/save", {"name": "Pool", "members": pair, "confirm": "1"})
    assert cast.ben.actor.mates == {cast.dee.membership_id}
    ines.post(f"/instructor/groups/{group}/delete", {"confirm": "1"})
    assert cast.ben.actor.mates == frozenset()
    assert 'action="/instructor/groups/save"' in ines.get("/instructor/groups").get_data(as_text=True)
    assert ines.post("/instructor/groups/save", {"name": " "}).status_code == 422


def test_a_frozen_sandbox_keeps_its_structure(app: Any, cast: Any, browse: Any) -> None:
    from labapp.people.models import Sandbox

    begin_write()
    db.session.get(Sandbox, cast.ines.sandbox_id).state = "frozen"
    db.session.commit()
    ines = browse(cast.ines)
    ines.get("/")
    for url, given in (
        ("/instructor/sharing", {"lead": "read_only", "confirm": "1"}),
        ("/instructor/groups/save", {"name": "Pool", "confirm": "1"}),
        (f"/instructor/positions/{place('staff')}/move", {"parent_id": str(place("sales_b"))}),
        ("/instructor/positions/add", {"parent_id": "1", "name_zh": "x", "position_kind": "staff"}),
    ):
        before = db.session.execute(select(func.count(Operation.id))).scalar_one()
        assert ines.post(url, given).status_code == 403, url
        after = db.session.execute(select(func.count(Operation.id))).scalar_one()
        assert after == before, f"a frozen log takes no step: {url}"
