"""The roster: what becomes of the rows, who comes in by it, what nearly fits, and how a file is taken back."""

import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from labapp.app import create_app
from labapp.cli import labapp
from labapp.db import begin_write, db
from labapp.db.migrate import create_all
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Account, Course, Membership, Position, RosterEntry, RosterUpload
from tests import world
from tests.world import PASSWORD

HERE = "/instructor/roster"
HEAD = "学号,姓名,邮箱,班级,岗位\n"
XIAOMING = "20260012,王小明,,CRM 1,class_a/sales/staff\n"


def place(name: str) -> int:
    return int(db.session.scalars(select(Position.id).where(Position.name_en == name)).one())


def send(browser: Any, text: str | bytes, name: str = "class.csv") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return browser.post(f"{HERE}/upload", {"file": (io.BytesIO(content), name)})


def preview(browser: Any, text: str | bytes, name: str = "class.csv") -> tuple[str, str]:
    """(address of the upload, its page)."""
    answer = send(browser, text, name)
    assert answer.status_code == 302, answer.text
    return answer.location, browser.get(answer.location).text


def saved(browser: Any, text: str) -> str:
    address, _page = preview(browser, text)
    answer = browser.post(f"{address}/save")
    assert answer.status_code == 302, answer.text
    return address


def register(
    browser: Any, number: str = "20260012", name: str = "王小明", email: str = "w@school.test", **more: str
) -> Any:
    given = {"number": number, "name": name, "email": email, "password": PASSWORD, "confirm": PASSWORD}
    return browser.post("/register", {**given, "join_code": "JOINA", **more})


def entries() -> list[RosterEntry]:
    return list(db.session.scalars(select(RosterEntry).order_by(RosterEntry.number)))


def membership(number: str) -> Membership:
    q = select(Membership).join(Account, Account.id == Membership.account_id).where(Account.number == number)
    return db.session.scalars(q.execution_options(populate_existing=True)).one()


def approvals() -> list[Any]:
    query = select(Operation).where(Operation.kind == "membership", Operation.verb == "approve")
    return list(db.session.scalars(query.where(Operation.outcome == "done").order_by(Operation.id)))


def acts(action: str) -> list[AdminEntry]:
    return list(db.session.scalars(select(AdminEntry).where(AdminEntry.action == action)))


# -- what becomes of the rows ----------------------------------------------------------------------


