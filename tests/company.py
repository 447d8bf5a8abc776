"""Records of the company that several tests want: a campaign with a member, a document on a record."""

from typing import Any


def outreach(make: Any, cast: Any) -> dict[str, int]:
    """A campaign of Ben's with a member."""
    campaign = make("campaign", cast.ben, name="Quartz fair").id
    return {
        "campaign": campaign,
        "campaign_member": make("campaign_member", cast.ben, campaign_id=campaign, comment="Quartz card").id,
    }


def papers(make: Any, cast: Any, hung: dict[str, Any]) -> dict[str, int]:
    """A document of Ben's that stands on the customer."""
    document = make("document", cast.ben, title="Quartz terms").id
    return {
        "document": document,
        "document_link": make("document_link", cast.ben, document_id=document, **hung).id,
    }
