"""An import writes few rows at a time and lets others write in between, from the file that is sent to the undo.

Nine rows are much here and three a batch, after which a part ends. Heard are the transactions that hold the write lock,
the rows of the file that each writes, and the pauses.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from labapp import jobs
from labapp.db import db
from labapp.db.turns import Orderly
from labapp.records.imports import pace, running, store
from tests.bringing import check, run_of, send

ROWS, PART = 9, 3
PAUSE = "pause"
FILE = "Lead name,Company\n" + "".join(f"P{n},Firm {n} Ltd\n" for n in range(ROWS))


class Transaction:
    """One that held the write lock: how many rows of the file it wrote, and whether it counted them."""

    def __init__(self) -> None:
        self.rows = 0
        self.counted = False


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch, app: Any) -> Iterator[list[Any]]:
    """Transactions and pauses in their order."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("elsewhere a transaction holds its rows, not the file")
    for name in ("FIRST", "LEAST", "MOST"):
        monkeypatch.setattr(pace, name, PART)
    monkeypatch.setattr(pace, "HOLD", 0.0)
    monkeypatch.setattr(running, "AT_ONCE", PART)
    found: list[Any] = []
    held: list[Transaction] = []
    begin, commit, rollback = Orderly.begin_writing, Orderly.commit, Orderly.rollback

    def begun(self: Orderly) -> None:
        begin(self)
        held[:] = [Transaction()]
        found.append(held[0])

    def ended(act: Any) -> Any:
        return lambda self: (held.clear(), act(self))[1]

    def hear(_connection: Any, cursor: Any, words: str, values: Any, _context: Any, many: bool) -> None:
        if held and "import_row" in words:
            held[0].counted |= "count(" in words
            if not words.lstrip().startswith("SELECT"):
                held[0].rows += len(values) if many else max(cursor.rowcount, 0)

    monkeypatch.setattr(Orderly, "begin_writing", begun)
    monkeypatch.setattr(Orderly, "commit", ended(commit))
    monkeypatch.setattr(Orderly, "rollback", ended(rollback))
    monkeypatch.setattr(store, "pause", lambda: found.append(PAUSE))
    event.listen(db.engine, "after_cursor_execute", hear)
    yield found
    event.remove(db.engine, "after_cursor_execute", hear)


def in_short_turns(turns: list[Any], *, rows: int = ROWS) -> None:
    """All rows were written, a batch in each transaction, a pause between two of them; counting held nobody up."""
    parts = [turn for turn in turns if turn is PAUSE or turn.rows]
    written = [turn.rows for turn in parts if turn is not PAUSE]
    assert sum(written) == rows
    assert max(written) == PART
    for place, turn in enumerate(parts[:-1]):
        assert turn is PAUSE or parts[place + 1] is PAUSE
    assert not any(turn.counted for turn in turns if turn is not PAUSE)
    turns.clear()


def test_every_stage_takes_short_turns(cast: Any, browse: Any, turns: list[Any]) -> None:
    browser = browse(cast.ben)
    run_id = send(browser, "leads", FILE)
    in_short_turns(turns, rows=ROWS + 1)
    check(browser, "leads", run_id)
    jobs.work_off()
    assert run_of(run_id).state == "checked"
    written = [turn.rows for turn in turns if turn is not PAUSE and turn.rows]
    assert written == [PART] * (ROWS // PART)  # what is between them is the check itself, which holds nothing
    assert not any(turn.counted for turn in turns if turn is not PAUSE)
    turns.clear()
    browser.post(f"/leads/import/{run_id}/run")
    jobs.work_off()
    assert run_of(run_id).counts == {"create": ROWS, "remarks": 0}
    in_short_turns(turns)
    browser.post(f"/leads/import/{run_id}/undo")
    jobs.work_off()
    assert run_of(run_id).counts == {"back": ROWS, "remarks": 0}
    in_short_turns(turns)


def test_a_file_that_is_dropped_goes_in_short_turns(cast: Any, browse: Any, turns: list[Any]) -> None:
    browser = browse(cast.ben)
    run_id = send(browser, "leads", FILE)
    turns.clear()
    browser.post(f"/leads/import/{run_id}/drop")
    assert run_of(run_id) is None
    in_short_turns(turns, rows=ROWS + 1)
