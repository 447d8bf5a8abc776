"""Log review: filters, pages, a member's day, a step, exports, the administration log."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from labapp.db import db
from labapp.grading import read_log
from labapp.modules.leads.models import Lead
from labapp.oplog.append import Act, Step, append_act, append_all
from labapp.oplog.models import Operation
from labapp.oplog.read import A_DAY, PAGE
from labapp.records.work import writing

PAGES = (
    "/instructor/log",
    "/instructor/log/steps/1",
    "/instructor/log/member/s002",
    "/instructor/log/export.csv",
)


@pytest.fixture
def worked(browse, cast) -> None:
    """Ben makes a lead with a formula for a name and changes it; Cy makes one; Olga is refused."""
    ben = browse(cast.ben)
    ben.post("/leads/new", {"name": "=1+1", "company": "Hopper"})
    ben.post("/leads/1/edit", {"name": "=1+1", "company": "Murray", "version": "1"})
    browse(cast.cy).post("/leads/new", {"name": "Eve", "company": "Lovelace"})
    browse(cast.olga).post("/leads/1/edit", {"name": "Mine", "version": "2"})


def rows_of(browser, query: str = "") -> list[dict[str, str]]:
    """The exported table of a question: it goes by the same filters as the page."""
    answer = browser.get(f"/instructor/log/export.csv?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def acts(browser, query: str) -> list[tuple[str, str]]:
    return [
        (row["Member"], row["What"]) for row in rows_of(browser, query) if row["What"] != "session.export"
    ]


def test_filters_by_member_position_act_record_outcome_and_origin(worked, browse, cast):
    ines = browse(cast.ines)
    place = {place.name_en: place.id for place in cast.ines.actor.directory.places.values()}
    made = [("s002", "lead.create"), ("s003", "lead.create")]
    assert acts(ines, "verb=create&kind=lead") == made
    assert acts(ines, "member=s002&verb=create") == made[:1]
    assert acts(ines, f"position={place['class_a']}&verb=create&origin=screen") == made
    assert acts(ines, f"position={place['class_b']}&verb=create") == []
    assert ("s002", "lead.edit") in acts(ines, "kind=lead&record=1")
    assert ("s003", "lead.create") not in acts(ines, "kind=lead&record=1")
    assert acts(ines, "outcome=refused") == [("o001", "lead.edit")]
    assert acts(ines, "member=-&kind=lead") == []
    page = ines.get("/instructor/log?member=s002&kind=lead").text
    assert "Hopper" in page
    assert "Murray" in page
    assert "Lovelace" not in page


def test_the_filter_by_number_says_which_number_is_meant(worked, browse, cast):
    page = browse(cast.ines).get("/instructor/log?record=1").text
    assert 'aria-describedby="f-record-note f-record-hint"' in page
    assert 'id="f-record-hint"' in page


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("?kind=lead&record=999999999999999", "No step matches"),
        ("?before=999999999999999", "Hopper"),
        ("/member/s002?from=999999999999999", "Nothing happened"),
        ("/member/s002?hour=999999999999999", "Hopper"),
    ],
)
def test_numbers_that_no_step_has(worked, browse, cast, address, shown):
    answer = browse(cast.ines).get(f"/instructor/log{address}")
    assert (answer.status_code, shown in answer.text) == (200, True)


def test_filters_by_lab_day(worked, browse, cast):
    ines = browse(cast.ines)
    day = db.session.scalars(select(Operation).where(Operation.verb == "edit")).first().lab_at.date()
    assert ("s002", "lead.edit") in acts(ines, f"since={day}&until={day}")
    assert acts(ines, "until=2026-01-01") == []
    assert acts(ines, "since=2099-01-01") == []


def test_pages_go_by_key_and_meet_every_step_once(worked, browse, cast):
    ines = browse(cast.ines)
    for number in range(PAGE):
        ines.get(f"/leads/?q=search{number}")
    url, seen = "/instructor/log", []
    while url:
        page = ines.get(url).text
        seen += [
            int(part.split('"')[0])
            for part in page.split('<td class="num"><a href="/instructor/log/steps/')[1:]
        ]
        more = page.split('rel="next" href="')
        url = more[1].split('"')[0].replace("&amp;", "&") if len(more) > 1 else ""
    last = db.session.scalar(select(func.max(Operation.id)))
    assert seen == list(range(last, 0, -1))


def test_a_members_day_shows_what_moved(worked, browse, cast):
    page = browse(cast.ines).get("/instructor/log/member/s002").text
    assert "<del>Hopper</del>" in page
    assert "<ins>Murray</ins>" in page
    assert "school/class_a/sales/staff" in page
    assert "Eve" not in page
    assert "Nothing happened" in browse(cast.ines).get("/instructor/log/member/s002/2026-01-01").text
    assert browse(cast.ines).get("/instructor/log/member/nobody").status_code == 404
    assert browse(cast.ines).get("/instructor/log/member/s002/someday").status_code == 404


def test_a_long_day_is_shown_in_parts(worked, browse, cast):
    ines, ben = browse(cast.ines), (cast.ben.membership_id, "s002")
    begun = cast.ben.actor.lab_now + timedelta(days=3)
    with writing():
        steps = [Step(cast.ben.sandbox_id, "lead", "list", *ben) for _number in range(2 * A_DAY + 5)]
        append_all(steps, [begun.replace(hour=9, minute=0, second=0)] * len(steps))
    own = select(Operation.id).where(Operation.member == "s002", Operation.lab_at > begun.date())
    known, url, seen = list(db.session.scalars(own.order_by(Operation.id))), "/instructor/log/member/s002", []
    while url:
        page = ines.get(url).text
        seen += [int(number) for number in re.findall(r'<a href="/instructor/log/steps/(\d+)">step', page)]
        url = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), "")
    assert seen == known


def test_days_before_and_after_are_those_with_steps(worked, browse, cast):
    ines, ben = browse(cast.ines), (cast.ben.membership_id, "s002")
    today = cast.ben.actor.lab_now
    with writing():
        days = [today + timedelta(days=number) for number in (2, 5)]
        append_all([Step(cast.ben.sandbox_id, "lead", "list", *ben) for _day in days], days)

    def beside(day: datetime) -> list[str]:
        page = ines.get(f"/instructor/log/member/s002/{day:%Y-%m-%d}").text
        return re.findall(r'btn-sm" href="/instructor/log/member/s002/([0-9-]+)"', page)

    def said(*days: int) -> list[str]:
        return [f"{today + timedelta(days=number):%Y-%m-%d}" for number in days]

    assert beside(today) == said(2)
    assert beside(today + timedelta(days=1)) == said(0, 2)
    assert beside(today + timedelta(days=2)) == said(0, 5)
    assert beside(today + timedelta(days=9)) == said(5)
    assert beside(today - timedelta(days=400)) == said(0)


def test_a_step_leads_to_record_member_and_request(worked, browse, cast):
    step = db.session.scalars(
        select(Operation).where(Operation.verb == "edit", Operation.outcome == "done")
    ).one()
    lead_id = db.session.scalar(
        select(Lead.id).where(Lead.serial == step.record), execution_options={"seen_by": cast.ines.actor}
    )
    number, lab_at, request = step.id, step.lab_at, step.request
    page = browse(cast.ines).get(f"/instructor/log/steps/{number}").text
    assert f'href="/leads/{lead_id}"' in page
    assert f"{lab_at:%Y-%m-%d %H:%M:%S}" in page
    assert "Ben" in page
    assert f"/instructor/log?request={request}" in page
    assert acts(browse(cast.ines), f"request={request}") == [("s002", "lead.edit")]
    assert browse(cast.ines).get("/instructor/log/steps/99999999").status_code == 404


def test_exports_hold_no_live_formula(worked, browse, cast):
    ines = browse(cast.ines)
    titles = [row["Title"] for row in rows_of(ines, "verb=create&member=s002")]
    assert titles == ["'=1+1"]
    with ines.get("/instructor/log/export.xlsx?verb=create") as answer:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    values = [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert "=1+1" in values, "in a workbook it is text of its own"


def test_json_lines_are_a_log_that_the_grader_reads(worked, browse, cast, tmp_path):
    with browse(cast.ines).get("/instructor/log/export.jsonl") as answer:
        (tmp_path / "log.jsonl").write_bytes(answer.data)
    log = read_log(tmp_path / "log.jsonl")
    assert [step.id for step in log.steps] == list(range(1, len(log.steps) + 1))
    with browse(cast.ines).get("/instructor/log/export.jsonl?member=s003") as answer:
        only = answer.data.splitlines()[1:]
    assert {json.loads(line)["member"] for line in only} == {"s003"}


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_an_export_follows_the_filters_and_stops_at_the_most_rows(
    form, worked, browse, cast, app, monkeypatch
):
    def numbers(query: str) -> list[int]:
        with browse(cast.ines).get(f"/instructor/log/export.{form}?{query}") as answer:
            content = answer.data
        if form == "jsonl":
            return [json.loads(line)["id"] for line in content.splitlines()[1:]]
        if form == "csv":
            return [int(row["Step"]) for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        return [int(row[0]) for row in sheet[1:]]

    known = select(Operation.id).where(Operation.sandbox_id == cast.ben.sandbox_id).order_by(Operation.id)
    everything = list(db.session.scalars(known))
    own = list(db.session.scalars(known.where(Operation.member == "s002", Operation.verb == "edit")))
    assert own
    assert numbers("member=s002&verb=edit") == own
    monkeypatch.setitem(app.config, "EXPORT_ROWS", 5)
    assert numbers("") == everything[:5]


def test_an_export_is_a_look(worked, browse, cast):
    rows_of(browse(cast.ines))
    last = db.session.scalars(select(Operation).order_by(Operation.id.desc())).first()
    assert (last.member, last.kind, last.verb, last.answers["what"]) == ("t001", "session", "export", "log")


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("who", ["olga", "ben", "ada"])
def test_the_log_is_closed_to_observers_and_students(url: str, who: str, worked, browse, cast: Any):
    person = getattr(cast, who)
    before = refused_of(person)
    answer = browse(person).get(url)
    assert answer.status_code == 403
    assert "not open to your role" in answer.text
    assert refused_of(person) == before + 1


def refused_of(person) -> int:
    query = select(func.count()).select_from(Operation)
    return db.session.scalar(query.where(Operation.member == person.key, Operation.outcome == "refused"))


def test_assistants_read_the_log_but_not_the_acts_of_administration(worked, browse, cast):
    tess = browse(cast.tess)
    assert tess.get("/instructor/log").status_code == 200
    assert tess.get("/instructor/log/administration").status_code == 403


def test_the_administration_log_shows_the_acts_of_this_course(browse, cast):
    with writing():
        for number in range(PAGE + 1):
            append_act(
                Act("course.edit", "ines@school.test", "autumn-a", f"act {number}", {"title": "Spring"})
            )
        append_act(Act("course.edit", "ines@school.test", "another", "elsewhere"))
    first = browse(cast.ines).get("/instructor/log/administration").text
    assert f"act {PAGE}" in first
    assert "title: Spring" in first
    assert "elsewhere" not in first
    assert "act 0<" not in first
    following = first.split('rel="next" href="')[1].split('"')[0]
    assert "act 0<" in browse(cast.ines).get(following).text


def test_a_value_that_was_empty_is_no_python_word_in_the_table(worked, browse, cast):
    browse(cast.ben).post(
        "/leads/1/edit", {"name": "=1+1", "company": "Murray", "title": "Cook", "version": "2"}
    )
    last = rows_of(browse(cast.ines), "verb=edit&member=s002&outcome=done")[-1]
    assert "title – → Cook" in last["Changes"]
    assert "None" not in last["Changes"]
