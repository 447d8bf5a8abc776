"""A member's path through a customer: what belongs to it, in time order, with pauses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from instructor.log_path import customer_of, span_words, steps_of, stretches_of, summary_of, things_of
from labapp.modules.activities.models import Activity
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.records.stepwords import lines
from labapp.records.work import Work

URL = "/instructor/log/path"


@pytest.fixture
def walked(cast, make, browse) -> int:
    """Ben works on a customer, its contact and an activity there; Cy's customer is his own. The customer's number."""
    customer, other = (
        make("customer", cast.ben, name="Hopper Ltd"),
        make("customer", cast.cy, name="Murray Ltd"),
    )
    contact = make("contact", cast.ben, customer_id=customer.id, name="Grace")
    numbers = customer.id, contact.id, other.id
    serial = customer.serial
    ben = cast.ben.actor
    with Work(ben, "customer.edit") as work:
        work.update(work.on(Customer, numbers[0]), city="Ulm")
    with Work(ben, "contact.edit") as work:
        work.update(work.on(Contact, numbers[1]), title="Admiral")
    with Work(ben, "activity.create") as work:
        given = {"subject": "Call Grace", "activity_type": "call", "status": "open"}
        work.create(Activity, related_kind="contact", related_id=numbers[1], **given)
    with Work(cast.cy.actor, "customer.edit") as work:
        work.update(work.on(Customer, numbers[2]), city="Graz")
    browse(cast.ben).get(f"/customers/{numbers[0]}")
    browse(cast.ada).get(f"/customers/{numbers[0]}")
    return serial


def test_a_path_leads_through_all_that_belongs_to_the_customer(walked, browse, cast):
    page = browse(cast.ines).get(f"{URL}?customer={walked}&member=s002").text
    main = page.split('<main id="main"')[1]
    places = [main.index(word) for word in ("<ins>Ulm</ins>", "<ins>Admiral</ins>", "Call Grace", "Opened")]
    assert places == sorted(places)
    assert "Graz" not in main
    assert "(1 look)" in main


def test_who_walked_there_is_listed_first(walked, browse, cast):
    page = browse(cast.ines).get(f"{URL}?customer={walked}").text
    assert f'href="/instructor/log/path?customer={walked}&amp;member=s002">Ben</a>' in page
    assert f'href="/instructor/log/path?customer={walked}&amp;member=s001">Ada</a>' in page
    assert "member=s003" not in page.split("</form>")[-1]


def test_a_customer_is_found_by_a_part_of_its_name(walked, browse, cast):
    page = browse(cast.ines).get(f"{URL}?customer=opper").text
    assert f'href="/instructor/log/path?customer={walked}">Hopper Ltd</a>' in page
    assert "No customer has this in its name" in browse(cast.ines).get(f"{URL}?customer=Zuse").text
    assert browse(cast.ines).get(f"{URL}?customer=999").status_code == 404


def test_a_lead_that_became_the_customer_is_part_of_its_path(browse, cast, make):
    lead = make("lead", cast.ben, name="Eve", company="Lovelace Ltd", status="qualified").id
    ben = browse(cast.ben)
    assert (
        ben.post(
            f"/leads/{lead}/convert", {"customer_name": "Lovelace Ltd", "contact_name": "Eve"}
        ).status_code
        == 302
    )
    page = browse(cast.ines).get(f"{URL}?customer=1&member=s002").text
    assert f'href="/leads/{lead}"' in page


def test_one_who_did_nothing_has_no_path(walked, browse, cast):
    assert "has done nothing" in browse(cast.ines).get(f"{URL}?customer={walked}&member=s004").text


def test_a_path_is_cut_at_days_and_pauses(walked, cast):
    actor = cast.ines.actor
    customer = customer_of(actor, str(walked))
    (first, *_rest) = lines(steps_of(actor, things_of(actor, customer), "s002"), actor)
    waits = [(0, 0), (60, 60), (600, 600), (5, 7200), (86_400, 86_400)]
    told, at, lab_at = [], first.at, first.lab_at.replace(hour=9)
    for real, lab in waits:
        at, lab_at = at + timedelta(seconds=real), lab_at + timedelta(seconds=lab)
        told.append(replace(first, at=at, lab_at=lab_at))
    found = stretches_of(told)
    assert [len(stretch.lines) for stretch in found] == [2, 1, 1, 1]
    assert [stretch.day is not None for stretch in found] == [True, False, False, True]
    spans = [stretch.pause[1].total_seconds() if stretch.pause else None for stretch in found]
    assert spans == [None, 600, 7200, 86_400]
    assert summary_of(told).at_it == timedelta(seconds=665)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=42), "42 s"),
        (timedelta(minutes=5, seconds=1), "5 min 1 s"),
        (timedelta(hours=2, minutes=5, seconds=59), "2 h 5 min"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(app, span, words):
    assert span_words(span) == words


@pytest.mark.parametrize("who", ["olga", "ben"])
def test_paths_are_for_staff(who, walked, browse, cast):
    assert browse(getattr(cast, who)).get(f"{URL}?customer={walked}").status_code == 403
    assert browse(cast.tess).get(f"{URL}?customer={walked}").status_code == 200
