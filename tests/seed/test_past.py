"""What a seat is dealt has a past that holds together."""

from datetime import datetime, timedelta

import pytest

from labapp.scenario import past
from labapp.scenario.deal import Dealer, by_time
from labapp.scenario.generators import generator
from labapp.scenario.library import scenario_folder
from labapp.scenario.read import read_scenario
from labapp.scenario.seats import seats_of
from labapp.scenario.shape import History, Volumes

MADE, NOW = (datetime.fromisoformat(text) for text in ("2026-08-03T10:00:00", "2026-09-07T09:00:00"))


@pytest.fixture(scope="module")
def plans():
    scenario = read_scenario(scenario_folder("sales-basics"))
    volumes = Volumes(
        lead=12, customer=12, contact=16, opportunity=24, closed_opportunity=24, activity=40, note=6
    )
    said = scenario.said.model_copy(update={"volumes": volumes, "history": History(days=60)})
    scenario = type(scenario)(**{**vars(scenario), "said": said})
    dealer = Dealer(scenario, generator(), 9, "zh")
    return by_time([plan for seat in seats_of(said, 6) for plan in dealer.seat(seat) if " " in plan.ref.key])


def of(plans, kind):
    return [plan for plan in plans if plan.kind == kind]


def test_stages_follow_one_another_from_the_beginning_of_a_deal(plans):
    deals = of(plans, "opportunity")
    assert len(deals) > 200
    for deal in deals:
        stays = deal.values.get("stage_history") or []
        moments = [deal.at, *(datetime.fromisoformat(stay["left_at"]) for stay in stays)]
        assert [stay["stage"] for stay in stays] == list(past.PATH[: len(stays)])
        assert moments == sorted(moments)
        if stays:
            assert datetime.fromisoformat(stays[0]["entered_at"]) == deal.at
            assert deal.values["stage_since"] == moments[-1]


def test_an_open_deal_has_passed_the_stages_before_its_own_and_a_won_one_all(plans):
    for deal in of(plans, "opportunity"):
        stage, stays = deal.values["stage"], len(deal.values.get("stage_history") or [])
        if stage in past.PATH:
            assert stays == past.PATH.index(stage)
        else:
            assert stays == 4 if stage == "won" else 1 <= stays <= 4


def test_a_deal_is_closed_on_the_day_it_entered_its_last_stage_and_not_before_it_began(plans):
    closed = [deal for deal in of(plans, "opportunity") if deal.values["stage"] in ("won", "lost")]
    assert closed
    for deal in closed:
        assert deal.at.date() <= deal.values["close_date"] == deal.values["stage_since"].date()
        assert deal.values["close_date"] < NOW.date() + timedelta(days=1)


def test_nothing_is_done_about_what_is_not_known_yet_or_after_today(plans):
    made = {plan.ref: plan.at for plan in plans}
    for activity in of(plans, "activity"):
        done = past.when_done(activity.values)
        about = max(made[target] for target in activity.links.values())
        assert about <= activity.at
        if done is not None:
            assert about <= done < NOW


def test_customers_and_leads_were_heard_of_when_something_was_done_with_them(plans):
    heard = {plan.ref: plan.values.get("last_contacted_at") for plan in plans}
    done = [(past.when_done(plan.values), plan.links["related"]) for plan in of(plans, "activity")]
    assert [one for one in done if one[0] is not None]
    assert all(heard[whom] >= when for when, whom in done if when is not None)


def test_a_new_lead_has_not_been_spoken_to(plans):
    leads = {plan.ref: plan.values["status"] for plan in of(plans, "lead")}
    done = {
        plan.links["related"] for plan in of(plans, "activity") if past.when_done(plan.values) is not None
    }
    assert not [ref for ref in done if leads.get(ref) == "new"]


def test_a_deal_that_has_just_begun_has_no_stages_behind_it():
    values = {"stage": "contact", "close_date": NOW.date()}
    assert past.with_stages(values, MADE, NOW, lambda _turn: 0.5) == values


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.999])
def test_a_lost_deal_got_as_far_as_chance_says(chance):
    values = {"stage": "lost", "close_date": NOW.date() - timedelta(days=2)}
    stays = past.with_stages(values, MADE, NOW, lambda _turn: chance)["stage_history"]
    assert len(stays) == 1 + int(chance * 4)


def test_an_activity_done_before_its_customer_was_known_moves_behind():
    values = {"status": "done", "starts_at": MADE, "ends_at": MADE + timedelta(hours=1), "due_at": None}
    moved = past.not_before(values, MADE + timedelta(days=3, minutes=20))
    assert moved["starts_at"] == datetime.fromisoformat("2026-08-06T11:00:00")
    assert moved["ends_at"] - moved["starts_at"] == timedelta(hours=1)
    assert past.not_before(values, MADE) == values
