"""Products and the tree of their categories."""

from decimal import Decimal

from labapp.modules.products.models import Category, Product
from labapp.records import query


def values(**more):
    return {
        "code": "P-1",
        "name": "Pump",
        "list_price": "100.00",
        "floor_price": "80",
        "active": "y",
        **more,
    }


def test_the_instructor_adds_a_product_everybody_reads(cast, browse):
    assert browse(cast.ines).post("/products/new", values()).status_code == 302
    (found,) = query.rows(Product, cast.dee.actor)
    assert (found.code, found.list_price, found.active) == ("P-1", Decimal("100.00"), True)


def test_sales_people_read_products_and_do_not_change_them(cast, browse, make):
    made = make("product", cast.ines).id
    assert browse(cast.ben).get(f"/products/{made}").status_code == 200
    assert browse(cast.ben).post("/products/new", values()).status_code == 403
    assert browse(cast.ben).post(f"/products/{made}/delete", {}).status_code == 403


def test_the_floor_does_not_lie_above_the_price(cast, browse):
    answer = browse(cast.ines).post("/products/new", values(floor_price="100.01"))
    assert answer.status_code == 422
    assert "floor price cannot lie above" in answer.text


def test_a_code_is_given_once(cast, browse):
    browse(cast.ines).post("/products/new", values())
    assert browse(cast.ines).post("/products/new", values(name="Other")).status_code == 422
    assert len(query.rows(Product, cast.ines.actor)) == 1


def test_categories_do_not_turn_in_a_circle(cast, browse, make):
    top = make("category", cast.ines, name="Top", parent_id=None)
    below = make("category", cast.ines, name="Below", parent_id=top.id)
    answer = {"name": "Top", "parent_id": below.id, "version": top.version}
    assert browse(cast.ines).post(f"/categories/{top.id}/edit", answer).status_code == 422


def test_a_category_with_products_stays(cast, browse, make):
    category = make("category", cast.ines, parent_id=None).id
    make("product", cast.ines, category_id=category)
    assert browse(cast.ines).post(f"/categories/{category}/delete", {}).status_code == 403
    assert query.one(Category, cast.ines.actor, category) is not None
