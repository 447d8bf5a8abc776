"""Stages as the instructor wants them: meaning, order, what entering one asks for, whom it tells, when it reminds.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy; Dee is in another class.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from labapp.access.actor import system_actor
from labapp.db import begin_write, db
from labapp.lifecycle.chores import sweep
from labapp.lifecycle.verify import verify
from labapp.modules.opportunities.conditions import conditions
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stage_settings import counted
from labapp.notices.models import Notice
from labapp.oplog.models import Operation
from labapp.people.models import Position, Sandbox
from labapp.records import query
from labapp.records.codes import Stage

URL = "/instructor/codes/stage"


def stage(key: str) -> Any:
    return db.session.scalars(select(Stage).where(Stage.key == key)).one()


def decide(cast: Any, browse: Any, key: str, **said: Any) -> Any:
    """The instructor's form for a stage."""
    return browse(cast.ines).post(f"{URL}/{stage(key).id}/entry", {"entry": "1", **said})


def last() -> Any:
    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def notices(person: Any) -> list[Any]:
    asked = select(Notice).where(Notice.membership_id == person.membership_id).order_by(Notice.id)
    return list(db.session.scalars(asked))


def fresh(cast: Any, record_id: int) -> Any:
    return query.one(Opportunity, cast.ines.actor, record_id)


def place(name: str) -> str:
    found = db.session.scalars(select(Position).where(Position.name_en == name)).one()
    return f"position:{found.serial}"


def whole(cast: Any) -> bool:
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    assert sandbox is not None
    found = verify(sandbox)
    assert found is None, str(found)
    return True


@pytest.fixture
def sale(cast: Any, make: Any) -> int:
    customer = make("customer", cast.ben)
    return int(
        make("opportunity", cast.ben, customer_id=customer.id, name="Lifts", next_step=None, tags=[]).id
    )


# -- the console -------------------------------------------------------------------------------------------


def test_what_is_decided_is_one_step(cast: Any, browse: Any) -> None:
    said = {
        "requires": ["lines", "field:next_step"],
        "notify": [place("sales"), "member:s003"],
        "remind_after": "7",
    }
    assert decide(cast, browse, "quote", **said).status_code == 302
    found = stage("quote")
    assert found.requires == ["lines", "field:next_step"]
    assert found.notify == [place("sales"), "member:s003"]
    assert found.remind_after == 7
    assert (last().kind, last().verb, last().outcome) == ("stage", "edit", "done")
    page = browse(cast.ines).get(f"{URL}/{found.id}").text
    assert page.count(" checked") == 4
    assert whole(cast)


@pytest.mark.parametrize(
    "said",
    [
        {"requires": ["magic"]},
        {"requires": ["field:extra.magic"]},
        {"notify": ["position:999"]},
        {"notify": ["everybody"]},
        {"remind_after": "soon"},
        {"remind_after": "0"},
        {"remind_after": "366"},
    ],
)
def test_what_cannot_be_decided_is_said(cast: Any, browse: Any, said: Any) -> None:
    answer = decide(cast, browse, "quote", **said)
    assert answer.status_code == 422
    assert (last().kind, last().verb, last().outcome) == ("stage", "edit", "invalid")
    assert (stage("quote").requires, stage("quote").notify) in (
        ([], []),
        (None, []),
        ([], None),
        (None, None),
    )


@pytest.mark.parametrize("who", ["ben", "ada", "tess", "olga"])
def test_others_decide_nothing(cast: Any, browse: Any, who: str) -> None:
    answer = browse(getattr(cast, who)).post(f"{URL}/{stage('quote').id}/entry", {"requires": ["lines"]})
    assert answer.status_code == 403
    assert not stage("quote").requires


def test_how_many_would_not_pass(cast: Any, browse: Any, make: Any, sale: int) -> None:
    other = make("opportunity", cast.ben, next_step="Call", tags=["big"])
    make("line", cast.ben, opportunity_id=other.id)
    make("attachment", cast.ben, related_kind="opportunity", related_id=other.id, file_name="offer.PDF")
    make("opportunity", cast.ben, stage="won")
    total, lacking = counted(cast.ines.actor)
    assert total == 2
    assert lacking["lines"] == 1
    assert lacking["contact_role"] == 2
    assert (lacking["document"], lacking["document:pdf"], lacking["document:image"]) == (1, 1, 2)
    assert lacking["field:next_step"] == 1
    assert lacking["field:tags"] == 1
    assert "1 lack it" in browse(cast.ines).get(f"{URL}/{stage('quote').id}").text


# -- entry -------------------------------------------------------------------------------------------------


def advance(browser: Any, sale: int, to: str = "quote") -> Any:
    return browser.post(f"/opportunities/{sale}/advance", {"stage": to})


