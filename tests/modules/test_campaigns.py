"""Campaigns: verbs and dates, members, tasks, leads from tasks, result and return, the warning before the end.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy;  Class B ── Dee;  Ines instructs; Olga observes.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from labapp.access.actor import system_actor
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.campaigns.deadlines import warn
from labapp.modules.campaigns.models import Campaign, CampaignMember
from labapp.modules.leads.models import Lead
from labapp.modules.opportunities.models import Opportunity
from labapp.notices.board import notices_of
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records import query
from tests.lives import last_step, steps_since
from tests.world import START

TODAY = START.date()


@pytest.fixture
def fair(make, cast):
    """Ada's campaign, under way, that ends in three weeks. Its id."""
    return campaign(make, cast.ada)


def campaign(make, owner, **values):
    said = {
        "name": "Autumn fair",
        "status": "active",
        "start_date": TODAY,
        "end_date": TODAY + timedelta(days=21),
        "budget": Decimal(9000),
        "actual_cost": None,
        "warned_for": None,
    }
    return make("campaign", owner, **{**said, **values}).id


def stands(record_id):
    db.session.remove()
    return db.session.scalars(
        select(Campaign).where(Campaign.id == record_id), execution_options={"seen_by": EVERYONE}
    ).one()


def members_of(record_id):
    db.session.remove()
    asked = select(CampaignMember).where(
        CampaignMember.campaign_id == record_id, CampaignMember.deleted_at.is_(None)
    )
    return db.session.scalars(asked, execution_options={"seen_by": EVERYONE}).all()


def text(answer):
    return answer.get_data(as_text=True)


# -- dates and status ------------------------------------------------------------------------------


def test_a_campaign_ends_no_earlier_than_it_starts(cast, browse):
    typed = {"name": "Spring", "start_date": "2026-09-20", "end_date": "2026-09-10", "campaign_type": "care"}
    answer = browse(cast.ada).post("/campaigns/new", typed)
    assert answer.status_code == 422
    assert "cannot end before it starts" in text(answer)
    assert 'value="2026-09-10"' in text(answer)


def test_an_edit_cannot_turn_the_period_round(cast, browse, fair):
    answer = browse(cast.ada).post(
        f"/campaigns/{fair}/edit", {"end_date": "2026-09-01", "name": "Autumn fair"}
    )
    assert answer.status_code == 422
    assert stands(fair).end_date == TODAY + timedelta(days=21)


def test_a_new_campaign_is_not_over(cast, browse):
    typed = {"name": "Old", "start_date": "2026-09-01", "end_date": "2026-09-10", "status": "completed"}
    assert browse(cast.ada).post("/campaigns/new", typed).status_code == 422


def test_status_moves_by_its_verbs(cast, browse, make):
    planned = campaign(make, cast.ada, status="planned")
    ada, before = browse(cast.ada), last_step(cast.ada)
    moved = []
    for verb, answers in (
        ("start", {}),
        ("complete", {"actual_cost": "8,000", "result": "Forty came"}),
        ("reopen", {}),
        ("cancel", {"reason": "No hall"}),
    ):
        assert ada.post(f"/campaigns/{planned}/{verb}", answers).status_code == 302
        moved.append(stands(planned).status)
    assert moved == ["active", "completed", "active", "cancelled"]
    assert [step.verb for step in steps_since(cast.ada, before)] == ["start", "complete", "reopen", "cancel"]
    assert (stands(planned).actual_cost, stands(planned).result) == (Decimal(8000), "Forty came")


def test_completing_without_answers_keeps_what_stands(cast, browse, make):
    done = campaign(make, cast.ada, actual_cost=Decimal(500), result="Seen by many")
    browse(cast.ada).post(f"/campaigns/{done}/complete", {"survey": "They liked it"})
    row = stands(done)
    assert (row.actual_cost, row.result, row.survey) == (Decimal(500), "Seen by many", "They liked it")


def test_everybody_reads_and_the_owner_and_superiors_edit(cast, browse, make):
    bens = campaign(make, cast.ada, name="Quiet care")
    assert {browse(p).get(f"/campaigns/{bens}").status_code for p in (cast.dee, cast.cy, cast.olga)} == {200}
    assert browse(cast.dee).post(f"/campaigns/{bens}/start", {}).status_code == 403
    assert browse(cast.ines).post(f"/campaigns/{bens}/complete", {}).status_code == 302


