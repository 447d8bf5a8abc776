"""Relations 客户关系网: who is what to whom among customers and contacts (001 five-2)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.relations.models import Relation
from labapp.modules.relations.pages import BLUEPRINT
from labapp.modules.relations.rules import check
from labapp.records.describe import RecordType, Rules

__all__ = ["BLUEPRINT", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Relation,
        _l("Relation"),
        _l("Relations"),
        "relations",
        columns=(
            "relation_type",
            "from_customer_id",
            "from_contact_id",
            "to_customer_id",
            "to_contact_id",
            "description",
        ),
        icon="diagram-3",
        title="serial",
        rules=Rules(check=check),
    ),
]
