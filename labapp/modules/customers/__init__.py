"""Customers 客户: the organisations we do business with (004 §2.3)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.customers.actions import care
from labapp.modules.customers.models import Customer
from labapp.modules.customers.pages import BLUEPRINT
from labapp.modules.customers.reports import REPORTS
from labapp.modules.customers.rules import AlongForm, check, deleting, follow_ups
from labapp.modules.customers.segments import BOUGHT, SEGMENT
from labapp.modules.relations.actions import relate
from labapp.records.describe import RecordType, Rules
from labapp.records.merge_form import MERGE
from labapp.records.past import bring_back

__all__ = ["BLUEPRINT", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Customer,
        _l("Customer"),
        _l("Customers"),
        "customers",
        columns=("number", "name", "customer_type", "level", "industry", "city", "phone", "owner_id"),
        importable=True,
        icon="building",
        sortable=("name", "number", "created_at", "last_contacted_at"),
        actions=(care, relate, MERGE),
        derived=(SEGMENT, BOUGHT),
        reports=REPORTS,
        rules=Rules(
            check=check,
            deleting=deleting,
            restored=bring_back,
            follow_ups=follow_ups,
            transfer_form=AlongForm,
        ),
    ),
]
