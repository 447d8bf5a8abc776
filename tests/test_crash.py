"""The process is killed before any statement of a conversion: afterwards all of it or none of it, and the log agrees.

School ── Class A ── Sales: Ada ── Staff: Ben
"""

import os

from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.modules.opportunities.models import Opportunity
from labapp.people.models import Sandbox
from tests.listening import KILLED, die_at
from tests.lives import steps_since

FEWEST = 15


def convert_and_die_at(number, browser, lead_id):
    """The conversion in a child process that dies before its nth statement; whether it lived."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        die_at(number)
        done = browser.post(f"/leads/{lead_id}/convert", {"opportunity": "Forty lifts"})
        os._exit(0 if done.status_code == 302 else 1)
    _child, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}
    return code == 0


def what_became(lead_id):
    """The lead's status, and how many customers, contacts and opportunities there are."""
    db.session.remove()
    found = select(Lead.status).where(Lead.id == lead_id)
    made = [
        len(db.session.scalars(select(model.id), execution_options={"seen_by": EVERYONE}).all())
        for model in (Customer, Contact, Opportunity)
    ]
    return db.session.scalar(found, execution_options={"seen_by": EVERYONE}), *made


def test_a_conversion_killed_at_any_statement_is_whole_or_not_at_all(cast, make, browse, capsys):
    lead_id = make("lead", cast.ben, name="Grace", company="Hangzhou Lifts").id
    browser = browse(cast.ben)
    browser.get(f"/leads/{lead_id}")
    before = what_became(lead_id)
    number, lived = 0, False
    while not lived:
        number += 1
        lived = convert_and_die_at(number, browser, lead_id)
        now = what_became(lead_id)
        converted = [s for s in steps_since(cast.ben, 0) if s.verb == "convert"]
        assert now in {before, ("converted", 1, 1, 1)}
        assert len(converted) == (now != before)
        assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None
        if now != before:
            break
    with capsys.disabled():
        print(f"\nconversion: killed before each of {number - 1} statements, whole at {number}")
    assert what_became(lead_id) == ("converted", 1, 1, 1)
    assert number > FEWEST
