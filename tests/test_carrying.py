"""What was written is carried from SQLite's log of writes into the file while others write on."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest

from labapp.db import carrying
from labapp.db.turns import Orderly, orderly

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "carried.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[list[Orderly]]:
    """Two connections to one file, which leave the carrying to its carrier."""
    found = [orderly(str(path), check_same_thread=False, isolation_level=None) for _ in range(2)]
    found[0].execute("PRAGMA journal_mode=WAL")
    found[0].execute("CREATE TABLE note (word TEXT)")
    for connection in found:
        connection.execute("PRAGMA wal_autocheckpoint=0")
    yield found
    for connection in found:
        connection.close()


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The thread of each carrying, after every fourth row."""
    found: list[str] = []
    carried_over = carrying.carried_over

    def hear(connection: sqlite3.Connection) -> tuple[int, int]:
        found.append(current_thread().name)
        return carried_over(connection)

    monkeypatch.setattr(carrying, "carried_over", hear)
    monkeypatch.setattr(carrying, "MUCH", 4)
    return found


def write(connection: Orderly, word: str) -> None:
    """A row, and wait for whoever carries it over."""
    connection.begin_writing()
    connection.execute("INSERT INTO note VALUES (?)", (word,))
    connection.commit()
    assert connection.carrier is not None
    connection.carrier.settle()


def test_whoever_wrote_nobody_waits_for_it(opened: list[Orderly], carried: list[str], path: Path) -> None:
    for number in range(9):
        write(opened[number % 2], str(number))
    assert carried == ["carrier"] * 2
    assert b"7" in path.read_bytes()


def test_writing_goes_on_meanwhile(
    opened: list[Orderly], carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one carrier, however much is written; what came meanwhile counts for the next time."""
    go_on, carry = Event(), carrying.Carrier._carry
    monkeypatch.setattr(carrying.Carrier, "_carry", lambda self: (go_on.wait(10), carry(self)))
    writer = opened[0]
    for _ in range(9):
        writer.begin_writing()
        writer.execute("INSERT INTO note VALUES ('x')")
        writer.commit()
    go_on.set()
    write(writer, "last")
    write(writer, "next")
    assert carried == ["carrier"] * 2


def test_a_log_that_has_grown_long_is_carried_over_by_a_writer(
    opened: list[Orderly], carried: list[str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "LONG", 10)
    reader, writer = opened
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM note").fetchall()  # whoever reads holds the log as it is
    for _ in range(16):
        write(writer, "x" * PAGE)
    reader.execute("COMMIT")
    grown = path.with_name(f"{path.name}-wal").stat().st_size
    for _ in range(40):
        write(writer, "x" * PAGE)
    assert "MainThread" in carried
    assert path.with_name(f"{path.name}-wal").stat().st_size < grown + 20 * PAGE


def test_a_commit_stands_though_nothing_could_be_carried(
    opened: list[Orderly], carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "CARRY", "no words of SQL")
    for number in range(4):
        write(opened[0], str(number))
    assert carried
    assert opened[1].execute("SELECT count(*) FROM note").fetchone() == (4,)
    assert not opened[0].has_turn


def test_a_commit_stands_though_no_thread_can_begin(
    opened: list[Orderly], carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(_self: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(carrying.Thread, "start", no)
        for number in range(5):
            write(opened[0], str(number))
    assert not carried
    for number in range(4):
        write(opened[0], str(number))
    assert carried
    assert opened[1].execute("SELECT count(*) FROM note").fetchone() == (9,)


def test_who_closes_waits_for_the_carrier(
    opened: list[Orderly], carried: list[str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may be moved then."""
    begun, carry = Event(), carrying.Carrier._carry

    def slowly(self: carrying.Carrier) -> None:
        begun.set()
        Event().wait(0.1)
        carry(self)

    monkeypatch.setattr(carrying.Carrier, "_carry", slowly)
    opened[0].begin_writing()
    opened[0].executemany("INSERT INTO note VALUES (?)", [(str(n),) for n in range(4)])
    opened[0].commit()
    assert begun.wait(10)
    for connection in opened:
        connection.close()
    assert carried
    assert not path.with_name(f"{path.name}-wal").exists()


def test_a_file_that_is_gone_is_not_made_again(path: Path) -> None:
    carrier = carrying.Carrier(str(path))
    thread = Thread(target=carrier._carry)
    thread.start()
    thread.join(10)
    assert not path.exists()
