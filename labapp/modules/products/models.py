"""What we sell, and the tree of categories it is kept in."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Category(Record):
    """A category of products; categories form a tree (004 §2.1)."""

    __tablename__ = "category"
    reach = "everybody"

    name: Mapped[str] = f.text(_l("Category name"), required=True, search=True)
    parent_id: Mapped[int | None] = f.link(_l("Above"), "category")
    description: Mapped[str | None] = f.prose(_l("Description"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return (Index(None, "sandbox_id", "name", "id"),)


class Product(Record):
    """A product with its prices; see product.md M9."""

    __tablename__ = "product"
    reach = "everybody"

    code: Mapped[str] = f.text(_l("Product code"), required=True, search=True)
    name: Mapped[str] = f.text(_l("Product name"), required=True, search=True)
    category_id: Mapped[int | None] = f.link(_l("Category"), "category")
    unit: Mapped[str | None] = f.text(_l("Unit"))
    list_price: Mapped[Decimal] = f.money(_l("List price"), required=True)
    floor_price: Mapped[Decimal | None] = f.money(_l("Floor price"))
    active: Mapped[bool] = f.check(_l("On sale"), default=True)
    description: Mapped[str | None] = f.prose(_l("Description"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("code", "name", "list_price")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)
