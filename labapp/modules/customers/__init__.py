"""Customers: the organisations we do business with (004 §2.3)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.customers.models import Customer
from labapp.records.describe import RecordType

RECORD_TYPES = [
    RecordType(
        Customer,
        _l("Customer"),
        _l("Customers"),
        "customers",
        columns=("number", "name", "customer_type", "level", "industry", "city", "phone", "owner_id"),
        icon="building",
        sortable=("name", "number", "created_at"),
    ),
]
