"""Products and their categories, kept by instructors and product positions (004 §2.1, §3.1-5)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.products.models import Category, Product
from labapp.modules.products.operations import CATEGORY_RULES, PRODUCT_RULES
from labapp.records.describe import RecordType

RECORD_TYPES = [
    RecordType(
        Product,
        _l("Product"),
        _l("Products"),
        "products",
        columns=("code", "name", "category_id", "unit", "list_price", "floor_price", "active"),
        importable=True,
        icon="box-seam",
        sortable=("code", "name", "list_price"),
        rules=PRODUCT_RULES,
    ),
    RecordType(
        Category,
        _l("Product category"),
        _l("Product categories"),
        "categories",
        columns=("name", "parent_id", "description"),
        icon="diagram-3",
        sortable=("name",),
        rules=CATEGORY_RULES,
    ),
]