FULFIL = {
    "lines": lambda make, cast, sale: make("line", cast.ben, opportunity_id=sale),
    "contact_role": lambda make, cast, sale: make(
        "contact_role", cast.ben, opportunity_id=sale, contact_id=make("contact", cast.ben).id
    ),
    "document": lambda make, cast, sale: make(
        "attachment", cast.ben, related_kind="opportunity", related_id=sale
    ),
    "document:pdf": lambda make, cast, sale: make(
        "attachment", cast.ben, related_kind="opportunity", related_id=sale, file_name="Offer.PDF"
    ),
}


@pytest.mark.parametrize("wanted", sorted(FULFIL))
def test_a_stage_is_entered_once_it_is_met(cast: Any, browse: Any, make: Any, sale: int, wanted: str) -> None:
    decide(cast, browse, "quote", requires=[wanted])
    refused = advance(browse(cast.ben), sale)
    assert refused.status_code == 403
    assert str(conditions(cast.ben.actor)[wanted].label) in refused.text
    assert last().outcome == "refused"
    FULFIL[wanted](make, cast, sale)
    assert advance(browse(cast.ben), sale).status_code == 302
    assert fresh(cast, sale).stage == "quote"


def test_a_file_of_another_type_is_not_enough(cast: Any, browse: Any, make: Any, sale: int) -> None:
    decide(cast, browse, "quote", requires=["document:pdf"])
    FULFIL["document"](make, cast, sale)
    assert advance(browse(cast.ben), sale).status_code == 403


def test_the_board_and_many_at_once_ask_too(cast: Any, browse: Any, make: Any, sale: int) -> None:
    decide(cast, browse, "quote", requires=["lines"])
    browser = browse(cast.ben)
    browser.post("/opportunities/board/move", {"id": str(sale), "stage": "quote"})
    assert "at least one product line" in browser.get("/opportunities/board").text
    other = make("opportunity", cast.ben)
    make("line", cast.ben, opportunity_id=other.id)
    ids = [sale, other.id]
    answer = browser.post("/opportunities/bulk/advance", {"ids": ids, "confirm": "1", "stage": "quote"})
    assert "at least one product line" in answer.text
    assert [fresh(cast, one).stage for one in ids] == ["contact", "quote"]


def test_winning_asks_too(cast: Any, browse: Any, make: Any, sale: int) -> None:
    decide(cast, browse, "won", requires=["document"])
    assert browse(cast.ben).post(f"/opportunities/{sale}/win", {}).status_code == 403
    FULFIL["document"](make, cast, sale)
    assert browse(cast.ben).post(f"/opportunities/{sale}/win", {}).status_code == 302


def test_a_new_one_meets_what_its_stage_asks_for(cast: Any, browse: Any, make: Any) -> None:
    decide(cast, browse, "quote", requires=["field:next_step"])
    said = {
        "name": "Lifts",
        "customer_id": str(make("customer", cast.ben).id),
        "stage": "quote",
        "close_date": "2026-10-01",
    }
    assert browse(cast.ben).post("/opportunities/new", said).status_code == 403
    assert browse(cast.ben).post("/opportunities/new", {**said, "next_step": "Call"}).status_code == 302


def test_a_custom_field_can_be_asked_for(cast: Any, browse: Any, sale: int) -> None:
    said = {"key": "budget", "name_zh": "预算", "name_en": "Budget", "shape": "number"}
    browse(cast.ines).post("/instructor/fields/opportunity/add", said)
    decide(cast, browse, "quote", requires=["field:extra.budget"])
    refused = advance(browse(cast.ben), sale)
    assert refused.status_code == 403
    assert "Budget" in refused.text
    kept = {"field": "extra_budget", "extra_budget": "0", "ids": [sale], "confirm": "1"}
    assert browse(cast.ben).post("/opportunities/bulk/update", kept).status_code == 302
    assert advance(browse(cast.ben), sale).status_code == 302


def test_a_field_that_is_retired_asks_for_nothing(cast: Any, browse: Any, sale: int) -> None:
    said = {"key": "budget", "name_zh": "预算", "name_en": "Budget", "shape": "number"}
    browse(cast.ines).post("/instructor/fields/opportunity/add", said)
    decide(cast, browse, "quote", requires=["field:extra.budget"])
    browse(cast.ines).post("/instructor/fields/opportunity/1/retire")
    assert advance(browse(cast.ben), sale).status_code == 302


def test_what_stands_there_already_stays(cast: Any, browse: Any, sale: int) -> None:
    advance(browse(cast.ben), sale)
    decide(cast, browse, "quote", requires=["lines"])
    assert fresh(cast, sale).stage == "quote"
    assert browse(cast.ben).get(f"/opportunities/{sale}").status_code == 200


# -- meaning -----------------------------------------------------------------------------------------------