def test_every_row_has_its_fate_before_anything_is_written(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    register(browse(), "20260013", "李雷", "li@school.test")
    ben = db.session.get_one(Account, cast.ben.account_id).number
    address, page = preview(
        ines,
        HEAD
        + XIAOMING
        + "20260013,李雷,,,staff\n"
        + f"{ben},BEN,,,staff\n{ben[:-1]}3,Somebody,,,staff\n"
        + "20260012,王小明,,,staff\n"
        + ",无号,,,staff\n20260015,,,,staff\n20260016,甲,not-an-address,,staff\n"
        + "20260017,乙,,,nowhere\n20260018,丙,,,\n",
    )
    assert entries() == []
    for said in (
        "new entry",
        "waits, will be activated",
        "a member already",
        "twice in the file",
        "The same number stands in row 2.",
        "A (学号): The number is missing.",
        "A (学号): This is the number of Cy, who is in the course.",
        "B (姓名): The name is missing.",
        "C (邮箱): ",
        "E (岗位): There is no position called nowhere.",
        "E (岗位): No position is said.",
    ):
        assert said in page, said
    assert "Save 3 rows" in page
    assert "无号" in ines.get(f"{address}?fate=error").text
    assert "王小明" not in ines.get(f"{address}?fate=error").text


def test_columns_are_guessed_in_both_languages_and_can_be_corrected(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    address, page = preview(ines, "Class list 2026,,\nName,Student No.,Whatever\nGrace,2026050,staff\n")
    assert "No position is said" in page
    given = {"number": "1", "name": "0", "position": "2"}
    assert ines.post(f"{address}/columns", given).status_code == 302
    assert "Save 1 row" in ines.get(address).text
    assert ines.post(f"{address}/columns", {"number": "1", "name": "1"}).status_code == 422
    assert ines.post(f"{address}/columns", {**given, "number": "77"}).status_code == 422
    assert ines.post(f"{address}/columns", {**given, "position_id": "99999"}).status_code == 422


def test_rows_without_a_position_get_the_default(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    address, page = preview(ines, "学号,姓名\n20260012,王小明\n")
    assert "Save" not in page.split("What becomes of it")[0].split("</h1>")[1].split("Discard")[0]
    given = {"number": "0", "name": "1", "position_id": place("staff_b")}
    ines.post(f"{address}/columns", given)
    ines.post(f"{address}/save")
    assert [entry.position_id for entry in entries()] == [place("staff_b")]


def test_gb18030_and_workbooks_are_read(cast: Any, browse: Any) -> None:
    from xlsxwriter import Workbook

    _address, page = preview(browse(cast.ines), (HEAD + XIAOMING).encode("gb18030"))
    assert "王小明" in page
    assert "Save 1 row" in page
    out = io.BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate((["学号", "姓名", "岗位"], [20260077, "韩梅梅", "staff_b"])):
        sheet.write_row(number, 0, row)
    book.close()
    _address, page = preview(browse(cast.ines), out.getvalue(), "class.xlsx")
    assert "<td>20260077</td>" in page
    assert "Save 1 row" in page


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.csv"), (b"%PDF-1.7", "a.csv"), (b"a,b", "a.doc"), ("学号,姓名\n".encode(), "a.csv")],
)
def test_what_is_no_class_list_is_a_sentence(cast: Any, browse: Any, content: bytes, name: str) -> None:
    answer = send(browse(cast.ines), content, name)
    assert answer.status_code == 422
    assert "alert-danger" in answer.text
    assert db.session.scalars(select(RosterUpload)).all() == []


def test_a_number_the_spreadsheet_rounded_is_told(cast: Any, browse: Any) -> None:
    _address, page = preview(browse(cast.ines), HEAD + "2.026E+09,王小明,,,staff\n")
    assert "has rounded this number" in page


def test_the_same_file_again_changes_nothing(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + XIAOMING)
    address, page = preview(ines, HEAD + XIAOMING.replace("class_a/sales/staff", "staff_b"))
    assert "on the roster already" in page
    assert "It says something else there" in page
    assert ines.post(f"{address}/save").status_code == 422
    assert len(entries()) == 1


def test_a_file_is_saved_once_and_what_was_discarded_is_gone(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    address = saved(ines, HEAD + XIAOMING)
    assert ines.post(f"{address}/save").status_code == 422
    assert ines.post(f"{address}/drop").status_code == 422
    assert acts("roster.upload")[0].details == {"new": 1}
    other, _page = preview(ines, HEAD + "20260099,甲,,,staff\n")
    assert ines.post(f"{other}/drop").status_code == 302
    assert ines.get(other).status_code == 404


# -- coming in -------------------------------------------------------------------------------------


def test_whoever_registers_as_the_roster_says_is_in_at_once(cast: Any, browse: Any) -> None:
    saved(browse(cast.ines), HEAD + XIAOMING)
    visitor = browse()
    answer = register(visitor, "２０２６００１２", "王 小明")
    assert answer.location == "/login"
    assert "class list" in visitor.get("/login").text
    row = membership("20260012")
    assert (row.state, row.positions, row.role) == ("active", [place("staff")], "student")
    step = approvals()[-1]
    assert (step.origin, step.member, step.label) == ("automation", None, "王 小明")
    assert (entries()[0].membership_id, entries()[0].taken_at is not None) == (row.id, True)
    assert visitor.post("/login", {"login": "20260012", "password": PASSWORD}).location == "/"


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"name": "王晓明"}, "Number 20260012 is on the roster as 王小明."),
        ({"number": "20260013"}, "This name is on the roster with number 20260012, one sign differs."),
        ({"number": "20990000"}, "This name is on the roster with number 20260012."),
    ],
)
def test_who_only_nearly_fits_waits_with_a_hint(
    cast: Any, browse: Any, changed: dict[str, str], hint: str
) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + XIAOMING)
    assert register(browse(), **changed).location == "/register/received"
    assert entries()[0].membership_id is None
    assert hint in ines.get("/instructor/registrations").text


