"""What the pages of customers show besides the ordinary: the segment and why."""

from typing import Any

from flask import Blueprint

from labapp.modules.customers.lifecycle import Life, life_of
from labapp.modules.customers.segments import Standing, standing
from labapp.records.views.common import me

BLUEPRINT = Blueprint("customers", __name__, template_folder="templates")


@BLUEPRINT.app_template_global("segment_of")
def segment_of(customer: Any) -> Standing:
    """The segment of the customer whose page this is, as the reader sees it."""
    return standing(me(), customer)


@BLUEPRINT.app_template_global("customer_life")
def customer_life(customer: Any) -> Life:
    """The life of the customer whose page this is, as the reader sees it."""
    return life_of(me(), customer)
