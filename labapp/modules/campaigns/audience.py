"""Whom a campaign reaches: people added from the lists of leads, contacts and customers, or picked by tier."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms.fields import SelectChoice

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.modules.campaigns.models import CLOSED, Campaign, CampaignMember, is_open
from labapp.modules.campaigns.rules import require_open_to_members
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import CLOSED as CLOSED_LEADS
from labapp.modules.leads.models import Lead
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.forms import SUGGESTED, LabForm, LinkPick, Needed, Pick, choices, input_for, remote
from labapp.records.standard import create

MOST = 200
TIERS = ("level", "customer_type", "industry", "nature")


def campaigns_offered(actor: Actor, value: Any) -> list[SelectChoice]:
    """The open campaigns, the newest first, and the one that is chosen."""
    found = query.rows(Campaign, actor, Campaign.status.not_in(CLOSED), limit=SUGGESTED)
    if value and all(row.id != value for row in found):
        chosen = query.one(Campaign, actor, value)
        found = [chosen, *found] if chosen is not None else found
    return [SelectChoice("", "—")] + [SelectChoice(str(row.id), row.name) for row in found]


def join_form(actor: Actor, record_type: RecordType, record: Any) -> type[LabForm]:
    """Which campaign, and what they answered so far."""
    response = catalog()["campaign_member"].fields["response"]
    inputs = {
        "campaign_id": LinkPick(
            _l("Campaign"),
            [Needed()],
            load=lambda now: campaigns_offered(actor, now),
            render_kw=remote("campaign"),
        ),
        "response": input_for(response, actor),
    }
    return type("join_form", (LabForm,), inputs)


def chosen_campaign(work: Any, answers: dict[str, Any]) -> Campaign:
    """The campaign that was chosen; the log names it by serial. Raises Invalid where there is none."""
    try:
        campaign: Campaign = work.get(Campaign, answers.get("campaign_id") or 0)
    except NotFound:
        sentence = _l("There is no such record, or it is not visible to you.")
        raise Invalid(sentence, {"campaign_id": sentence}) from None
    work.header.answers.pop("campaign_id", None)
    work.header.answers["campaign"] = campaign.serial
    return campaign


def join(work: Any, campaign: Campaign, response: str | None, **person: int) -> CampaignMember:
    """One more member, by the rules of members."""
    values = {"campaign_id": campaign.id, "response": response or "invited", **person}
    member: CampaignMember = create(work, catalog()["campaign_member"], values)
    return member


@action(_l("Add to campaign"), form=join_form, icon="megaphone", bulk=True)
def add_to_campaign(work: Any, person: Any, answers: dict[str, Any]) -> Any:
    """Make this lead or contact a member of a campaign."""
    campaign = chosen_campaign(work, answers)
    join(work, campaign, answers.get("response"), **{f"{person.__tablename__}_id": person.id})
    return person


@action(
    _l("Add to campaign"),
    form=join_form,
    icon="megaphone",
    bulk=True,
    explain=_l("Adds all contacts of the customer that you can see."),
)
def add_contacts(work: Any, customer: Customer, answers: dict[str, Any]) -> Customer:
    """Make the contacts of this customer members of a campaign; those in it already stay as they are."""
    campaign = chosen_campaign(work, answers)
    people = work.rows(Contact, Contact.customer_id == customer.id)
    if not people:
        work.refuse(_l("You see no contact of this customer. Add one first."))
    known = {row.contact_id for row in work.rows(CampaignMember, CampaignMember.campaign_id == campaign.id)}
    new = [person.id for person in people if person.id not in known]
    join_all(work, campaign, answers.get("response"), "contact_id", new)
    return customer


def join_all(work: Any, campaign: Campaign, response: str | None, column: str, ids: list[int]) -> None:
    """Add all of these, who are not in it yet; refuses where there are none."""
    require_open_to_members(work, campaign)
    if not ids:
        work.refuse(_l("Nobody was added: all whom you can see and chose are in the campaign already."))
    for person_id in ids:
        values = {"campaign_id": campaign.id, "response": response or "invited", column: person_id}
        work.create(CampaignMember, **values)


def inside(campaign: Campaign, column: Any) -> Any:
    """The ids of those who are members already."""
    return select(column).where(CampaignMember.campaign_id == campaign.id, column.is_not(None))


def invite_form(actor: Actor, record_type: RecordType, record: Campaign | None) -> type[LabForm]:
    """Leads, or contacts of customers; and which tier of them."""
    customer, lead = catalog()["customer"].fields, catalog()["lead"].fields
    people = [("contact", catalog()["contact"].plural), ("lead", catalog()["lead"].plural)]
    inputs: dict[str, Any] = {
        "people": Pick(
            _l("Who"), [Needed()], choices=[SelectChoice(key, str(label)) for key, label in people]
        )
    }
    inputs |= {name: tier_input(customer[name], actor) for name in TIERS}
    inputs["rating"] = tier_input(lead["rating"], actor)
    return type("invite_form", (LabForm,), inputs)


def tier_input(shape: Any, actor: Actor) -> Pick:
    found: Pick = Pick(shape.label, choices=choices(shape, actor))
    return found


@action(
    _l("Add members by tier"),
    form=invite_form,
    offered=is_open,
    icon="people",
    explain=_l(
        "Adds the contacts of the customers you can see, or your open leads, that match everything you choose "
        "here. At most 200 at once; do it again for the next."
    ),
)
def invite(work: Any, campaign: Campaign, answers: dict[str, Any]) -> Campaign:
    """Pick the audience by tier: level, type, industry or nature of customers, rating of leads (003 §1)."""
    if answers.get("people") == "lead":
        join_all(work, campaign, None, "lead_id", leads_of(work, campaign, answers))
    else:
        join_all(work, campaign, None, "contact_id", contacts_of(work, campaign, answers))
    return campaign


def contacts_of(work: Any, campaign: Campaign, answers: dict[str, Any]) -> list[int]:
    """The visible contacts of visible customers of this tier that are not in the campaign yet."""
    tier = [getattr(Customer, name) == answers[name] for name in TIERS if answers.get(name)]
    new = Contact.id.not_in(inside(campaign, CampaignMember.contact_id))
    asked = select(Contact.id).join(Customer, Customer.id == Contact.customer_id).where(*tier, new)
    return [row.id for row in query.answers(asked.order_by(Contact.id).limit(MOST), work.actor)]


def leads_of(work: Any, campaign: Campaign, answers: dict[str, Any]) -> list[int]:
    """The visible open leads of this industry and rating that are not in the campaign yet."""
    tier = [getattr(Lead, name) == answers[name] for name in ("industry", "rating") if answers.get(name)]
    new = Lead.id.not_in(inside(campaign, CampaignMember.lead_id))
    asked = select(Lead.id).where(Lead.status.not_in(CLOSED_LEADS), *tier, new)
    return [row.id for row in query.answers(asked.order_by(Lead.id).limit(MOST), work.actor)]
