"""Statements compiled once say what SQLAlchemy says (labapp/db/quick.py)."""

from datetime import date, datetime

import pytest
from sqlalchemy import JSON, DateTime, bindparam, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from labapp.db import connection
from labapp.db.quick import MOST_VALUES, Quick, to_driver
from labapp.modules.tickets.models import Ticket
from labapp.oplog.models import Counter
from labapp.records.work import writing


@pytest.mark.parametrize(
    "moment",
    [
        datetime.fromisoformat("2026-09-07T08:00:00"),
        datetime.fromisoformat("0001-01-01"),
        datetime.fromisoformat("9999-12-31T23:59:59.999999"),
        datetime.fromisoformat("2026-09-07T08:00:01.000005+00:00"),
        date.fromisoformat("2026-09-07"),
        None,
    ],
)
def test_a_moment_is_written_as_the_ordinary_way_writes_it(moment):
    bind = bindparam("at", type_=DateTime())
    ordinary = bind.type.dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert to_driver(bind, sqlite.dialect())(moment) == ordinary(moment)


@pytest.mark.parametrize("value", [{}, [], None, "", 0, False, {"a": []}, [{}], JSON.NULL])
def test_json_is_written_as_the_ordinary_way_writes_it(value):
    bind = bindparam("answers", type_=JSON())
    ordinary = bind.type.dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert to_driver(bind, sqlite.dialect())(value) == ordinary(value)


def test_what_is_no_moment_is_refused_as_the_ordinary_way_refuses_it():
    with pytest.raises(TypeError, match="DateTime"):
        to_driver(bindparam("at", type_=DateTime()), sqlite.dialect())("2026-09-07")


def test_a_row_is_read_as_the_ordinary_way_reads_it(make, cast):
    first, second = (make("ticket", cast.ben, subject=word) for word in ("Screen", "Chair"))
    table = Ticket.__table__
    wanted = Quick(select(table.c.subject, table.c.created_at).where(table.c.id == bindparam("id")))
    for ticket in (first, second):
        (row,) = wanted({"id": ticket.id})
        ordinary = connection().execute(select(table).where(table.c.id == ticket.id)).one()
        assert (row.subject, row.created_at) == (ordinary.subject, ordinary.created_at)


@pytest.mark.parametrize("count", [0, 1, MOST_VALUES // 3, MOST_VALUES // 3 + 1])
def test_rows_are_inserted_together_in_their_order_and_all_of_them(cast, count):
    table = Counter.__table__
    wanted = [{"sandbox_id": cast.ben.sandbox_id, "name": f"n{n}", "last": n} for n in range(count)]
    store = Quick(insert(table), ["sandbox_id", "name", "last"])
    with writing():
        store.together(wanted)
    asked = select(table.c.name, table.c.last).where(table.c.name.like("n%")).order_by(table.c.last)
    assert connection().execute(asked).all() == [(row["name"], row["last"]) for row in wanted]


def test_one_row_too_many_among_those_inserted_together_keeps_all_of_them_out(cast):
    table = Counter.__table__
    twice = [{"sandbox_id": cast.ben.sandbox_id, "name": name, "last": 1} for name in ("n1", "n2", "n1")]
    with pytest.raises(IntegrityError), writing():
        Quick(insert(table), ["sandbox_id", "name", "last"]).together(twice)
    assert not connection().execute(select(table).where(table.c.name.like("n_"))).all()


def test_what_stands_in_the_statement_stands_in_every_run_of_it_unless_a_caller_says_otherwise(make, cast):
    for word in ("Screen", "Chair", "Lamp", "Desk"):
        make("ticket", cast.ben, subject=word)
    column = Ticket.__table__.c.subject
    other = bindparam("other", "Lamp")
    said = column.in_(["Screen", "Vase"]) | column.in_(bindparam("more", expanding=True)) | (column == other)
    wanted = Quick(select(column).where(said, column != bindparam("but")).order_by(column))

    def found(**values):
        return [row.subject for row in wanted(values)]

    assert found(more=["Chair", "Desk"], but="") == ["Chair", "Desk", "Lamp", "Screen"]
    assert found(more=["Desk", "Vase"], but="Screen") == ["Desk", "Lamp"]
    assert found(more=["Desk", "Vase"], but="", other="Chair") == ["Chair", "Desk", "Screen"]
    assert found(more=[], but="Lamp") == ["Screen"]