# -- members ---------------------------------------------------------------------------------------


def test_a_hidden_lead_is_not_named_among_the_members(cast, browse, make, fair):
    lead = make("lead", cast.ben, name="Quartz Grace").id
    data = {"campaign_id": fair, "lead_id": lead, "response": "invited"}
    assert browse(cast.ada).post("/campaign-members/new", data).status_code == 302
    assert "Quartz Grace" in text(browse(cast.ada).get(f"/campaigns/{fair}"))
    for url in (f"/campaigns/{fair}", "/campaign-members/", "/campaign-members/export.csv"):
        shown = text(browse(cast.dee).get(url))
        assert "Quartz Grace" not in shown
    assert "not visible to you" in text(browse(cast.dee).get(f"/campaigns/{fair}"))


@pytest.mark.parametrize("both", [True, False])
def test_a_member_is_a_lead_or_a_contact_one_of_the_two(cast, browse, make, fair, both):
    data = {"campaign_id": fair, "response": "invited"}
    if both:
        data |= {"lead_id": make("lead", cast.ada).id, "contact_id": make("contact", cast.ada).id}
    answer = browse(cast.ada).post("/campaign-members/new", data)
    assert answer.status_code == 422
    assert "one of the two" in text(answer)


def test_nobody_is_in_a_campaign_twice(cast, browse, make, fair):
    data = {"campaign_id": fair, "lead_id": make("lead", cast.ada).id, "response": "invited"}
    assert browse(cast.ada).post("/campaign-members/new", data).status_code == 302
    assert browse(cast.ada).post("/campaign-members/new", data).status_code == 422
    assert len(members_of(fair)) == 1


def test_an_answer_has_its_day(cast, browse, make, fair):
    data = {"campaign_id": fair, "lead_id": make("lead", cast.ada).id, "response": "invited"}
    browse(cast.ada).post("/campaign-members/new", data)
    (member,) = members_of(fair)
    assert member.responded_at is None
    url = f"/campaign-members/{member.id}/edit"
    browse(cast.ada).post(url, {"response": "interested", "version": member.version})
    (member,) = members_of(fair)
    assert (member.response, member.responded_at) == ("interested", TODAY)


def test_many_leads_join_from_their_list(cast, browse, make, fair):
    leads = [make("lead", cast.ben).id for _ in range(3)]
    before = last_step(cast.ada)
    data = {"confirm": "1", "ids": [str(i) for i in leads], "campaign_id": str(fair), "response": "responded"}
    assert browse(cast.ada).post("/leads/bulk/add_to_campaign", data).status_code == 302
    assert {m.lead_id for m in members_of(fair)} == set(leads)
    steps = steps_since(cast.ada, before)
    serial = stands(fair).serial
    assert [(s.kind, s.verb, s.answers["campaign"]) for s in steps] == [
        ("lead", "add_to_campaign", serial)
    ] * 3
    again = browse(cast.ada).post("/leads/bulk/add_to_campaign", data)
    assert "in the campaign already" in text(again)


def test_a_customer_joins_with_its_contacts(cast, browse, make, fair):
    customer = make("customer", cast.ada).id
    people = {make("contact", cast.ada, customer_id=customer).id for _ in range(2)}
    data = {"campaign_id": str(fair), "response": "invited"}
    assert browse(cast.ada).post(f"/customers/{customer}/add_to_campaign", data).status_code == 302
    assert {m.contact_id for m in members_of(fair)} == people
    assert browse(cast.ada).post(f"/customers/{customer}/add_to_campaign", data).status_code == 403


