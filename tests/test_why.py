"""“Why can I see this?”: the rule in words, from a page of its own that the record's page opens on the spot."""

from types import SimpleNamespace
from typing import Any


def test_the_rule_and_who_else_reads_it(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    lead = make("lead", cast.ben)
    page = browse(cast.ada).get(f"/leads/{lead.id}/why")
    assert "You are a superior of its owner Ben" in page.text
    assert "Ines – superior of the owner" in page.text
    assert "You own it." in browse(cast.ben).get(f"/leads/{lead.id}/why").text


def test_the_page_of_the_record_leads_there_with_and_without_script(
    cast: SimpleNamespace, make: Any, browse: Any
) -> None:
    lead = make("lead", cast.ben)
    page = browse(cast.ben).get(f"/leads/{lead.id}").text
    assert f'hx-get="/leads/{lead.id}/why"' in page
    assert f'<a href="/leads/{lead.id}/why">' in page


def test_on_the_spot_it_comes_without_the_frame(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    lead = make("lead", cast.ben)
    part = browse(cast.ben).get(f"/leads/{lead.id}/why", headers={"HX-Request": "true"}).text
    assert "You own it." in part
    assert "<html" not in part


def test_of_a_hidden_record_nothing_is_said(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    lead = make("lead", cast.ben)
    assert browse(cast.dee).get(f"/leads/{lead.id}/why").status_code == 404
