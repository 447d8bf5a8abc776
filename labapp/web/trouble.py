"""What is wrong with the machine and not with the program: the database is away or busy, the disk is full."""

import errno
import sqlite3

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    ResourceClosedError,
)
from sqlalchemy.exc import TimeoutError as NoConnection

from labapp.db import db

AWAY = _l("The database does not answer just now.")
UNFIT = _l("What was sent has characters or numbers that cannot be kept. Nothing was saved.")
FULL = _l("The server has no room left to store anything.")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "53100"  # as PostgreSQL says it
BROKEN = PendingRollbackError | ResourceClosedError
ENDED = ("57P", "08")  # it was shut down, or the line is dead


def is_full(error: BaseException) -> bool:
    """Whether nothing more can be stored."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
    return getattr(cause, "sqlstate", None) == DISK_FULL


def is_unfit(error: BaseException) -> bool:
    """Whether the database is asked for, or given, what it cannot hold: PostgreSQL has no NUL in its texts."""
    return isinstance(error, DataError)


def is_away(error: BaseException) -> bool:
    """Whether the database cannot be asked at present; the same may go well in a moment.

    What is done after the line broke meets a transaction or a connection that has ended.
    """
    if is_unfit(error):
        return False
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _has_ended(error)):
        return True
    return isinstance(error, OperationalError | InterfaceError | NoConnection | BROKEN)


def let_go(error: BaseException) -> None:
    """Give up the connections of this process where the server has ended them: the next question makes new ones."""
    if db.engine.dialect.name != "sqlite" and (isinstance(error, BROKEN) or _has_ended(error)):
        db.engine.dispose()


def _has_ended(error: BaseException) -> bool:
    """Whether PostgreSQL, or the line to it, is gone: it says so, or says nothing at all."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if cause is None or isinstance(cause, sqlite3.Error):
        return False
    state = getattr(cause, "sqlstate", None)
    return state is None or str(state).startswith(ENDED)