def test_board_and_page_say_what_a_stage_means(cast: Any, browse: Any, sale: int) -> None:
    said = {
        "name_en": "Quote",
        "name_zh": "报价",
        "probability": "45",
        "meaning_en": "They hold our price",
        "meaning_zh": "",
    }
    browse(cast.ines).post(f"{URL}/{stage('quote').id}/edit", said)
    decide(cast, browse, "quote", requires=["lines"])
    for page in ("/opportunities/board", f"/opportunities/{sale}"):
        text = browse(cast.ben).get(page).text
        assert "They hold our price" in text
        assert "at least one product line" in text
    assert 'aria-current="step"' in browse(cast.ben).get(f"/opportunities/{sale}").text


# -- notices -----------------------------------------------------------------------------------------------


def test_those_named_are_told_with_a_link_if_they_may_see_it(cast: Any, browse: Any, sale: int) -> None:
    decide(cast, browse, "quote", notify=[place("sales"), "member:s003", "member:s002"])
    advance(browse(cast.ben), sale)
    (told,) = notices(cast.ada)
    assert told.url == f"/opportunities/{sale}"
    assert "Lifts" in told.text_en
    assert "Lifts" in told.text_zh
    (hidden,) = notices(cast.cy)
    assert hidden.url == ""
    assert "Lifts" not in hidden.text_en + hidden.text_zh
    assert "not visible" in hidden.text_en
    assert notices(cast.ben) == notices(cast.dee) == []


def test_who_was_refused_tells_nobody(cast: Any, browse: Any, sale: int) -> None:
    decide(cast, browse, "quote", requires=["lines"], notify=[place("sales")])
    advance(browse(cast.ben), sale)
    assert notices(cast.ada) == []


def test_a_new_one_in_the_stage_tells_too(cast: Any, browse: Any, make: Any) -> None:
    decide(cast, browse, "quote", notify=[place("sales")])
    said = {"name": "Lifts", "customer_id": str(make("customer", cast.ben).id), "close_date": "2026-10-01"}
    browse(cast.ben).post("/opportunities/new", {**said, "stage": "quote"})
    assert len(notices(cast.ada)) == 1


# -- reminders ---------------------------------------------------------------------------------------------


def days_pass(cast: Any, days: int) -> int:
    """Move the sandbox clock on, and do what falls due. Returns how much was done."""
    begin_write()
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    assert sandbox is not None
    sandbox.clock_base += timedelta(days=days)
    name = sandbox.name
    db.session.commit()
    return sweep(name)


def reminders(cast: Any) -> list[Any]:
    return [one for one in notices(cast.ben) if one.topic == "stage_reminder"]


def test_a_sale_nobody_follows_up_is_reminded_of_once_a_stay(cast: Any, browse: Any, sale: int) -> None:
    decide(cast, browse, "contact", remind_after="7")
    days_pass(cast, 6)
    assert reminders(cast) == []
    days_pass(cast, 2)
    (told,) = reminders(cast)
    assert told.url == f"/opportunities/{sale}"
    assert "7 days" in told.text_en
    done = select(Operation).where(Operation.verb == "remind")
    step = db.session.scalars(done).one()
    assert (step.kind, step.origin, step.member, step.label) == ("opportunity", "automation", None, "Lifts")
    days_pass(cast, 30)
    assert len(reminders(cast)) == 1
    decide(cast, browse, "quote", remind_after="3")
    advance(browse(cast.ben), sale)
    days_pass(cast, 4)
    assert len(reminders(cast)) == 2
    assert whole(cast)


@pytest.mark.parametrize("kind", ["activity", "note"])
def test_following_up_puts_the_reminder_off(cast: Any, browse: Any, make: Any, sale: int, kind: str) -> None:
    decide(cast, browse, "contact", remind_after="7")
    days_pass(cast, 5)
    make(kind, cast.ben, related_kind="opportunity", related_id=sale)
    days_pass(cast, 5)
    assert reminders(cast) == []
    days_pass(cast, 3)
    assert len(reminders(cast)) == 1


def test_closed_ones_and_stages_without_a_reminder_are_left_alone(cast: Any, browse: Any, sale: int) -> None:
    browse(cast.ben).post(f"/opportunities/{sale}/win", {})
    decide(cast, browse, "won", remind_after="1")
    days_pass(cast, 30)
    assert reminders(cast) == []
    assert stage("won").remind_after is None


def test_the_house_sees_every_sale(cast: Any, browse: Any, make: Any) -> None:
    make("opportunity", cast.dee)
    decide(cast, browse, "contact", remind_after="7")
    days_pass(cast, 8)
    assert [one.topic for one in notices(cast.dee)].count("stage_reminder") == 1
    sandbox = db.session.get(Sandbox, cast.dee.sandbox_id)
    assert sandbox is not None
    assert system_actor(sandbox).sees_all


def test_the_log_tells_earlier_stages_in_words(cast: Any, browse: Any, sale: int) -> None:
    assert advance(browse(cast.ben), sale).status_code == 302
    shown = browse(cast.ines).get(f"/instructor/log/steps/{last().id}").text
    assert re.search(r"First contact \d{4}-\d\d-\d\d \d\d:\d\d \d{4}-\d\d-\d\d \d\d:\d\d", shown)