def test_the_audience_is_picked_by_tier_among_what_one_sees(cast, browse, make, fair):
    key = make("customer", cast.ben, level="key").id
    wanted = make("contact", cast.ben, customer_id=key).id
    make("contact", cast.ben, customer_id=make("customer", cast.ben, level="normal").id)
    hidden = make("customer", cast.dee, level="key").id
    make("contact", cast.dee, customer_id=hidden)
    data = {"people": "contact", "level": "key", "industry": ""}
    assert browse(cast.ada).post(f"/campaigns/{fair}/invite", data).status_code == 302
    assert [m.contact_id for m in members_of(fair)] == [wanted]
    lead = make("lead", cast.ben, status="new", rating="hot").id
    make("lead", cast.ben, status="new", rating="cold")
    browse(cast.ada).post(f"/campaigns/{fair}/invite", {"people": "lead", "rating": "hot", "industry": ""})
    assert [m.lead_id for m in members_of(fair) if m.lead_id] == [lead]


def test_a_cancelled_campaign_takes_nobody(cast, browse, make):
    over = campaign(make, cast.ada, status="cancelled")
    data = {"campaign_id": over, "lead_id": make("lead", cast.ada).id, "response": "invited"}
    assert browse(cast.ada).post("/campaign-members/new", data).status_code == 403


# -- tasks and leads from them ---------------------------------------------------------------------


def task(make, owner, campaign_id, **values):
    said = {"subject": "Call the guests", "status": "open", "due_at": START + timedelta(days=1)}
    return make("activity", owner, related_kind="campaign", related_id=campaign_id, **{**said, **values}).id


def test_each_view_of_tasks_shows_its_own(cast, browse, make, fair):
    task(make, cast.ada, fair, subject="Mine open")
    task(make, cast.ben, fair, subject="His open")
    task(make, cast.ben, fair, subject="His done", status="done", result="They will come")
    task(make, cast.ben, fair, subject="His dropped", status="cancelled")
    wanted = {
        "my": {"Mine open"},
        "open": {"Mine open", "His open"},
        "past": {"His done", "His dropped"},
        "all": {"Mine open", "His open", "His done", "His dropped"},
    }
    for url in ("/campaigns/tasks", f"/campaigns/{fair}"):
        for view, subjects in wanted.items():
            page = text(browse(cast.ada).get(f"{url}?view={view}"))
            tasks = page[page.index('aria-label="Which tasks"') :].partition("</table>")[0]
            shown = {s for s in wanted["all"] if s in tasks}
            assert shown == subjects, (url, view)
    assert "They will come" in text(browse(cast.ada).get("/campaigns/tasks?view=past"))


def test_a_near_or_past_deadline_is_marked(cast, browse, make, fair):
    task(make, cast.ada, fair, subject="Soon", due_at=START + timedelta(days=2))
    task(make, cast.ada, fair, subject="Late", due_at=START - timedelta(days=1))
    task(make, cast.ada, fair, subject="Far", due_at=START + timedelta(days=9))
    rows = text(browse(cast.ada).get("/campaigns/tasks")).split("<tr")
    marks = {
        name: next(row for row in rows if f">{name}<" in row).count('class="badge tone-danger')
        + 2 * next(row for row in rows if f">{name}<" in row).count("due soon")
        for name in ("Soon", "Late", "Far")
    }
    assert marks["Soon"] == 2
    assert "overdue" in next(row for row in rows if ">Late<" in row)
    assert not {"overdue", "due soon"} & set(next(row for row in rows if ">Far<" in row).split('"'))


def test_a_lead_from_a_task_carries_the_campaign_to_the_opportunity(cast, browse, make, fair):
    found, before = task(make, cast.ben, fair, status="done"), last_step(cast.ben)
    data = {"name": "Lin Xia", "company": "Moving house"}
    answer = browse(cast.ben).post(f"/activities/{found}/create_lead", data)
    assert answer.status_code == 302
    lead = query.rows(Lead, cast.ben.actor)[0]
    assert (lead.campaign_id, lead.source, lead.status, lead.company) == (
        fair,
        "campaign",
        "new",
        "Moving house",
    )
    (step,) = steps_since(cast.ben, before)
    assert (step.kind, step.verb, step.changes[0]["after"]["campaign"]) == (
        "activity",
        "create_lead",
        stands(fair).serial,
    )
    browse(cast.ben).post(f"/leads/{lead.id}/qualify", {})
    data = {"opportunity": "First order", "amount": "100", "close_date": "2026-09-30"}
    assert browse(cast.ben).post(f"/leads/{lead.id}/convert", data).status_code == 302
    sale = query.rows(Opportunity, cast.ben.actor)[0]
    assert (sale.name, sale.campaign_id) == ("First order", fair)


