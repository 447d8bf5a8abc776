"""What the pages of customers show besides the ordinary."""

from flask import Blueprint

BLUEPRINT = Blueprint("customers", __name__, template_folder="templates")
