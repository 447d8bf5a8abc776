"""Marking by hand without names, in an order of the reader's own; comments with the mark; the bank of them."""

import re

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.gradebook.models import COMMENT, MARK, BankComment, LedgerEntry
from tests.grading_class import RUBRIC, count, worked  # noqa: F401 (a fixture)
from tests.instructor.test_grades import page
from tests.tables import everything, moved

WORK = "/instructor/grades/marking/work?task=essay&check=1"
NAMES = ("Ada", "Ben", "Cy", "Dee", "s001", "s002", "s003", "s004")


def main_of(browser, url: str = WORK) -> str:
    """The page without its frame, which greets the reader."""
    return page(browser, url).split('<main id="main"')[1].split("</main>")[0]


def signs(browser) -> list[str]:
    """The works in the order they come, by going from one to the next."""
    found, url = [], WORK
    while url:
        shown = main_of(browser, url)
        found.append(re.search(r'name="sign" value="(\w+)"', shown).group(1))
        following = re.search(r'href="([^"]+)" data-key="j"', shown)
        url = following.group(1).replace("&amp;", "&") if following else ""
    return found


def marks(browser, sign: str, **form):
    return browser.post(
        "/instructor/grades/marking/work", {"task": "essay", "check": "1", "sign": sign, **form}
    )


def rows(kind: str) -> list[LedgerEntry]:
    db.session.remove()
    return list(db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind)))


def test_works_come_without_names_until_one_asks_for_them(worked):  # noqa: F811
    first = signs(worked)
    assert len(first) == 4
    for sign in first:
        shown = main_of(worked, f"{WORK}&sign={sign}")
        assert not [name for name in NAMES if re.search(rf"\b{name}\b", shown)]
    named = [main_of(worked, f"{WORK}&sign={sign}&names=1") for sign in first]
    assert sorted(re.search(r'mark-state"><strong>(\w+)', shown).group(1) for shown in named) == [
        "Ada", "Ben", "Cy", "Dee",
    ]  # fmt: skip


def test_the_order_is_the_readers_own_and_stays(worked, browse, cast):  # noqa: F811
    ines, tess = signs(worked), signs(browse(cast.tess))
    assert ines == signs(worked)
    assert set(ines).isdisjoint(tess), "a sign tells nothing to another reader"


def test_from_work_to_work_until_all_are_marked(worked):  # noqa: F811
    for left in (3, 2, 1, 0):
        sign = re.search(r'name="sign" value="(\w+)"', main_of(worked)).group(1)
        answer = marks(worked, sign, points="3")
        assert answer.status_code == 302
        assert answer.location.endswith("/marking") == (left == 0)
    assert len(rows(MARK)) == 4
    assert len({row.membership_id for row in rows(MARK)}) == 4
    assert "4/4" in page(worked, "/instructor/grades/marking")


def test_a_mark_off_the_scale_is_refused_and_what_was_typed_is_kept(worked):  # noqa: F811
    sign, stands = signs(worked)[0], everything()
    for points in ("4.5", "-1", "", "good"):
        answer = marks(worked, sign, points=points, comment="See page 2.")
        assert answer.status_code == 422
        assert f'value="{points}"' in answer.text
        assert ">See page 2.</textarea>" in answer.text
    assert moved(stands) == []
    assert marks(worked, "0" * 16, points="3").status_code == 404
    assert worked.get("/instructor/grades/marking/work?task=make&check=0").status_code == 404


def test_a_comment_is_a_row_shown_to_the_student_with_the_mark(worked, browse, cast):  # noqa: F811
    worked.post("/instructor/grades/comments", {"task": "essay", "text": "Clear, but without figures."})
    kept = db.session.scalar(select(BankComment.id))
    url = "/instructor/grades/s002/comment"
    assert worked.post(url, {"task": "essay"}).status_code == 422
    assert (
        worked.post(url, {"task": "essay", "bank": kept, "comment": "See me.", "keep": "shared"}).status_code
        == 302
    )
    assert [row.reason for row in rows(COMMENT)] == ["Clear, but without figures.", "See me."]
    assert count(BankComment) == 2
    ben = browse(cast.ben)
    assert "See me." not in page(ben, "/coach/grades")
    worked.post("/instructor/grades/release")
    assert "See me." in page(ben, "/coach/grades")
    assert "See me." not in page(browse(cast.cy), "/coach/grades")
    number = rows(COMMENT)[1].id
    assert (
        worked.post("/instructor/grades/s002/withdrawn", {"task": "essay", "about": number}).status_code
        == 302
    )
    assert "See me." not in page(ben, "/coach/grades")
    assert "Clear, but without figures." in page(ben, "/coach/grades")