def test_care_for_many_plans_tasks_of_a_care_campaign(cast, browse, make):
    care = campaign(make, cast.ada, campaign_type="care")
    customers = [make("customer", cast.ben, name=name).id for name in ("Quartz", "Basalt")]
    person = make("contact", cast.ben, customer_id=customers[0]).id
    data = {"confirm": "1", "ids": [str(i) for i in customers], "subject": "Greet", "campaign_id": str(care)}
    assert browse(cast.ben).post("/customers/bulk/care", data).status_code == 302
    rows = (
        browse(cast.ben).get(f"/activities/?related_kind=campaign&related_id={care}&format=json").json["rows"]
    )
    assert {row["subject"] for row in rows} == {"Greet · Quartz", "Greet · Basalt"}
    call = next(row["id"] for row in rows if row["subject"].endswith("Quartz"))
    shown = browse(cast.ben).get(f"/activities/{call}").get_data(as_text=True)
    assert f'href="/contacts/{person}"' in shown


def test_an_activity_of_no_campaign_makes_no_lead(cast, browse, make):
    other = make("activity", cast.ben, related_kind=None, related_id=None).id
    answer = browse(cast.ben).post(f"/activities/{other}/create_lead", {"name": "A", "company": "B"})
    assert answer.status_code == 403


# -- deleting, warning -----------------------------------------------------------------------------


def test_a_campaign_that_brought_leads_is_not_deleted(cast, browse, make, fair):
    make("lead", cast.ben, campaign_id=fair)
    assert browse(cast.ada).post(f"/campaigns/{fair}/delete", {}).status_code == 403
    assert stands(fair).deleted_at is None


def test_members_and_tasks_go_to_the_bin_and_come_back(cast, browse, make, fair):
    make("campaign_member", cast.ada, campaign_id=fair, lead_id=make("lead", cast.ada).id)
    activity = task(make, cast.ben, fair)
    assert browse(cast.ada).post(f"/campaigns/{fair}/delete", {}).status_code == 302
    assert members_of(fair) == []
    assert browse(cast.ben).get(f"/activities/{activity}").status_code == 404
    assert browse(cast.ada).post(f"/campaigns/{fair}/restore", {}).status_code == 302
    assert len(members_of(fair)) == 1
    assert browse(cast.ben).get(f"/activities/{activity}").status_code == 200


def house(cast):
    db.session.remove()
    return system_actor(db.session.get(Sandbox, cast.ada.sandbox_id))


def test_the_end_is_told_once_to_owner_and_workers(cast, make):
    near = campaign(make, cast.ada, end_date=TODAY + timedelta(days=2))
    campaign(make, cast.ada, name="Far away")
    campaign(make, cast.ada, name="Over", end_date=TODAY, status="completed")
    task(make, cast.ben, near)
    task(make, cast.cy, near, status="done")
    assert (warn(house(cast)), warn(house(cast))) == (1, 0)
    told = {
        person.name: [n.text_en for n in notices_of(person.membership_id) if n.topic == "campaign"]
        for person in (cast.ada, cast.ben, cast.cy)
    }
    assert [len(texts) for texts in told.values()] == [1, 1, 0]
    assert "ends on 2026-09-09; 1 of its tasks" in told["Ada"][0]
    step = db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()
    assert (step.kind, step.verb, step.origin, step.member) == ("campaign", "remind", "automation", None)


def test_a_moved_end_is_told_anew(cast, browse, make):
    near = campaign(make, cast.ada, end_date=TODAY + timedelta(days=1))
    assert warn(house(cast)) == 1
    browse(cast.ada).post(
        f"/campaigns/{near}/edit",
        {
            "name": "Autumn fair",
            "campaign_type": "promotion",
            "start_date": TODAY.isoformat(),
            "end_date": (TODAY + timedelta(days=3)).isoformat(),
            "version": stands(near).version,
        },
    )
    assert warn(house(cast)) == 1
