"""Contacts 联系人: the people at our customers (004 §2.3)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.contacts.models import Contact
from labapp.modules.contacts.reports import REPORTS
from labapp.modules.contacts.rules import check, deleting
from labapp.modules.relations.actions import relate
from labapp.records.describe import RecordType, Rules
from labapp.records.merge_form import MERGE
from labapp.records.past import bring_back

RECORD_TYPES = [
    RecordType(
        Contact,
        _l("Contact"),
        _l("Contacts"),
        "contacts",
        columns=("name", "customer_id", "title", "department", "mobile", "email", "role", "owner_id"),
        importable=True,
        icon="person",
        sortable=("name", "created_at"),
        actions=(relate, MERGE),
        reports=REPORTS,
        rules=Rules(check=check, deleting=deleting, restored=bring_back),
    ),
]
