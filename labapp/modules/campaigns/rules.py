"""What campaigns and their members ask of the standard verbs."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.campaigns.models import CLOSED, Campaign, CampaignMember
from labapp.records.dependents import linked, take_along
from labapp.records.describe import Rules
from labapp.records.past import bring_back

FROM_IT = ("lead", "opportunity")


def wrong(name: str, sentence: Any) -> None:
    raise Invalid(sentence, {name: sentence})


def campaign_checked(work: Any, campaign: Campaign | None, values: dict[str, Any]) -> None:
    """A new campaign is open; it ends no earlier than it starts. Raises Invalid."""
    if campaign is None and values.get("status", "planned") in CLOSED:
        wrong("status", _l("A new campaign is planned or active. Complete or cancel it afterwards."))
    start, end = (values.get(name, getattr(campaign, name, None)) for name in ("start_date", "end_date"))
    if start is not None and end is not None and end < start:
        wrong("end_date", _l("A campaign cannot end before it starts."))
    if (values.get("expected_response") or 0) < 0:
        wrong("expected_response", _l("This number cannot be negative."))


def campaign_deleting(work: Any, campaign: Campaign) -> None:
    """Members, tasks, notes and attachments go along; refused once leads or sales came from it."""
    if any(linked(campaign, kind) for kind in FROM_IT):
        work.refuse(
            _l("Leads or opportunities came from this campaign. Cancel it instead, so that its result stays.")
        )
    members = linked(campaign, "campaign_member")
    take_along(work, *members, campaign)
    for member in members:
        work.delete(member)


def member_checked(work: Any, member: CampaignMember | None, values: dict[str, Any]) -> None:
    """One lead or one contact, once in a campaign that the actor may change. Notes the day of an answer."""
    campaign_id = member.campaign_id if member is not None else values.get("campaign_id")
    campaign: Campaign = work.get(Campaign, campaign_id)
    work.require("edit", campaign)
    if member is None:
        require_open_to_members(work, campaign)
        new_member_checked(work, campaign, values)
    response = values.get("response", member.response if member is not None else "invited")
    before = member.response if member is not None else "invited"
    if response != before:
        values["responded_at"] = work.now.date() if response != "invited" else None


def require_open_to_members(work: Any, campaign: Campaign) -> None:
    """Raises Refused unless the actor may change the campaign and it was not cancelled."""
    work.require("edit", campaign)
    if campaign.status == "cancelled":
        work.refuse(_l("This campaign was cancelled. Reopen it before you add anybody."))


def new_member_checked(work: Any, campaign: Campaign, values: dict[str, Any]) -> None:
    """Raises Invalid for two people, nobody, or one who is in it already."""
    named = [name for name in ("lead_id", "contact_id") if values.get(name)]
    if len(named) != 1:
        wrong("lead_id", _l("Choose a lead or a contact, one of the two."))
    column = getattr(CampaignMember, named[0])
    here = CampaignMember.campaign_id == campaign.id, column == values[named[0]]
    if work.rows(CampaignMember, *here):
        wrong(named[0], _l("This person is in the campaign already."))


def member_deleting(work: Any, member: CampaignMember) -> None:
    work.require("edit", work.get(Campaign, member.campaign_id))


CAMPAIGN_RULES = Rules(check=campaign_checked, deleting=campaign_deleting, restored=bring_back)
MEMBER_RULES = Rules(check=member_checked, deleting=member_deleting, restored=member_deleting)
