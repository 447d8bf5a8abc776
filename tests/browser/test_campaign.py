"""A campaign from its plan to the return on its cost: member, task, lead from the task, sale, result (004 §2.7)."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person


def test_a_campaign_ends_in_a_won_opportunity(visit: Callable[..., Person], language: str) -> None:
    manager = visit("manager", language)
    campaign = planned(manager, language)
    somebody_is_invited(manager, campaign, language)
    lead = lead_from_a_task(manager, campaign)
    won(manager, lead, language)
    manager.do(campaign, "complete", look=True, actual_cost="8000", result="Forty visitors, one order.")
    the_result_is_shown(manager, campaign)


def planned(manager: Person, language: str) -> str:
    """A campaign of promotion, under way. Its address."""
    manager.open("/campaigns/", look=True)
    manager.open("/campaigns/new", look=True)
    campaign = manager.create(
        "campaigns",
        name=f"Autumn open day {language}",
        start_date="2026-09-07",
        end_date="2026-09-30",
        budget="10000",
        goal="Forty visitors",
    )
    manager.look()
    manager.do(campaign, "start")
    return campaign


def somebody_is_invited(manager: Person, campaign: str, language: str) -> None:
    """A lead of the manager's joins from the list of leads, as one of many would."""
    lead = manager.create("leads", name="Grace", company=f"Harbour lights {language}")
    page = manager.open("/leads/")
    page.locator("tbody tr", has=page.locator(f'a[href="{lead}"]')).locator("input[name=ids]").check()
    manager.fill(verb="add_to_campaign")
    manager.press("form#selection .bulk-actions button")
    manager.look()
    pick(manager, "campaign_id", campaign.rpartition("/")[2])
    manager.fill(response="interested")
    manager.save()
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    manager.open(campaign, look=True)
    expect(page.locator("#related-campaign-members tbody tr")).to_have_count(1)


def pick(person: Person, name: str, value: str) -> None:
    """Choose in an input that searches as one types."""
    field = person.page.locator(f"main select[name={name}]")
    expect(field).to_have_class(re.compile("tomselected"))
    field.evaluate("(field, value) => field.tomselect.setValue(value)", value)


def lead_from_a_task(manager: Person, campaign: str) -> str:
    """A task of the campaign, done, and the lead found while doing it. The lead's address."""
    page = manager.open(campaign)
    manager.press('#tasks a[href*="activity_type=task"]')
    manager.fill(subject="Call the visitors", due_at="2026-09-08T10:00")
    manager.save()
    activity = manager.here()
    manager.do(activity, "complete", result="One of them moves next month.")
    manager.open("/campaigns/tasks?view=past", look=True)
    expect(page.locator("tbody tr", has_text="Call the visitors").first).to_contain_text("moves next month")
    manager.open(f"{campaign}?view=past")
    manager.press(f'#tasks a[href="{activity}/create_lead"]')
    manager.look()
    manager.fill(name="Lin Xia", company="Moving house", mobile="13905712681")
    manager.save()
    lead = manager.here()
    expect(page.locator(f'main a[href="{campaign}"]').first).to_be_visible()
    return lead


def won(manager: Person, lead: str, language: str) -> None:
    """The lead is qualified and converted, the opportunity won."""
    manager.do(lead, "qualify")
    name = f"Open day order {language}"
    manager.do(lead, "convert", opportunity=name, amount="26000", close_date="2026-09-30")
    opportunity = manager.records(f"/opportunities/?q={name.replace(' ', '+')}")[0]
    manager.do(opportunity, "win")


def the_result_is_shown(manager: Person, campaign: str) -> None:
    """Revenue and return stand on the campaign's page; the revenue leads to the sale behind it."""
    page = manager.open(campaign, look=True)
    numbers = page.locator("#result .stat-value").all_inner_texts()
    assert numbers == ["1", "1", "1", "1", "￥26,000.00", "225%"]
    manager.press("#result a[href*='stage=won']")
    expect(page.locator("main tbody tr")).to_have_count(1)
    manager.open("/campaigns/reports/effect", look=True)
    expect(page.locator("main tbody tr", has_text="Autumn open day").first).to_contain_text("26,000.00")
