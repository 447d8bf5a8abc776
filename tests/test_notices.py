"""The last notices of a member, as the first page and the page behind the bell read them."""

from datetime import datetime
from typing import Any

from labapp.db import begin_write, db
from labapp.notices.board import Words, mark_read, notices_of, tell, unread

MOMENT = datetime.fromisoformat("2026-09-07T09:00:00")


def test_so_many_of_the_last_notices_newest_first(cast: Any) -> None:
    begin_write()
    for number in range(8):
        words = Words(f"n{number}", f"第 {number} 条")
        tell(cast.ben.sandbox_id, [cast.ben.membership_id], "test", words, MOMENT, "/leads/")
    db.session.commit()
    last = notices_of(cast.ben.membership_id, 3)
    assert [(one.text_en, one.at, one.url, one.read_at) for one in last] == [
        (f"n{number}", MOMENT, "/leads/", None) for number in (7, 6, 5)
    ]
    assert len(notices_of(cast.ben.membership_id)) == unread(cast.ben.membership_id) == 8
    assert notices_of(cast.cy.membership_id) == []
    mark_read(cast.ben.membership_id)
    assert all(one.read_at is not None for one in notices_of(cast.ben.membership_id))


def told(person: Any, count: int) -> None:
    begin_write()
    for number in range(count):
        tell(person.sandbox_id, [person.membership_id], "test", Words(f"n{number}", "知"), MOMENT)
    db.session.commit()


def test_every_page_says_how_many_are_unread(cast: Any, browse: Any) -> None:
    told(cast.ben, 2)
    ben = browse(cast.ben)
    for path in ("/leads/", "/coach", "/customers/new"):
        assert "Notices: 2 unread" in ben.get(path).text
    assert "Notices: 2 unread" in ben.post("/leads/new", data={"name": ""}).text
    assert ben.post("/notices/read").status_code == 302
    assert "Notices: 0 unread" in ben.get("/leads/").text
    assert "Notices: 0 unread" in browse(cast.cy).get("/leads/").text


def test_whoever_looks_through_a_students_eyes_sees_the_students(cast: Any, browse: Any) -> None:
    told(cast.ben, 3)
    told(cast.ines, 1)
    ines = browse(cast.ines)
    assert "Notices: 1 unread" in ines.get("/instructor/").text
    assert ines.post(f"/instructor/log/view-as/{cast.ben.key}").status_code == 302
    assert "Notices: 3 unread" in ines.get("/leads/").text
