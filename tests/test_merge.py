"""Two records that are one: found, merged in one step, and parted again.

School (Ines instructs, Olga observes) ── Class A ── Sales: Ada ── Staff: Ben, Cy (a peer)
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.people.models import Sandbox
from labapp.records import matching
from labapp.records.duplicates import Name, near
from labapp.records.merge import pointing
from labapp.records.setup import Setup
from tests.lives import last_step, steps_since


def row(catalog, kind, record_id):
    db.session.remove()
    model = catalog[kind].model
    return db.session.scalars(
        select(model).where(model.id == record_id), execution_options={"seen_by": EVERYONE}
    ).one()


@pytest.fixture
def two(cast, make):
    """Two customers of Ben's that are one; their ids."""
    one = make("customer", cast.ben, name="蓝海科技有限公司", phone="0755-8888 1234", city=None, tags=["a"])
    other = make("customer", cast.ben, name="蓝海科技有限责任公司", phone=None, city="深圳", tags=["b"])
    found = one.id, other.id
    db.session.remove()
    return found


def merge(browser, kept, gone, slug="customers", **more):
    return browser.post(f"/{slug}/{kept}/merge", {"other_id": str(gone), **more})


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("蓝海科技有限公司", "蓝海科技有限责任公司"),
        ("蓝海科技有限公司", "蓝海 科技（有限）公司"),
        ("ＢＬＵＥ　Ｓｅａ Co., Ltd.", "Blue Sea"),
        ("Blue-Sea Inc", "blue sea limited"),
        ("华东集团股份有限公司", "华东集团"),
    ],
)
def test_names_that_differ_in_form_alone_have_one_key(one, other):
    assert matching.name_key(one) == matching.name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("0755-8888 1234", "+86 755 88881234"), ("138 0013 8000", "+8613800138000"), ("123", "")],
)
def test_numbers_are_compared_by_their_digits(one, other):
    assert matching.phone_key(one) == matching.phone_key(other)


def test_domains_that_everybody_uses_say_nothing():
    assert (
        matching.domain_key("https://www.Blue-Sea.cn/about") == matching.domain_key("info@blue-sea.cn") != ""
    )
    assert matching.domain_key("blue@qq.com") == ""


def test_names_nearly_alike_are_found_forwards_and_backwards():
    names = [
        ("深圳蓝海科技", 1),
        ("北京东方红商贸", 2),
        ("深圳兰海科技", 3),
        ("天津远洋物流", 4),
        ("天津远洋物流园", 5),
    ]
    found = set()
    for turn in (1, -1):
        order = sorted(Name(name[::turn], number, number) for name, number in names)
        found |= {pair for _name, pair in near(order, len(order))}
    assert found == {(1, 3), (4, 5)}


# -- the page --------------------------------------------------------------------------------------------------------


def test_groups_show_what_one_sees_alone(cast, make, browse, two):
    make("customer", cast.dee, name="蓝海科技")
    page = browse(cast.ben).get("/customers/duplicates").get_data(as_text=True)
    assert all(f'href="/customers/{record_id}"' in page for record_id in two)
    assert "same name" in page
    assert page.count('name="stays"') == 2
    assert browse(cast.dee).get("/customers/duplicates").get_data(as_text=True).count('name="stays"') == 0
    assert browse(cast.ines).get("/customers/duplicates").get_data(as_text=True).count('name="stays"') == 3
    assert 'name="stays"' not in browse(cast.olga).get("/customers/duplicates").get_data(as_text=True)


def test_kinds_without_keys_have_no_such_page(cast, browse):
    assert browse(cast.ben).get("/products/duplicates").status_code == 404


def test_a_new_record_that_was_there_already_is_told(cast, browse, two):
    ben = browse(cast.ben)
    hint = ben.get("/customers/similar?name=蓝海科技股份有限公司").get_data(as_text=True)
    assert f'href="/customers/{two[0]}"' in hint
    assert browse(cast.cy).get("/customers/similar?name=蓝海科技").get_data(as_text=True).strip() == ""
    address = ben.post("/customers/new", {"name": "蓝海科技"}).headers["Location"]
    page = ben.get(address).get_data(as_text=True)
    assert "This may have been there already" in page
    assert f'href="/customers/{two[0]}"' in page


