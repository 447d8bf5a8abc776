"""What a campaign brought, as each reader sees it.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy;  Class B ── Dee;  Ines instructs.
"""

from decimal import Decimal

import pytest

from labapp.modules.campaigns.results import result_of
from labapp.records.preview import effects, with_group
from tests.modules.test_campaigns import campaign, stands


@pytest.fixture
def fair(make, cast):
    """Ada's campaign, under way. Its id."""
    return campaign(make, cast.ada)


def sale(make, owner, campaign_id, stage, amount):
    return make("opportunity", owner, campaign_id=campaign_id, stage=stage, amount=Decimal(amount)).id


def test_the_result_counts_what_the_reader_sees(cast, make):
    paid = campaign(make, cast.ada, actual_cost=Decimal(1000))
    for owner, response in ((cast.ben, "interested"), (cast.dee, "invited")):
        lead = make("lead", owner, campaign_id=paid).id
        make("campaign_member", cast.ada, campaign_id=paid, lead_id=lead, response=response)
    sale(make, cast.ben, paid, "won", 3500)
    sale(make, cast.ben, paid, "quote", 200)
    sale(make, cast.dee, paid, "won", 10000)
    row = stands(paid)
    ada, dee, ines = (result_of(row, person.actor) for person in (cast.ada, cast.dee, cast.ines))
    assert (ada.members, ada.responses, ada.rate, ada.leads) == (2, 1, 50, 1)
    assert (ada.opportunities, ada.won, ada.revenue, ada.pipeline, ada.roi) == (2, 1, 3500, 200, 250)
    assert (dee.opportunities, dee.revenue, dee.roi) == (1, 10000, 900)
    assert (ines.leads, ines.revenue, ines.roi) == (2, 13500, 1250)


def test_without_a_cost_there_is_no_return(cast, make, fair):
    sale(make, cast.ben, fair, "won", 3500)
    assert result_of(stands(fair), cast.ada.actor).roi is None


def test_every_number_of_the_page_leads_to_its_list(cast, browse, make, fair):
    sale(make, cast.ben, fair, "won", 3500)
    make("lead", cast.ben, campaign_id=fair, status="converted")
    make("lead", cast.ben, campaign_id=fair, status="new")
    result = result_of(stands(fair), cast.ada.actor)
    for what in ("members", "responses", "leads", "converted", "opportunities", "won", "revenue"):
        rows = browse(cast.ada).get(result.address(what) + "&format=json").json["rows"]
        assert len(rows) == (getattr(result, what) if what != "revenue" else 1), what


def test_a_new_group_is_told_to_open_campaigns_for_editing_alone(cast, make, fair):
    actor = cast.ines.actor
    both = frozenset({cast.ada.membership_id, cast.dee.membership_id})
    found = effects(actor, directory=with_group(actor.directory, 99, both))
    told = [(e.need, e.gain_people, e.gain_records) for e in found if e.record_type.name == "campaign"]
    assert told == [("edit", 1, 1)]
