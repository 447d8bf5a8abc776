"""Contacts follow their customers.

Ada manages Ben and Cy; Dee is in another class; Ines instructs.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.access.errors import Invalid
from labapp.modules.contacts.models import Contact
from labapp.records import query, standard
from labapp.records.work import Work


def test_who_reads_the_customer_reads_its_contacts(cast: SimpleNamespace, make: Any) -> None:
    customer = make("customer", cast.ben).id
    contact = make("contact", cast.dee, customer_id=customer).id
    readers = {p.name for p in vars(cast).values() if query.one(Contact, p.actor, contact) is not None}
    assert readers == {"Ines", "Tess", "Olga", "Ada", "Ben", "Dee"}


def test_nobody_reports_in_a_circle(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    customer = make("customer", cast.ben).id
    boss = make("contact", cast.ben, customer_id=customer).id
    clerk = make("contact", cast.ben, customer_id=customer, reports_to_id=boss).id
    for target, superior in ((boss, clerk), (boss, boss)):
        with pytest.raises(Invalid), Work(cast.ben.actor, "contact.edit") as work:
            standard.edit(work, catalog["contact"], work.on(Contact, target), {"reports_to_id": superior})


def test_a_contact_is_made_on_its_customers_page(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    customer = make("customer", cast.ben).id
    data = {"customer_id": str(customer), "name": "王芳", "mobile": "138 1234 5678", "gender": "female"}
    assert browse(cast.ben).post("/contacts/new", data).status_code == 302
    (contact,) = query.rows(Contact, cast.ben.actor)
    assert (contact.name, contact.mobile) == ("王芳", "13812345678")


@pytest.mark.parametrize("mobile", ["1381234567", "138123456789", "23812345678"])
def test_a_mobile_number_has_eleven_digits(
    cast: SimpleNamespace, make: Any, browse: Any, mobile: str
) -> None:
    customer = make("customer", cast.ben).id
    data = {"customer_id": str(customer), "name": "王芳", "mobile": mobile}
    answer = browse(cast.ben).post("/contacts/new", data)
    assert answer.status_code == 422
    assert mobile in answer.text


def test_a_contact_of_an_invisible_customer_is_not_made(
    cast: SimpleNamespace, make: Any, browse: Any
) -> None:
    hidden = make("customer", cast.dee).id
    answer = browse(cast.ben).post("/contacts/new", {"customer_id": str(hidden), "name": "王芳"})
    assert answer.status_code == 422
    assert query.rows(Contact, cast.ines.actor) == []
