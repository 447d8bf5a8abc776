"""What the timeline has in store, on the page of the clock: by the names that the students' own records have."""

import pytest

from instructor import clock_store
from instructor.clock_store import store
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.modules.tickets.models import Ticket
from tests.timelines import advance, all_of, box, opened, teacher


@pytest.fixture(autouse=True)
def read_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_store, "language", lambda: "en")


def told(sandbox_id: int) -> list[tuple[str, str, int, int]]:
    """What the page says, and how far that is."""
    return [(one.what, one.whose, one.done, one.total) for one in store(box(sandbox_id), teacher(sandbox_id))]


def test_events_are_told_in_the_names_that_the_students_will_read(app, cast, tmp_path):
    sandbox_id = opened(tmp_path)
    before = told(sandbox_id)
    advance(sandbox_id, days=6)
    tickets = [row.subject for row in all_of(sandbox_id, Ticket)]
    leads = [row.name for row in all_of(sandbox_id, Lead)]
    quiet = [row.name for row in all_of(sandbox_id, Customer) if "quiet" in (row.tags or [])]
    by_kind = {what.partition(" · ")[0]: what.partition(" · ")[2] for what, _whose, _done, _total in before}
    assert by_kind["Ticket"] in tickets
    assert not by_kind["Ticket"].startswith(("…", "{", ":"))
    assert by_kind["Lead"] in leads
    assert by_kind["A customer goes quiet"].removesuffix(" · Nobody answers there") in quiet
    assert by_kind["Competitor"] == "Bluewave"
    assert by_kind["Bluewave"] == "Bluewave cuts its prices"
    assert [what for what, *_more in told(sandbox_id)] == [what for what, *_more in before]
    assert {done == total for _what, _whose, done, total in told(sandbox_id)} == {True}


def test_whose_words_they_are_is_said_where_each_has_an_event_of_their_own(app, cast, tmp_path):
    sandbox_id = opened(tmp_path)
    names = {member.name or member.key for member in teacher(sandbox_id).directory.members.values()}
    found = {what.partition(" · ")[0]: (whose, total) for what, whose, _done, total in told(sandbox_id)}
    assert found["Ticket"][0] in names
    assert found["Ticket"][1] == 2
    assert found["The fair begins tomorrow"] == ("", 1)
