"""What a person reads when the machine is at fault: a sentence, no traceback, and nothing half written."""

import errno
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DataError, OperationalError

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.db.triggers import LOG_STEP_ALONE
from labapp.lifecycle.verify import verify
from labapp.modules.leads.models import Lead
from labapp.people.models import Sandbox
from tests.listening import heard
from tests.lives import last_step

NEW, GRACE = "/leads/new", {"name": "Grace", "company": "Hangzhou Lifts"}
FETCHED = {"X-Requested-With": "labapp"}


@pytest.fixture
def failing(app: Any) -> Any:
    """failing(error): from now on every statement that begins with these words meets this error."""
    heard_by: list[Any] = []

    def begin(error: Exception, *words: str) -> None:
        def stop(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith(words or ""):
                raise error

        event.listen(db.engine, "before_cursor_execute", stop)
        heard_by.append(stop)

    yield begin
    for stop in heard_by:
        event.remove(db.engine, "before_cursor_execute", stop)


def away() -> OperationalError:
    return OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))


def test_database_away_is_said_in_a_sentence(cast: Any, browse: Any, failing: Any) -> None:
    ben = browse(cast.ben)
    failing(away())
    answer = ben.get("/leads/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database does not answer just now." in answer.text
    assert "closed the connection" not in answer.text


def test_database_that_goes_away_while_writing_writes_nothing(cast: Any, browse: Any, failing: Any) -> None:
    ben = browse(cast.ben)
    failing(away(), "INSERT INTO operation ", "SELECT * FROM log_step(")
    answer = ben.post(NEW, GRACE, headers=FETCHED)
    assert (answer.status_code, answer.json) == (
        503,
        {"error": "The database does not answer just now.", "reason": ""},
    )
    assert not db.session.scalars(select(Lead.id), execution_options={"seen_by": EVERYONE}).all()
    assert verify(db.session.get_one(Sandbox, cast.ben.sandbox_id)) is None


def test_full_disk_is_said_in_a_sentence(cast: Any, browse: Any, failing: Any) -> None:
    ben = browse(cast.ben)
    failing(OSError(errno.ENOSPC, "No space left on device"), "INSERT INTO lead")
    answer = ben.post(NEW, GRACE)
    assert answer.status_code == 507
    assert "The server has no room left to store anything." in answer.text
    assert "No space left" not in answer.text


def test_refusal_that_cannot_be_logged_is_a_sentence_too(
    app: Any, cast: Any, browse: Any, failing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    ben = browse(cast.ben)
    failing(away(), "UPDATE sandbox", LOG_STEP_ALONE)
    answer = ben.get("/leads/999999")
    assert answer.status_code == 503
    assert "The database does not answer just now." in answer.text


def test_page_of_a_fault_asks_nothing(cast: Any, browse: Any, failing: Any) -> None:
    ben = browse(cast.ben)
    ben.get("/leads/")
    with heard() as usual:
        ben.get("/leads/")
    failing(away(), "SELECT lead.id")
    with heard() as said:
        assert ben.get("/leads/").status_code == 503
    there = next(place for place, statement in enumerate(usual) if statement.startswith("SELECT lead.id"))
    assert said == usual[:there]  # and the page of the fault asked for nothing more


def test_look_that_cannot_be_logged_costs_the_reader_nothing(
    cast: Any, browse: Any, failing: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """They have their page by then (decision 36). Whoever keeps the server reads of it."""
    ben = browse(cast.ben)
    before = last_step(cast.ben)
    failing(away(), "INSERT INTO operation ", LOG_STEP_ALONE)
    assert ben.get("/leads/").status_code == 200
    assert last_step(cast.ben) == before
    assert "could not be done" in caplog.text
    assert ben.get("/leads/").status_code == 200  # nothing of the first stands in the way of the second


class Broken:
    """A connection of the driver whose line breaks when a transaction is to end."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def rollback(self) -> None:
        raise db.engine.dialect.loaded_dbapi.OperationalError("the connection is closed")


def test_line_that_breaks_between_two_transactions_is_a_sentence_too(
    cast: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = browse(cast.ben)
    ben.get(NEW)
    monkeypatch.setattr("labapp.db._driver", lambda held: Broken(held.connection.driver_connection))
    answer = ben.post(NEW, GRACE)
    assert answer.status_code == 503
    assert "The database does not answer just now." in answer.text


def test_text_that_the_database_cannot_hold_is_a_sentence_and_no_fault_of_it(
    cast: Any, browse: Any, failing: Any
) -> None:
    ben = browse(cast.ben)
    failing(DataError("INSERT", {}, ValueError("a text with a NUL")), "INSERT INTO lead")
    answer = ben.post(NEW, GRACE)
    assert answer.status_code == 400
    assert "characters or numbers that cannot be kept" in answer.text


def test_nul_in_an_address_is_left_out(cast: Any, browse: Any) -> None:
    ben = browse(cast.ben)
    for address in (
        "/leads/?q=%00Gra%00ce",
        "/leads/tags?q=%00",
        "/customers/similar?name=%00x",
        "/customers/duplicates?after=%00",
    ):
        assert ben.get(address).status_code == 200
