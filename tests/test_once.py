"""A form is done once, however often it arrives.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from sqlalchemy import func, select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.leads.models import Lead
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records.once import FormKey, prune_keys
from labapp.records.work import writing
from tests.forms import form_on
from tests.listening import heard, without_look
from tests.lives import steps_since

NEW = "/leads/new"


def filled(browser, **typed):
    """The form of a new lead as it was served, filled in."""
    return {**form_on(browser, NEW, "name"), "name": "Grace", "company": "Hangzhou Lifts", **typed}


def leads():
    db.session.remove()
    counted = select(func.count()).select_from(Lead)
    return db.session.scalar(counted, execution_options={"seen_by": EVERYONE})


def test_a_form_that_arrives_twice_makes_one_lead_and_leads_to_it(cast, browse):
    ben = browse(cast.ben)
    form = filled(ben)
    first, second = ben.post(NEW, form), ben.post(NEW, form)
    assert first.status_code == second.status_code == 302
    assert second.location == first.location
    assert "This arrived twice. It was done once." in ben.get(second.location).text
    assert leads() == 1
    assert [s.verb for s in steps_since(cast.ben, 0) if s.kind == "lead" and s.changes] == ["create"]
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_a_page_s_own_script_is_told_where_to_go(cast, browse):
    ben = browse(cast.ben)
    form, fetched = filled(ben), {"X-Requested-With": "labapp"}
    first = ben.post(NEW, form, headers=fetched)
    second = ben.post(NEW, form, headers=fetched)
    assert second.status_code == 204
    assert second.headers["X-Labapp-Location"] == first.headers["X-Labapp-Location"]
    assert leads() == 1


def test_what_was_refused_may_be_sent_again(cast, browse):
    ben = browse(cast.ben)
    form = filled(ben, name="")
    assert ben.post(NEW, form).status_code == 422
    assert ben.post(NEW, form).status_code == 422
    assert ben.post(NEW, {**form, "name": "Grace"}).status_code == 302
    assert leads() == 1


def test_another_lead_from_the_page_one_went_back_to_is_another_lead(cast, browse):
    ben = browse(cast.ben)
    form = filled(ben)
    ben.post(NEW, form)
    ben.post(NEW, {**form, "name": "Hedy"})
    assert leads() == 2


def test_the_same_words_from_two_pages_are_two_leads(cast, browse):
    ben = browse(cast.ben)
    for _ in range(2):
        ben.post(NEW, filled(ben))
    assert leads() == 2


def test_the_same_key_in_other_hands_is_another_form(cast, browse):
    form = filled(browse(cast.ben))
    browse(cast.ben).post(NEW, form)
    browse(cast.cy).post(NEW, form)
    assert leads() == 2


def test_a_button_pressed_twice_by_a_proxy_is_one_step(cast, make, browse):
    ben, lead = browse(cast.ben), make("lead", cast.ben, name="Grace").id
    form = form_on(ben, f"/leads/{lead}/delete", "once")
    first, second = ben.post(f"/leads/{lead}/delete", form), ben.post(f"/leads/{lead}/delete", form)
    assert (first.location, second.location) == ("/leads/", "/leads/")
    assert [s.outcome for s in steps_since(cast.ben, 0) if s.verb == "delete"] == ["done"]


def test_many_at_one_moment_make_one_lead(app, cast, browse):
    ben = browse(cast.ben)
    form = filled(ben)

    browsers = [browse(cast.ben) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda each: each.client.post(NEW, data=form).location, browsers))
    assert len(set(found)) == 1
    assert leads() == 1


def test_a_create_costs_one_statement_for_it(cast, browse):
    ben = browse(cast.ben)
    ben.post(NEW, filled(ben, name="Hedy"))
    form = filled(ben)
    with heard() as said:
        assert ben.post(NEW, form).status_code == 302
    assert len(without_look(said)) <= 10, "\n".join(said)


@pytest.mark.parametrize("days", [1, 3])
def test_keys_are_kept_for_two_days(cast, browse, days):
    with time_machine.travel("2026-09-07T08:00:00Z", tick=False) as traveller:
        ben = browse(cast.ben)
        ben.post(NEW, filled(ben))
        traveller.shift(days * 24 * 3600)
        with writing():
            prune_keys()
        assert db.session.scalar(select(func.count()).select_from(FormKey)) == (days < 2)


def test_no_key_comes_into_the_log(cast, browse):
    ben = browse(cast.ben)
    form = filled(ben)
    ben.post(NEW, {**form, "name": ""})
    ben.post(NEW, form)
    answers = db.session.scalars(select(Operation.answers)).all()
    assert form["once"]
    assert form["once"] not in str(answers)
