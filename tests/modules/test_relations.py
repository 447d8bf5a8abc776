"""Who is what to whom: both ends in their own words, and a network that shows nothing hidden.

School (Ines instructs) ── Class A ── Sales: Ada ── Staff: Ben, Cy (a peer)
"""

import pytest

from labapp.db import db
from labapp.records.setup import Setup


@pytest.fixture
def firms(cast, make):
    """Two customers of Ben's and one of Cy's; ids."""
    found = [
        make("customer", owner, name=name).id
        for owner, name in ((cast.ben, "Red"), (cast.ben, "Blue"), (cast.cy, "Hidden"))
    ]
    db.session.remove()
    return found


def relate(browser, slug, record_id, relation, **other):
    typed = {f"other_{kind}_id": str(other_id) for kind, other_id in other.items()}
    return browser.post(f"/{slug}/{record_id}/relate", {"relation": relation, **typed})


def network(browser, slug, record_id):
    return browser.get(f"/{slug}/{record_id}/network?format=json")


def words(browser, slug, record_id):
    """{id of a neighbour: what it is to the one in focus}."""
    answer = network(browser, slug, record_id)
    assert answer.status_code == 200
    return {edge["target"]: edge["label"] for edge in answer.json["edges"]}


@pytest.mark.parametrize("direction", ["to", "from"])
def test_both_ends_show_it_in_their_own_words(cast, browse, firms, direction):
    ben, (red, blue, _hidden) = browse(cast.ben), firms
    here, there = (red, blue) if direction == "to" else (blue, red)
    assert relate(ben, "customers", here, f"subsidiary:{direction}", customer=there).status_code == 302
    assert words(ben, "customers", red) == {f"customer-{blue}": "Subsidiary"}
    assert words(ben, "customers", blue) == {f"customer-{red}": "Parent company"}
    page = ben.get(f"/customers/{blue}").get_data(as_text=True)
    assert "Parent company" in page
    assert f'href="/customers/{red}"' in page


def test_people_are_tied_too_and_the_walk_goes_on(cast, make, browse, firms):
    ben, (red, blue, _hidden) = browse(cast.ben), firms
    li = make("contact", cast.ben, name="Li", customer_id=red, title="Chief").id
    wang = make("contact", cast.ben, name="Wang", customer_id=blue, title=None, reports_to_id=None).id
    assert relate(ben, "contacts", li, "spouse:to", contact=wang).status_code == 302
    assert words(ben, "customers", red) == {f"contact-{li}": "Chief"}
    assert words(ben, "contacts", li) == {f"contact-{wang}": "Spouse", f"customer-{red}": "Customer"}
    assert words(ben, "contacts", wang) == {f"contact-{li}": "Spouse", f"customer-{blue}": "Customer"}


def test_parts_in_sales_tie(cast, make, browse, firms):
    red, blue, _hidden = firms
    li = make("contact", cast.ben, customer_id=blue).id
    sale = make("opportunity", cast.ben, name="Lamps", customer_id=red, stage="contact").id
    make("contact_role", cast.ben, opportunity_id=sale, contact_id=li, role="decision_maker")
    make("partner", cast.ben, opportunity_id=sale, customer_id=blue)
    found = words(browse(cast.ben), "customers", red)
    assert found.keys() == {f"contact-{li}", f"customer-{blue}"}
    assert all("Lamps" in said for said in found.values())
    assert words(browse(cast.ben), "contacts", li)[f"customer-{red}"].endswith("in “Lamps”")
    assert f"customer-{red}" in words(browse(cast.ben), "customers", blue)


def test_what_is_hidden_is_neither_drawn_nor_counted(cast, make, browse, firms):
    red, _blue, hidden = firms
    relation = make(
        "relation", cast.ada, from_customer_id=red, to_customer_id=hidden, relation_type="supplier"
    ).id
    make("contact", cast.cy, name="Nobody", customer_id=hidden)
    with Setup(cast.ines.actor, "customer.edit") as work:
        model = browse().app.extensions["catalog"]["customer"].model
        work.update(work.get(model, hidden), parent_id=red)
    ben = browse(cast.ben)
    answer = network(ben, "customers", red)
    assert answer.json["edges"] == []
    assert "Hidden" not in answer.get_data(as_text=True)
    assert ben.get(f"/relations/{relation}").status_code == 404
    assert "Hidden" not in ben.get(f"/customers/{red}").get_data(as_text=True)
    assert network(ben, "customers", hidden).status_code == 404
    assert words(browse(cast.ada), "customers", red) == {f"customer-{hidden}": "Supplier · Subsidiary"}
    assert browse(cast.ada).get(f"/relations/{relation}").status_code == 200


@pytest.mark.parametrize("typed", [{}, {"customer": "1", "contact": "1"}])
def test_one_other_is_chosen(cast, browse, firms, typed):
    answer = relate(browse(cast.ben), "customers", firms[0], "partner:to", **typed)
    assert answer.status_code == 422
    assert "Choose one customer or one contact" in answer.get_data(as_text=True)


def test_not_to_itself_and_not_twice(cast, browse, firms):
    ben, (red, blue, _hidden) = browse(cast.ben), firms
    assert "related to itself" in relate(ben, "customers", red, "partner:to", customer=red).get_data(
        as_text=True
    )
    assert relate(ben, "customers", red, "partner:to", customer=blue).status_code == 302
    again = relate(ben, "customers", red, "partner:to", customer=blue)
    assert "on record already" in again.get_data(as_text=True)


def test_reading_both_is_not_enough_to_relate_them(cast, make, browse, firms):
    with Setup(cast.ines.actor, "setting.change", nobody=True) as work:
        work.change_setting("sharing.customer", "read_only")
    red, _blue, hidden = firms
    assert (
        browse(cast.cy)
        .post(
            "/relations/new",
            {"relation_type": "partner", "from_customer_id": str(red), "to_customer_id": str(firms[1])},
        )
        .status_code
        == 403
    )
    assert relate(browse(cast.cy), "customers", hidden, "partner:to", customer=red).status_code == 302
    assert browse(cast.olga).post("/relations/new", {}).status_code == 403


def test_a_deleted_end_takes_it_along_and_merged_ends_leave_no_loop(cast, make, browse, firms):
    ben, (red, blue, _hidden) = browse(cast.ben), firms
    third = make("customer", cast.ben, name="Third").id
    relate(ben, "customers", red, "partner:to", customer=blue)
    relate(ben, "customers", blue, "supplier:to", customer=third)
    assert ben.post(f"/customers/{red}/merge", {"other_id": str(blue)}).status_code == 302
    assert words(ben, "customers", red) == {f"customer-{third}": "Supplier"}
    assert ben.post(f"/customers/{third}/delete").status_code == 302
    assert words(ben, "customers", red) == {}
    assert ben.post(f"/customers/{third}/restore").status_code == 302
    assert words(ben, "customers", red) == {f"customer-{third}": "Supplier"}
