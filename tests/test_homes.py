"""Every test finds the database as the template has it, whatever the test before did to it."""

import pytest
from sqlalchemy import text

from labapp.db import db, is_sqlite
from tests.homes import Server, chosen


def state():
    """Every row of every table, and every sequence."""
    db.session.remove()
    with db.engine.connect() as connection:
        rows = {t.name: sorted(map(repr, connection.execute(t.select()))) for t in db.metadata.sorted_tables}
        if is_sqlite():
            return rows, None
        names = connection.execute(
            text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        ).scalars()
        return rows, {
            n: connection.execute(text(f"SELECT last_value, is_called FROM {n}")).one() for n in names
        }


def test_what_a_test_wrote_is_gone_for_the_next(cast, make, home):
    before = state()
    make("lead", cast.ben)
    make("attachment", cast.ben)
    assert state() != before
    home.renew()
    assert state() == before


def test_a_changed_schema_is_as_it_was(app, home):
    before = state()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE lead ADD COLUMN mood INTEGER")
    db.session.remove()
    home.renew()
    with db.engine.connect() as connection:
        assert "mood" not in list(connection.execute(text("SELECT * FROM lead")).keys())
    assert state() == before


def test_the_log_still_refuses_afterwards(cast, make, home):
    make("lead", cast.ben)
    db.session.remove()
    home.renew()
    with db.engine.connect() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("DELETE FROM operation"))


def test_the_run_is_over_the_database_that_was_asked_for(app, home, request):
    asked = chosen(request.config)
    assert db.engine.dialect.name == asked
    assert isinstance(home, Server) is (asked == "postgresql")