def test_the_bank_shows_ones_own_and_what_is_shared(worked, browse, cast):  # noqa: F811
    tess = browse(cast.tess)
    for text, shared in (("Mine alone.", ""), ("For all.", "1")):
        assert worked.post("/instructor/grades/comments", {"text": text, "shared": shared}).status_code == 302
    assert worked.post("/instructor/grades/comments", {"text": "For all."}).status_code == 422
    assert worked.post("/instructor/grades/comments", {"text": " "}).status_code == 422
    shown = page(tess, "/instructor/grades/comments")
    assert "For all." in shown
    assert "Mine alone." not in shown
    ids = list(db.session.scalars(select(BankComment.id)))
    for verb in ("share", "unshare", "retire"):
        assert tess.post(f"/instructor/grades/comments/{ids[1]}/{verb}").status_code == 404
    assert worked.post(f"/instructor/grades/comments/{ids[0]}/share").status_code == 302
    assert "Mine alone." in page(tess, "/instructor/grades/comments")
    assert worked.post(f"/instructor/grades/comments/{ids[0]}/retire").status_code == 302
    assert "Mine alone." not in page(worked, "/instructor/grades/comments")


def test_the_history_names_who_when_what_and_why(worked, browse, cast):  # noqa: F811
    worked.post("/instructor/grades/run")
    browse(cast.tess).post("/instructor/grades/s002/mark", {"task": "essay", "check": "1", "points": "2"})
    worked.post(
        "/instructor/grades/s003/override", {"task": "make", "points": "7", "reason": "told in class"}
    )
    worked.post("/instructor/grades/run")
    shown = page(worked, "/instructor/grades/history")
    for words in (
        "tess@school.test",
        "ines@school.test",
        "told in class",
        "7.00",
        "Graded",
        "Rubric put into force",
    ):
        assert words in shown
    ben = page(worked, "/instructor/grades/history?member=s002")
    assert "told in class" not in ben
    assert "13.75" in ben, "the run after the mark gave another total"
    assert "told in class" in page(worked, "/instructor/grades/history?kind=override")
    assert "<td>Make two leads</td>" in shown
    assert '<option value="essay" selected>Essay</option>' in page(
        worked, "/instructor/grades/history?task=essay"
    )
    assert worked.get("/instructor/grades/history?member=x999").status_code == 404
    text = {"text": RUBRIC.replace("points: 10", "points: 20"), "reason": "Leads are harder now"}
    worked.post("/instructor/grades/rubric/force", text)
    assert "Leads are harder now" in page(worked, "/instructor/grades/history?kind=rubric")


@pytest.mark.parametrize("name", ["olga", "ben", "ada"])
def test_marking_is_closed_to_all_who_do_not_grade(name, worked, browse, cast):  # noqa: F811
    browser = browse(getattr(cast, name))
    for page_name in ("marking", "comments", "history", "statistics"):
        assert browser.get(f"/instructor/grades/{page_name}").status_code == 403
    assert marks(browser, "0" * 16, points="1").status_code == 403
    assert count(LedgerEntry) == 0


def test_what_the_grader_could_not_tell_is_said_to_staff(worked, monkeypatch):  # noqa: F811
    from labapp.grading.checks.did import Did

    def broken(*_args):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(Did, "judge", broken)
    shown = page(worked, "/instructor/grades")
    assert "The grader could not tell everything." in shown
    assert "This check could not tell (RuntimeError: no such thing)." in shown
    assert "line 11 of the rubric" in shown
