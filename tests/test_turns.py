"""Threads that write to one file of SQLite stand in a line: first come, first served."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from labapp.db import turns
from labapp.db.turns import Line, Orderly, orderly


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[Orderly]]:
    """Four connections to one file."""
    path = tmp_path / "turns.sqlite"
    found = [
        orderly(str(path), check_same_thread=False, isolation_level=None, timeout=0.05) for _ in range(4)
    ]
    found[0].execute("PRAGMA journal_mode=WAL")
    found[0].execute("CREATE TABLE note (word TEXT)")
    yield found
    for connection in found:
        connection.close()


def in_line(line: Line, count: int) -> None:
    """Wait until so many stand in it."""
    for _ in range(5000):
        if len(line._waiting) == count:
            return
        Event().wait(0.002)
    raise AssertionError(f"{len(line._waiting)} wait, not {count}")


def test_who_came_first_writes_first_however_long_it_takes(opened: list[Orderly]) -> None:
    first, *others = opened
    assert first.line is not None
    first.begin_writing()
    threads = []
    for number, connection in enumerate(others):
        threads.append(Thread(target=written, args=(connection, str(number))))
        threads[-1].start()
        in_line(first.line, number + 1)
    Event().wait(0.2)  # longer than SQLite itself would wait: nobody is told that it is locked
    first.commit()
    for thread in threads:
        thread.join(10)
    assert [row[0] for row in first.execute("SELECT word FROM note ORDER BY rowid")] == ["0", "1", "2"]


def test_whoever_waits_and_whoever_comes_all_get_in(opened: list[Orderly]) -> None:
    threads = [
        Thread(target=lambda one=one: [written(one, "x") for _ in range(200)])  # type: ignore[misc]
        for one in opened[1:]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert opened[0].execute("SELECT count(*) FROM note").fetchone() == (600,)
    line = opened[0].line
    assert line is not None
    assert (len(line._waiting), line._taken) == (0, False)


def written(connection: Orderly, word: str) -> None:
    connection.begin_writing()
    connection.execute("INSERT INTO note VALUES (?)", (word,))
    connection.commit()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_turn_ends_with_its_transaction(opened: list[Orderly], end: str) -> None:
    opened[0].begin_writing()
    getattr(opened[0], end)()
    written(opened[1], "next")
    assert not opened[1].has_turn


def test_a_turn_that_could_not_begin_is_given_back(opened: list[Orderly], tmp_path: Path) -> None:
    stranger = sqlite3.connect(tmp_path / "turns.sqlite", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        opened[0].begin_writing()
    stranger.close()
    written(opened[1], "next")


def test_who_waits_too_long_leaves_the_line(opened: list[Orderly], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    opened[0].begin_writing()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        opened[1].begin_writing()
    opened[0].commit()
    written(opened[1], "next")
    line = opened[1].line
    assert line is not None
    assert (line._waiting, line._taken) == (turns.deque(), False)