def test_the_email_counts_where_the_roster_has_one(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + "20260012,王小明,Right@School.test,,staff\n20260013,李雷,li@school.test,,staff\n")
    assert register(browse(), email="wrong@school.test").location == "/register/received"
    assert "with the e-mail right@school.test" in ines.get("/instructor/registrations").text
    assert register(browse(), "20260013", "李雷", "LI@school.test").location == "/login"


def test_an_entry_lets_in_once(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + XIAOMING)
    register(browse())
    begin_write()
    db.session.get_one(Account, membership("20260012").account_id).number = "renamed"
    db.session.commit()
    assert register(browse(), email="second@school.test").location == "/register/received"
    assert "somebody has taken it" in ines.get("/instructor/registrations").text


def test_those_who_wait_come_in_when_the_file_is_saved(cast: Any, browse: Any) -> None:
    register(browse())
    before = len(approvals())
    saved(browse(cast.ines), HEAD + XIAOMING + "20260013,李雷,,,staff\n")
    assert membership("20260012").state == "active"
    assert [(step.member, step.origin) for step in approvals()[before:]] == [("t001", "screen")]


def test_switched_off_everybody_waits_and_is_marked(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    ines.post(f"{HERE}/switch", {"on": "0"})
    assert db.session.scalars(select(Course)).one().roster_activates is False
    assert acts("roster.switch")[0].details == {"activates": False}
    saved(ines, HEAD + XIAOMING)
    assert register(browse()).location == "/register/received"
    page = ines.get("/instructor/registrations").text
    assert "On the roster." in page
    assert "Approve those on the roster" in page
    assert ines.post(f"{HERE}/activate").status_code == 302
    assert membership("20260012").state == "active"


def test_in_a_frozen_sandbox_nobody_comes_in(cast: Any, browse: Any) -> None:
    from labapp.people.models import Sandbox

    saved(browse(cast.ines), HEAD + XIAOMING)
    begin_write()
    db.session.get_one(Sandbox, cast.ines.sandbox_id).state = "frozen"
    db.session.commit()
    assert register(browse()).location == "/register/received"
    assert membership("20260012").state == "pending"


def test_somebody_with_an_account_joins_by_the_roster(cast: Any, browse: Any) -> None:
    saved(browse(cast.ines), HEAD + XIAOMING)
    begin_write()
    account = Account(number="20260012", name="王小明", epoch=0, password_hash="x")
    db.session.add(account)
    db.session.commit()
    person = world.Person("X", "", account.id, 0, 0)
    assert browse(person).post("/join", {"join_code": "JOINA"}).status_code == 302
    assert membership("20260012").state == "active"


def test_who_is_approved_by_hand_takes_the_entry_too(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + XIAOMING)
    register(browse(), name="王晓明")
    given = {"ids": [membership("20260012").id], "position_id": place("staff"), "role": "student"}
    ines.post("/instructor/registrations/approve", given)
    assert entries()[0].membership_id == membership("20260012").id


# -- the list, and taking back ---------------------------------------------------------------------


def test_undo_takes_back_the_entries_and_lists_who_stays(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    address = saved(ines, HEAD + XIAOMING + "20260013,李雷,,,staff\n")
    register(browse())
    assert ines.post(f"{address}/undo").status_code == 302
    page = ines.get(address).text
    assert "1 person came in by this file" in page
    assert "王小明" in page
    assert "李雷" not in page
    assert membership("20260012").state == "active"
    assert acts("roster.undo")[0].details == {"removed": 1, "stayed": 1}
    assert ines.post(f"{address}/undo").status_code == 422
    assert register(browse(), "20260013", "李雷", "li@school.test").location == "/register/received"


def test_the_list_is_searched_filtered_and_exported(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + XIAOMING + "20260013,李雷,,CRM 2,staff\n")
    register(browse())
    for question, there, absent in (
        ("q=王", "王小明", "李雷"),
        ("q=20260013", "李雷", "王小明"),
        ("class=CRM+2", "李雷", "王小明"),
        ("state=registered", "王小明", "李雷"),
        ("state=missing", "李雷", "王小明"),
        ("q=%25", "Nobody on the roster", "李雷"),
    ):
        page = ines.get(f"{HERE}?{question}").text
        assert there in page, question
        assert absent not in page, question
    file = ines.get(f"{HERE}/missing.csv").data.decode("utf-8-sig")
    assert "李雷" in file
    assert "王小明" not in file
    assert ines.get(f"{HERE}/missing.xlsx", buffered=True).status_code == 200


def test_an_entry_is_added_corrected_and_taken_off(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    given = {"number": "20260020", "name": "韩梅梅", "position_id": str(place("staff"))}
    assert ines.post(f"{HERE}/entries/new", {**given, "number": "", "name": "韩梅梅"}).status_code == 422
    assert ines.post(f"{HERE}/entries/new", given).status_code == 302
    here = f"{HERE}/entries/{entries()[0].id}"
    assert ines.post(f"{HERE}/entries/new", given).status_code == 422
    assert ines.post(here, {**given, "email": "bad"}).status_code == 422
    assert ines.post(here, {**given, "email": "H@school.test"}).status_code == 302
    assert entries()[0].email == "h@school.test"
    assert acts("roster.edit")[0].details["fields"] == ["email"]
    assert ines.post(f"{here}/remove").status_code == 302
    assert entries() == []


def test_the_entry_of_a_member_is_not_changed(cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    saved(ines, HEAD + XIAOMING)
    register(browse())
    here = f"{HERE}/entries/{entries()[0].id}"
    given = {"number": "20260020", "name": "韩梅梅", "position_id": str(place("staff"))}
    assert ines.post(here, given).status_code == 422
    assert "own page" in ines.get(here).text


def test_the_roster_of_another_course_is_not_there(cast: Any, browse: Any) -> None:
    address = saved(browse(cast.ines), HEAD + XIAOMING)
    entry = entries()[0].id
    other = world.build("spring-b")["Ines"]
    there = browse(other)
    assert there.get(address).status_code == 404
    assert there.post(f"{address}/undo").status_code == 404
    assert there.post(f"{HERE}/entries/{entry}/remove").status_code == 404
    assert len(entries()) == 1


# -- the command line ------------------------------------------------------------------------------


def test_the_command_saves_lets_in_and_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LABAPP_DATABASE_URL", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path / "data"))
    site = create_app(extensions=())
    with site.app_context():
        create_all()
        world.build()
        db.session.remove()
    file = tmp_path / "class.csv"

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(labapp, ["roster", "import", str(file), *arguments], prog_name="labapp")

    file.write_bytes((HEAD + "20260012,王小明,,,\n20260013,,,,staff\n").encode("gb18030"))
    answer = call("autumn-a", "--position", "class_a/sales/staff")
    assert answer.exit_code == 1
    assert "Row 3, B (姓名): The name is missing." in answer.stderr
    assert call("autumn-a", "--position", "staff", "--dry-run").exit_code == 0
    with site.app_context():
        assert entries() == []
        assert db.session.scalars(select(RosterUpload)).all() == []
    assert call("autumn-a", "--position", "staff", "--skip-errors").exit_code == 0
    with site.app_context():
        assert [entry.number for entry in entries()] == ["20260012"]
        db.session.remove()
        db.engine.dispose()
    assert call("nowhere").exit_code == call("autumn-a", "--position", "nowhere").exit_code == 1
    assert call().exit_code == 2
    assert CliRunner().invoke(labapp, ["log", "verify", "autumn-a"], prog_name="labapp").exit_code == 0
