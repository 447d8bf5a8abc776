"""How many SQL statements a page costs, whatever the number of rows (looks are not counted).

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import pytest
from sqlalchemy import text

from labapp import modules
from labapp.db import db, is_sqlite
from labapp.db.fields import HANGING
from labapp.records.catalog import catalog_of
from tests.listening import heard, without_look

LIST, DETAIL, CREATE = 6, 8, 10
KINDS = sorted(catalog_of(modules))
MANY = 200
FRONT = {
    "forecast": 6
}  # what stands above the list: the figures of a quarter, whoever and how many they are about
FIGURES = {"forecast": 5, "quota": 4}  # what a page says of its quarter


def fill(kind, cast, make, count, **values):
    """`count` records of a kind in Ben's hands; the copies are made by the database alone. Returns the first id."""
    first = make(kind, cast.ben, **values)
    record_id, table = first.id, first.__table__
    columns = [c.name for c in table.columns if c.name not in {"id", "serial"}]
    said = ", ".join(columns)
    with db.engine.connect() as connection:
        connection.execute(
            text(
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) "
                f"INSERT INTO {table.name} (serial, {said}) SELECT 1000 + i, {said} FROM {table.name}, n "
                f"WHERE {count} > 1 AND id = {record_id}"
            )
        )
        connection.commit()
    db.session.remove()
    return record_id


def parent(kind, cast, make):
    """What hangs on a record hangs on this customer."""
    return (
        {"related_kind": "customer", "related_id": make("customer", cast.ben).id}
        if kind in {"note", "attachment"}
        else {}
    )


def statements(browser, url):
    """The statements of a page that is asked for the second time, when all that can be kept is kept."""
    browser.get(url)
    with heard() as said:
        assert browser.get(url).status_code == 200
    return without_look(said)


@pytest.mark.parametrize("count", [1, MANY])
@pytest.mark.parametrize("kind", KINDS)
def test_a_list_costs_at_most_six_statements(cast, make, browse, catalog, kind, count):
    fill(kind, cast, make, count, **parent(kind, cast, make))
    said = statements(browse(cast.ben), f"/{catalog[kind].slug}/")
    assert len(said) <= LIST + FRONT.get(kind, 0), "\n".join(said)


def related_lists(catalog, kind):
    """How many related lists a page of this kind has."""
    pointing = sum(field.on_create for _other, field in catalog.pointing_at(catalog[kind]))
    hanging = [t for t in catalog.values() if any(f.shape in HANGING for f in t.fields.values())]
    hangs_itself = catalog[kind].model.reach in {"related", "hanging"}
    return pointing + (0 if hangs_itself else len(hanging))


@pytest.mark.parametrize("kind", KINDS)
def test_a_detail_page_costs_at_most_eight_and_one_per_related_list(cast, make, browse, catalog, kind):
    record_id = fill(kind, cast, make, MANY, **parent(kind, cast, make))
    said = statements(browse(cast.ben), f"/{catalog[kind].slug}/{record_id}")
    most = DETAIL + related_lists(catalog, kind) + FIGURES.get(kind, 0)
    assert len(said) <= most, "\n".join(said)


@pytest.mark.parametrize("count", [1, MANY])
def test_related_lists_cost_one_statement_each_whatever_their_length(cast, make, browse, catalog, count):
    customer = make("customer", cast.ben).id
    fill("contact", cast, make, count, customer_id=customer)
    fill("opportunity", cast, make, count, customer_id=customer)
    fill("note", cast, make, count, related_kind="customer", related_id=customer)
    said = statements(browse(cast.ben), f"/customers/{customer}")
    assert len(said) <= DETAIL + related_lists(catalog, "customer"), "\n".join(said)


@pytest.mark.parametrize("count", [1, MANY])
@pytest.mark.parametrize("kind", ["lead", "customer", "activity"])
def test_creating_costs_at_most_ten_statements(cast, make, browse, catalog, kind, count):
    fill(kind, cast, make, count)
    name = "subject" if kind == "activity" else "name"
    answers = {
        name: "Wang Ling",
        "company": "Hangzhou Lifts",
        "status": "open" if kind == "activity" else "new",
    }
    answers |= {"activity_type": "call"} if kind == "activity" else {}
    browser = browse(cast.ben)
    browser.get(f"/{catalog[kind].slug}/new")
    with heard() as said:
        assert browser.post(f"/{catalog[kind].slug}/new", answers).status_code == 302
    first = 0 if is_sqlite() else 1  # PostgreSQL takes the row of the sandbox
    assert len(said) <= CREATE + first, "\n".join(said)
