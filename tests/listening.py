"""Hearing every SQL statement: to count them, and to die at one of them. For tests only."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from labapp import jobs
from labapp.db import db
from labapp.db.triggers import LOG_STEP_ALONE

KILLED = 86
FRAME = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)", re.IGNORECASE)


@contextmanager
def heard() -> Iterator[list[str]]:
    """The statements run inside, in their order, without the frame of transactions."""
    said: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not FRAME.match(statement):
            said.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def die_at(number: int) -> None:
    """End this process, as `kill -9` does, before the nth statement from now on, COMMIT included.

    SQLAlchemy commits through the driver, not through a cursor: the commit is heard by its own event.
    """
    count = 0

    def hear(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            os._exit(KILLED)

    event.listen(db.engine, "before_cursor_execute", hear)
    event.listen(db.engine, "commit", hear)


def work_and_die_at(number: int) -> bool:
    """The waiting job in a child process that dies before its nth statement; whether it lived."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        die_at(number)
        jobs.work_off()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}
    return code == 0


FIRST = ("UPDATE SANDBOX SET LAST_STEP", LOG_STEP_ALONE.upper())  # of SQLite, of PostgreSQL


def without_look(said: list[str]) -> list[str]:
    """The statements of a page without those of the transaction that writes its look."""
    starts = [i for i, statement in enumerate(said) if statement.upper().startswith(FIRST)]
    return said[: starts[-1]] if starts else said