# -- merging ---------------------------------------------------------------------------------------------------------


def test_the_form_shows_both_and_the_choice_stays(cast, browse, catalog, two):
    ben = browse(cast.ben)
    form = ben.get(f"/customers/{two[0]}/merge?other_id={two[1]}").get_data(as_text=True)
    assert "蓝海科技有限责任公司" in form
    before = last_step(cast.ben)
    assert merge(ben, *two, keep_name="other", keep_city="other").status_code == 302
    (step,) = steps_since(cast.ben, before)
    kept, gone = row(catalog, "customer", two[0]), row(catalog, "customer", two[1])
    assert (step.kind, step.verb, step.outcome) == ("customer", "merge", "done")
    assert (kept.name, kept.phone, kept.city) == ("蓝海科技有限责任公司", "0755-8888 1234", "深圳")
    assert kept.tags == ["a", "b"]
    assert gone.deleted_at is not None
    assert gone.extra["merged_into"] == kept.serial


def test_what_hangs_on_the_other_moves_and_the_log_agrees(cast, make, browse, catalog, two):
    kept, gone = two
    on_it = {"related_kind": "customer", "related_id": gone}
    made = {
        "contact": make("contact", cast.ben, customer_id=gone).id,
        "opportunity": make("opportunity", cast.ben, customer_id=gone, stage="contact").id,
        "note": make("note", cast.ben, **on_it).id,
    }
    hidden = make("activity", cast.dee, **on_it).id
    daughter = make("customer", cast.ben, parent_id=gone).id
    assert merge(browse(cast.ben), *two).status_code == 302
    assert row(catalog, "contact", made["contact"]).customer_id == kept
    assert row(catalog, "opportunity", made["opportunity"]).customer_id == kept
    assert row(catalog, "note", made["note"]).related_id == kept
    assert row(catalog, "activity", hidden).related_id == kept
    assert row(catalog, "customer", daughter).parent_id == kept
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_history_of_both_and_the_way_on(cast, browse, two):
    ben = browse(cast.ben)
    ben.post(
        f"/customers/{two[1]}/edit", {"name": "蓝海科技有限责任公司", "fax": "0755-1234567", "version": "1"}
    )
    merge(ben, *two)
    page = ben.get(f"/customers/{two[0]}").get_data(as_text=True)
    assert "merged: 蓝海科技有限责任公司" in page
    assert "0755-1234567" in page
    answer = ben.get(f"/customers/{two[1]}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/customers/{two[0]}"
    assert browse(cast.cy).get(f"/customers/{two[1]}").status_code == 404


def test_restoring_parts_them_again(cast, make, browse, catalog, two):
    _kept, gone = two
    contact = make("contact", cast.ben, customer_id=gone).id
    moved_on = make("contact", cast.ben, customer_id=gone).id
    third = make("customer", cast.ben).id
    ben = browse(cast.ben)
    merge(ben, *two)
    with Setup(cast.ben.actor, "contact.edit") as work:
        work.update(work.get(catalog["contact"].model, moved_on), customer_id=third)
    assert ben.post(f"/customers/{gone}/restore").status_code == 302
    assert row(catalog, "customer", gone).deleted_at is None
    assert row(catalog, "contact", contact).customer_id == gone
    assert row(catalog, "contact", moved_on).customer_id == third
    assert "merged_into" not in row(catalog, "customer", gone).extra
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_a_parent_becomes_no_parent_of_itself(cast, make, browse, catalog, two):
    kept, gone = two
    with Setup(cast.ben.actor, "customer.edit") as work:
        work.update(work.get(catalog["customer"].model, kept), parent_id=gone)
    assert merge(browse(cast.ben), *two).status_code == 302
    assert row(catalog, "customer", kept).parent_id is None


def test_what_stands_between_them_is_told(cast, make, browse, catalog, two):
    kept, gone = two
    between = make("customer", cast.ben, parent_id=gone).id
    with Setup(cast.ben.actor, "customer.edit") as work:
        work.update(work.get(catalog["customer"].model, kept), parent_id=between)
    answer = merge(browse(cast.ben), *two)
    assert answer.status_code == 422
    assert "by way of another" in answer.get_data(as_text=True)


# -- refusals --------------------------------------------------------------------------------------------------------


def said(answer, status, sentence):
    assert answer.status_code == status
    assert sentence in answer.get_data(as_text=True)


def test_the_same_record_twice(cast, browse, two):
    said(merge(browse(cast.ben), two[0], two[0]), 422, "the same record twice")


def test_nothing_chosen(cast, browse, two):
    said(merge(browse(cast.ben), two[0], ""), 422, "Choose the record to merge in")


def test_a_second_post(cast, browse, two):
    ben = browse(cast.ben)
    merge(ben, *two)
    said(merge(ben, *two), 422, "merged into this one already")


def test_a_third_meanwhile(cast, make, browse, two):
    ben, third = browse(cast.ben), make("customer", cast.ben).id
    merge(ben, third, two[1])
    said(merge(ben, *two), 422, "not there any more")


def test_changed_meanwhile(cast, browse, two):
    ben = browse(cast.ben)
    ben.post(
        f"/customers/{two[1]}/edit", {"name": "蓝海科技有限责任公司", "fax": "0755-1234567", "version": "1"}
    )
    answer = merge(ben, *two, versions="1-1")
    said(answer, 422, "changed meanwhile")
    assert 'value="1-2"' in answer.get_data(as_text=True)


def test_both_must_be_ones_to_give_away(cast, make, browse, catalog, two):
    theirs = make("customer", cast.cy, name="蓝海科技").id
    said(merge(browse(cast.ben), two[0], theirs), 422, "not visible to you")
    with Setup(cast.ines.actor, "setting.change", nobody=True) as work:
        work.change_setting("sharing.customer", "read_write")
    assert merge(browse(cast.ben), two[0], theirs).status_code == 403
    assert merge(browse(cast.ben), theirs, two[0]).status_code == 403
    assert merge(browse(cast.ada), two[0], theirs).status_code == 302


def test_observers_read(cast, browse, two):
    assert merge(browse(cast.olga), *two).status_code == 403


def test_a_converted_lead_stays_what_it_is(cast, make, browse, catalog):
    one, other = make("lead", cast.ben).id, make("lead", cast.ben).id
    ben = browse(cast.ben)
    ben.post(f"/leads/{other}/qualify", {})
    assert ben.post(f"/leads/{other}/convert", {}).status_code == 302
    said(merge(ben, one, other, slug="leads"), 403, "A converted lead is not merged")
    third = make("lead", cast.ben).id
    assert merge(ben, one, third, slug="leads").status_code == 302


# -- nothing is lost -------------------------------------------------------------------------------------------------

KINDS = ("contact", "opportunity", "note", "activity", "customer")
Pointer = st.tuples(st.sampled_from(KINDS), st.sampled_from(["ben", "ada", "dee"]), st.booleans())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pointers=st.lists(Pointer, max_size=7))
def test_nothing_that_pointed_at_the_other_is_lost(cast, make, browse, catalog, pointers: Any):
    """Whatever hangs on whichever of the two, of whomever: afterwards it all hangs on the one that stays."""
    record_type = catalog["customer"]
    kept, gone = make("customer", cast.ben).id, make("customer", cast.ben).id
    for kind, owner, on_gone in pointers:
        point(make, kind, getattr(cast, owner), gone if on_gone else kept)

    def there(record_id):
        found = row(catalog, "customer", record_id)
        return sorted((field.name, type(r).__tablename__, r.id) for field, r in pointing(record_type, found))

    before = sorted(there(kept) + there(gone))
    assert merge(browse(cast.ben), kept, gone).status_code == 302
    assert there(kept) == before
    assert there(gone) == []


def point(make, kind, owner, customer_id):
    values = {"contact": "customer_id", "opportunity": "customer_id", "customer": "parent_id"}
    if kind in values:
        more = {"stage": "contact"} if kind == "opportunity" else {}
        return make(kind, owner, **{values[kind]: customer_id}, **more)
    return make(kind, owner, related_kind="customer", related_id=customer_id)
