"""What holds for products and categories beyond their fields."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.products.models import Category, Product
from labapp.records.describe import Rules

DEEPEST = 20


def product_checked(work: Any, product: Product | None, values: dict[str, Any]) -> None:
    """Raises Invalid for a floor above the list price, or a code that another product has."""
    after = {**_standing(product), **values}
    floor, price = after.get("floor_price"), after.get("list_price")
    if floor is not None and price is not None and floor > price:
        sentence = _l("The floor price cannot lie above the list price.")
        raise Invalid(sentence, {"floor_price": sentence})
    code = values.get("code")
    if code and (product is None or product.code != code) and work.rows(Product, Product.code == code):
        sentence = _l("Another product has this code already.")
        raise Invalid(sentence, {"code": sentence})


def _standing(product: Product | None) -> dict[str, Any]:
    if product is None:
        return {}
    return {"floor_price": product.floor_price, "list_price": product.list_price}


def category_checked(work: Any, category: Category | None, values: dict[str, Any]) -> None:
    """Raises Invalid where a category would come to stand below itself."""
    parent_id = values.get("parent_id")
    if category is None or parent_id is None:
        return
    for _step in range(DEEPEST):
        if parent_id is None:
            return
        if parent_id == category.id:
            break
        parent_id = work.get(Category, parent_id).parent_id
    sentence = _l("A category cannot stand below itself.")
    raise Invalid(sentence, {"parent_id": sentence})


def category_deleting(work: Any, category: Category) -> None:
    """Refuse to take a category away from under its products or subcategories."""
    if work.rows(Category, Category.parent_id == category.id):
        work.refuse(_l("This category has subcategories. Move or delete them first."))
    if work.rows(Product, Product.category_id == category.id):
        work.refuse(_l("This category has products. Give them another category first."))


PRODUCT_RULES = Rules(check=product_checked)
CATEGORY_RULES = Rules(check=category_checked, deleting=category_deleting)
