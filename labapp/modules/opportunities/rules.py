"""What holds for opportunities, their product lines, people and partners whenever one is written."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.opportunities import stages
from labapp.modules.opportunities.models import ContactRole, Line, Opportunity, Partner
from labapp.modules.opportunities.operations import require_open
from labapp.modules.opportunities.stage_notices import tell_entered
from labapp.modules.products.models import Product
from labapp.records.dependents import dependents
from labapp.records.describe import Rules
from labapp.records.past import bring_back
from labapp.records.values import CENT

FIRST_STAGE = "contact"
MOST = Decimal("999999999999.99")


def opportunity_checked(work: Any, opportunity: Opportunity | None, values: dict[str, Any]) -> None:
    """Completes the values of a new one with what its stage says; guards what verbs and lines decide."""
    if opportunity is None:
        values.update(starting_values(work, values))
        return
    if values.get("stage", opportunity.stage) != opportunity.stage:
        sentence = _l("The stage changes by its own verbs: change stage, win, lose, reopen.")
        raise Invalid(sentence, {"stage": sentence})
    if stages.is_closed(opportunity):
        for name in ("amount", "close_date", "customer_id"):
            _same(opportunity, values, name, _l("This opportunity is closed. Reopen it first."))
    if "amount" in values and values["amount"] != opportunity.amount and lines_of(work, opportunity):
        _same(opportunity, values, "amount", _l("The amount follows from the product lines. Change those."))


def _same(opportunity: Opportunity, values: dict[str, Any], name: str, sentence: Any) -> None:
    if name in values and values[name] != getattr(opportunity, name):
        raise Invalid(sentence, {name: sentence})


def starting_values(work: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Stage, probability and the moment it began, for a new one. Raises Invalid unless it starts open."""
    stage = values.get("stage") or FIRST_STAGE
    if work.asks:
        stages.open_stage(work.actor, stage)
        stages.require_entry(work, Opportunity(**{**values, "id": 0, "stage": stage}), stage)
    probability = stages.book_of(work.actor).probability(stage)
    return {
        "stage": stage,
        "probability": probability,
        "stage_since": values.get("stage_since") or work.now,
        "stage_history": values.get("stage_history") or [],
    }


def lines_of(work: Any, opportunity: Opportunity) -> list[Line]:
    found: list[Line] = work.rows(Line, Line.opportunity_id == opportunity.id)
    return found


def parent_of(work: Any, part: Any, values: dict[str, Any]) -> Opportunity:
    """The open opportunity that a line, person or partner belongs to, if the actor may change it."""
    opportunity: Opportunity = work.get(
        Opportunity, part.opportunity_id if part is not None else values.get("opportunity_id")
    )
    work.require("edit", opportunity)
    require_open(work, opportunity)
    return opportunity


def line_checked(work: Any, line: Line | None, values: dict[str, Any]) -> None:
    """Numbers in their bounds, a product on sale; completes the unit price and the total."""
    parent_of(work, line, values)
    names = ("product_id", "quantity", "unit_price", "discount")
    after: dict[str, Any] = {name: getattr(line, name, None) for name in names}
    after.update({name: value for name, value in values.items() if name in after})
    product: Product = work.get(Product, after["product_id"])
    if not product.active and (line is None or line.product_id != product.id):
        _wrong("product_id", _l("This product is not on sale any more."))
    if (after["quantity"] or 0) < 1:
        _wrong("quantity", _l("The quantity is at least 1."))
    if not 0 <= (after["discount"] or 0) <= 100:
        _wrong("discount", _l("A discount lies between 0 and 100 per cent."))
    if after["unit_price"] is None:
        after["unit_price"] = values["unit_price"] = product.list_price
    values["total"] = total_of(after["quantity"], after["unit_price"], after["discount"])
    if values["total"] > MOST:
        _wrong("quantity", _l("The amount must lie between 0 and 999,999,999,999.99."))


