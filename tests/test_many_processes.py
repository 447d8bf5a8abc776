"""A class across two application processes, over one PostgreSQL, with a worker and nginx, as `deploy/` sets them up.

Nothing here is PostgreSQL's alone: the long tests play the same over one file of SQLite.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.jobs import DONE, Job
from tests.coached import RUBRIC
from tests.many import House, assert_whole, filled_house, leads_named, signed_in

HOMES = (
    pytest.param("postgresql", marks=pytest.mark.postgres),
    pytest.param("sqlite", marks=pytest.mark.slow),
)
NEW = "/leads/new"


@pytest.fixture(scope="module", params=HOMES)
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """(house with two applications, a worker and nginx; cast by name), over a class with a rubric."""
    folder = tmp_path_factory.mktemp("many")
    url = f"sqlite:///{folder / 'data' / 'labapp.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")("labapp_many")
    with filled_house(folder, url, RUBRIC) as (made, cast):
        made.start_application()
        made.start_application()
        made.start_worker()
        made.ready()
        made.start_nginx()
        yield made, cast


@pytest.fixture
def two(everything: Any) -> House:
    found: House = everything[0]
    return found


@pytest.fixture
def cast(everything: Any) -> Any:
    return everything[1]


def ports(two: House) -> tuple[int, int]:
    first, second = two.applications
    return first, second


def test_who_signs_in_at_one_goes_on_at_the_other(two: House, cast: Any) -> None:
    here, there = ports(two)
    ben = signed_in(cast.ben, here)
    form = {**ben.form(NEW, "name", there), "name": "Grace", "company": "Hangzhou Lifts"}
    made = ben.post(NEW, form, here)
    assert made.status == 302
    assert "Grace" in ben.get(made.location, there).text
    lead = made.location
    convert = {**ben.form(f"{lead}/convert", "opportunity", here), "opportunity": "Forty lifts"}
    assert ben.post(f"{lead}/convert", convert, there).status == 302
    assert "Forty lifts" in ben.get("/opportunities/", here).text
    assert ben.post("/logout", ben.form(NEW, "csrf_token", there), there).status == 302
    assert ben.get("/leads/", here).status == 302
    assert_whole(cast.ben)


def test_of_two_who_edit_one_record_the_second_is_told(two: House, cast: Any) -> None:
    here, there = ports(two)
    ben, ada = signed_in(cast.ben, here), signed_in(cast.ada, there)
    made = ben.post(NEW, {**ben.form(NEW, "name"), "name": "Hedy", "company": "Lamarr"})
    first, second = (one.form(f"{made.location}/edit", "company") for one in (ben, ada))
    assert ada.post(f"{made.location}/edit", {**second, "company": "By Ada"}).status == 302
    late = ben.post(f"{made.location}/edit", {**first, "company": "By Ben"})
    assert late.status == 409
    assert "By Ada" in late.text
    assert "By Ben" in late.text


def test_one_form_sent_to_both_is_done_once(two: House, cast: Any) -> None:
    ben = signed_in(cast.ben, two.port)
    for number in range(3):
        form = {**ben.form(NEW, "name"), "name": f"Twice {number}", "company": "Retry"}
        with ThreadPoolExecutor(4) as threads:
            sent = [threads.submit(ben.post, NEW, form, port) for port in ports(two) * 2]
            found = [one.result() for one in sent]
        assert {answer.status for answer in found} == {302}
        assert len({answer.location for answer in found}) == 1
        assert leads_named(f"Twice {number}") == 1
    assert_whole(cast.ben)


def test_a_limit_counts_what_both_have_heard(two: House, cast: Any) -> None:
    here, there = ports(two)
    ben = signed_in(cast.ben, here)
    feed = "/calendar/feed/0000.ics"
    found = [ben.get(feed, port).status for port in (here, there)]
    assert len(set(found)) == 1
    wrong = {"login": cast.dee.login, "password": "wrong horse"}
    strange = signed_in(cast.ben, here)
    strange.cookies.clear()
    tries = []
    for number in range(5):
        port = (here, there)[number % 2]
        form = strange.form("/login", "password", port)
        tries.append(strange.post("/login", {**form, **wrong}, port).status)
    assert tries[:3] == [401, 401, 401]
    assert 429 in tries[3:]


def test_registrations_are_counted_for_the_address_by_both(two: House, cast: Any) -> None:
    ben = signed_in(cast.ben, two.port)
    form = ben.form("/register", "csrf_token")

    def send(number: int) -> int:
        return ben.post("/register", form, ports(two)[number % 2]).status

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(send, range(130)))
    assert found.count(429) == 10


def test_coach_and_bell_see_what_the_other_wrote(two: House, cast: Any) -> None:
    here, there = ports(two)
    cy, ada = signed_in(cast.cy, here), signed_in(cast.ada, there)
    for port in (here, there):
        assert "0 of 1 tasks done." in cy.get("/coach", port).text
    made = [
        cy.post(NEW, {**cy.form(NEW, "name", there), "name": name, "company": "Coach"}, here)
        for name in ("Ida", "Ivy")
    ]
    assert [one.status for one in made] == [302, 302]
    for port in (here, there):
        assert "1 of 1 tasks done." in cy.get("/coach", port).text
    transfer = f"{made[0].location}/transfer"
    give = {**ada.form(transfer, "owner_id"), "owner_id": str(cast.ben.membership_id)}
    assert ada.post(transfer, give).status == 302
    ben = signed_in(cast.ben, here)
    assert "Ida" in ben.get("/notices", there).text
    assert_whole(cast.cy)


def test_the_worker_makes_an_archive_that_either_application_gives_out(two: House, cast: Any) -> None:
    here, there = ports(two)
    ines = signed_in(cast.ines, here)
    form = ines.form("/instructor/semester", "csrf_token")
    assert ines.post("/instructor/semester/archive", form, here).status == 302
    job = ended_job()
    assert job.state == DONE, two.said()
    found = re.search(r"/instructor/semester/archives/\d+", ines.get("/instructor/semester", there).text)
    assert found is not None
    for port in (here, there):
        given = ines.get(found.group(), port)
        assert (given.status, given.text[:2]) == (200, "PK")
    assert_whole(cast.ines)


def ended_job() -> Job:
    """The newest job, once a worker has ended it."""
    ended, pause = None, Event()
    while ended is None:
        pause.wait(0.2)
        db.session.remove()
        job = db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
        ended = job if job.is_over else None
    return ended
