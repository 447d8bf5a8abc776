"""One clock for many machines: the database's. What lies in one file on one machine goes by that machine's own."""

import time  # the database is asked, and the way there and back measured
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event, text

from labapp import clock
from labapp.db import db, is_sqlite

NOW = text("SELECT timezone('utc', clock_timestamp())")
EPOCH = "SELECT extract(epoch FROM clock_timestamp())"
NOTICED = timedelta(seconds=2)  # machines that agree so far are left alone


def database_now() -> datetime:
    """What time it is by the database's clock (UTC, to the second): for what machines promise one another."""
    if is_sqlite():
        return clock.now()
    found: datetime = db.session.execute(NOW).scalar_one()
    return found.replace(microsecond=0)


def follow(engine: Engine) -> None:
    """Have this process tell the time of the database, whatever its own machine thinks.

    Asked with every new connection, and connections are renewed now and then (`config.engine_options`).
    """
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _compare)


def _compare(connection: Any, _record: Any) -> None:
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute(EPOCH)
        there = float(cursor.fetchone()[0])
    connection.rollback()
    ahead = timedelta(seconds=there - (before + time.time()) / 2)
    clock.set_ahead(ahead if abs(ahead) >= NOTICED else timedelta(0))