def _wrong(name: str, sentence: Any) -> None:
    raise Invalid(sentence, {name: sentence})


def total_of(quantity: int, unit_price: Decimal, discount: int | None) -> Decimal:
    """What a line costs: quantity times price, less the discount in per cent, to the cent."""
    full = Decimal(unit_price) * quantity * (100 - (discount or 0)) / 100
    return full.quantize(CENT, ROUND_HALF_UP)


def line_moved(work: Any, line: Line, _moved: Any = None) -> None:
    """After a line was made, changed or restored: total and amount follow."""
    if line.total is None:
        product: Product = work.get(Product, line.product_id)
        price = line.unit_price if line.unit_price is not None else product.list_price
        work.update(line, unit_price=price, total=total_of(line.quantity, price, line.discount))
    reckon(work, line.opportunity_id)


def line_deleting(work: Any, line: Line) -> None:
    parent_of(work, line, {})
    reckon(work, line.opportunity_id, without=line.id)


def line_restored(work: Any, line: Line) -> None:
    parent_of(work, line, {})
    reckon(work, line.opportunity_id)


def reckon(work: Any, opportunity_id: int, without: int | None = None) -> None:
    """The amount is the sum of the lines (004 §2.4). Raises Invalid for more than an amount can be."""
    opportunity: Opportunity = work.get(Opportunity, opportunity_id)
    totals = [line.total or Decimal(0) for line in lines_of(work, opportunity) if line.id != without]
    amount = sum(totals, Decimal("0.00"))
    if amount > MOST:
        _wrong("quantity", _l("The amount must lie between 0 and 999,999,999,999.99."))
    work.update(opportunity, amount=amount)


def role_checked(work: Any, role: ContactRole | None, values: dict[str, Any]) -> None:
    opportunity = parent_of(work, role, values)
    contact_id = values.get("contact_id")
    here = ContactRole.opportunity_id == opportunity.id, ContactRole.contact_id == contact_id
    if any(other is not role for other in work.rows(ContactRole, *here)):
        _wrong("contact_id", _l("This contact takes part already."))


def partner_checked(work: Any, partner: Partner | None, values: dict[str, Any]) -> None:
    opportunity = parent_of(work, partner, values)
    customer_id = values.get("customer_id")
    if customer_id is not None and customer_id == opportunity.customer_id:
        _wrong("customer_id", _l("The customer who buys is not its own partner."))
    here = Partner.opportunity_id == opportunity.id, Partner.customer_id == customer_id
    if any(other is not partner for other in work.rows(Partner, *here)):
        _wrong("customer_id", _l("This partner takes part already."))


def part_deleting(work: Any, part: Any) -> None:
    parent_of(work, part, {})


def opportunity_created(work: Any, opportunity: Opportunity) -> None:
    """One made without its form, by a scenario or another verb, gets what its stage says too."""
    if opportunity.probability is None or opportunity.stage_since is None:
        probability = stages.book_of(work.actor).probability(opportunity.stage)
        work.update(opportunity, probability=probability, stage_since=opportunity.stage_since or work.now)
    tell_entered(work, opportunity)


def opportunity_deleting(work: Any, opportunity: Opportunity) -> None:
    """Lines, people, partners, notes, attachments and activities go along, and come back with it."""
    for row in dependents(opportunity):
        work.delete(row)


OPPORTUNITY_RULES = Rules(
    check=opportunity_checked,
    created=opportunity_created,
    deleting=opportunity_deleting,
    restored=bring_back,
    dealt=starting_values,
)
LINE_RULES = Rules(
    check=line_checked,
    created=line_moved,
    changed=line_moved,
    deleting=line_deleting,
    restored=line_restored,
)
ROLE_RULES = Rules(check=role_checked, deleting=part_deleting, restored=part_deleting)
PARTNER_RULES = Rules(check=partner_checked, deleting=part_deleting, restored=part_deleting)
