"""What the pages of customers show besides the ordinary: the segment and why."""

from typing import Any

from flask import Blueprint

from labapp.modules.customers.segments import Standing, standing
from labapp.records.views.common import me

BLUEPRINT = Blueprint("customers", __name__, template_folder="templates")


@BLUEPRINT.app_template_global("segment_of")
def segment_of(customer: Any) -> Standing:
    """The segment of the customer whose page this is, as the reader sees it."""
    return standing(me(), customer)
