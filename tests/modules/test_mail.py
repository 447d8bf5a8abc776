"""Mail from one's own mailbox with one's signature: written on a record, or completed as a planned activity (F177)."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.modules.activities.models import Activity
from labapp.oplog.models import Operation
from labapp.records import query

BEN = "Ben <ben@mail.test>"
TYPED = {
    "sender": BEN,
    "to": "wang@firm.test",
    "mail_subject": "Offer",
    "text": "Good morning\n\n-- \nBen\nSales",
}


@pytest.fixture
def ben(cast: SimpleNamespace, browse: Any) -> Any:
    browser = browse(cast.ben)
    browser.post("/settings", {"sender": "ben@mail.test", "signature": "Ben\r\nSales"})
    return browser


def activities(actor: Any) -> list[Activity]:
    db.session.remove()
    return query.rows(Activity, actor)


def last_step(verb: str) -> Operation:
    found = db.session.scalars(
        select(Operation).where(Operation.verb == verb).order_by(Operation.id.desc())
    ).first()
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["lead", "customer", "contact"])
def test_a_mail_is_an_activity_and_a_contact(cast: SimpleNamespace, ben: Any, make: Any, kind: str) -> None:
    about = make(kind, cast.ben, email="wang@firm.test")
    url = f"/{kind}s/{about.id}/write_mail"
    page = ben.get(url).text
    assert "Ben &lt;ben@mail.test&gt;" in page
    assert "-- \nBen\nSales</textarea>" in page
    assert ben.post(url, TYPED).status_code == 302
    (found,) = activities(cast.ben.actor)
    assert (found.subject, found.activity_type, found.status) == ("Offer", "mail", "done")
    assert (found.related_kind, found.related_id) == (kind, about.id)
    assert found.description == f"From: {BEN}\nTo: wang@firm.test\n\nGood morning\n\n-- \nBen\nSales"
    assert last_step("write_mail").answers["sender"] == BEN
    if kind != "contact":
        assert query.rows(type(about), cast.ben.actor)[0].last_contacted_at is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "Ada <ada@mail.test>"},
        {"to": "somebody@else.test"},
        {"sender": ""},
        {"mail_subject": " "},
        {"text": "-- \nBen\nSales"},
    ],
)
def test_nobody_writes_in_another_s_name_or_nothing(
    cast: SimpleNamespace, ben: Any, make: Any, wrong: dict[str, str]
) -> None:
    lead = make("lead", cast.ben, email="wang@firm.test")
    answer = ben.post(f"/leads/{lead.id}/write_mail", TYPED | wrong)
    assert answer.status_code == 422
    assert activities(cast.ben.actor) == []


def test_without_an_address_there_is_nobody_to_write_to(cast: SimpleNamespace, ben: Any, make: Any) -> None:
    lead = make("lead", cast.ben, email=None)
    assert "write_mail" not in ben.get(f"/leads/{lead.id}").text
    assert ben.post(f"/leads/{lead.id}/write_mail", TYPED).status_code == 403


def test_without_a_mailbox_the_page_says_where_to_name_one(
    cast: SimpleNamespace, browse: Any, make: Any
) -> None:
    lead = make("lead", cast.ben, email="wang@firm.test")
    page = browse(cast.ben).get(f"/leads/{lead.id}/write_mail").text
    assert "You have set no mailbox yet" in page


def test_a_planned_mail_is_completed_from_the_mailbox(cast: SimpleNamespace, ben: Any, make: Any) -> None:
    lead = make("lead", cast.ben)
    mail = make("activity", cast.ben, activity_type="mail", related_kind="lead", related_id=lead.id)
    url = f"/activities/{mail.id}/complete"
    page = ben.get(url).text
    assert "Ben &lt;ben@mail.test&gt;" in page
    assert "-- \nBen\nSales</textarea>" in page
    assert ben.post(url, {"sender": BEN, "result": "Sent\n\n-- \nBen\nSales"}).status_code == 302
    assert activities(cast.ben.actor)[0].result == "Sent\n\n-- \nBen\nSales"
    assert last_step("complete").answers["sender"] == BEN


def test_a_planned_mail_begins_with_the_signature(cast: SimpleNamespace, ben: Any, browse: Any) -> None:
    page = ben.get("/activities/new?activity_type=mail").text
    assert "-- \nBen\nSales</textarea>" in page
    plan = {"subject": "Offer", "activity_type": "mail", "status": "open"}
    assert ben.post("/activities/new", plan | {"description": "Hello\n\n-- \nBen\nSales"}).status_code == 302
    (found,) = activities(cast.ben.actor)
    assert found.description == "Hello\n\n-- \nBen\nSales"
    assert (
        "Sales" not in browse(cast.cy).get("/activities/new?activity_type=mail").text.split("description")[1]
    )


def test_a_plan_that_may_become_a_mail_has_the_signature_at_hand(cast: SimpleNamespace, ben: Any) -> None:
    page = ben.get("/activities/new").text
    assert 'data-signature="\n\n-- \nBen\nSales"' in page
    assert "Sales</textarea>" not in page
    given = ben.get("/activities/new?activity_type=mail&description=Draft").text
    assert "Draft</textarea>" in given, "what the address says stands"


def test_the_signature_alone_is_no_description(cast: SimpleNamespace, ben: Any) -> None:
    plan = {"subject": "Offer", "activity_type": "mail", "status": "open"}
    ben.post("/activities/new", plan | {"description": "\r\n\r\n-- \r\nBen\r\nSales"})
    assert activities(cast.ben.actor)[0].description is None


def test_the_signature_alone_is_no_result(cast: SimpleNamespace, ben: Any, make: Any) -> None:
    mail = make("activity", cast.ben, activity_type="mail")
    ben.post(f"/activities/{mail.id}/complete", {"sender": BEN, "result": "\r\n\r\n-- \r\nBen\r\nSales"})
    (found,) = activities(cast.ben.actor)
    assert (found.status, found.result) == ("done", None)


def test_a_call_has_no_sender(cast: SimpleNamespace, ben: Any, make: Any) -> None:
    call = make("activity", cast.ben, activity_type="call")
    assert (
        BEN.replace("<", "&lt;").replace(">", "&gt;") not in ben.get(f"/activities/{call.id}/complete").text
    )
