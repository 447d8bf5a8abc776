"""The knowledge base 知识库: articles, whom they helped, what they solved (product.md M13)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.knowledge.models import Article
from labapp.modules.knowledge.operations import ACTIONS
from labapp.modules.knowledge.pages import BLUEPRINT
from labapp.records.describe import RecordType

__all__ = ["BLUEPRINT", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Article,
        _l("Article"),
        _l("Knowledge base"),
        "knowledge",
        columns=("title", "category", "status", "tags", "helpful", "owner_id"),
        icon="book",
        title="title",
        sortable=("title", "category", "status", "helpful"),
        actions=ACTIONS,
    ),
]
