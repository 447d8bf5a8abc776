"""The two alarms of the session: a read must say who asks, a write must come from a Work.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import pytest
from sqlalchemy import delete, select, text, update

from labapp.access.everyone import EVERYONE
from labapp.access.guard import NobodyAsked, WrittenOutsideWork
from labapp.db import db
from labapp.modules.leads.models import Lead
from labapp.people.models import Membership, Position
from labapp.records.work import Work


def test_a_read_that_does_not_say_who_asks_is_stopped(app):
    for query in (
        select(Lead),
        select(Lead.id),
        select(Membership).join(Lead, Lead.owner_id == Membership.id),
    ):
        with pytest.raises(NobodyAsked):
            db.session.execute(query)


def test_a_record_hidden_in_a_subquery_is_noticed(app):
    with pytest.raises(NobodyAsked):
        db.session.execute(select(Membership).where(Membership.id.in_(select(Lead.owner_id))))


def test_tables_instead_of_models_are_stopped(cast):
    with pytest.raises(NobodyAsked):
        db.session.execute(select(Lead.__table__.c.id), execution_options={"seen_by": cast.ben.actor})


def test_a_read_for_somebody_is_filtered(cast, make):
    make("lead", cast.ben)
    asked = {name: {"seen_by": getattr(cast, name).actor} for name in ("ben", "ada", "cy", "dee")}
    found = {
        name: len(db.session.scalars(select(Lead), execution_options=o).all()) for name, o in asked.items()
    }
    assert found == {"ben": 1, "ada": 1, "cy": 0, "dee": 0}


def test_a_change_outside_a_work_is_stopped(cast, make):
    make("lead", cast.ben)
    lead = db.session.scalars(select(Lead), execution_options={"seen_by": EVERYONE}).one()
    lead.name = "Changed"
    with pytest.raises(WrittenOutsideWork):
        db.session.flush()


@pytest.mark.parametrize("statement", [update(Lead).values(name="x"), delete(Lead)])
def test_a_change_of_many_rows_at_once_is_stopped(cast, statement):
    with pytest.raises(WrittenOutsideWork):
        db.session.execute(statement, execution_options={"seen_by": cast.ben.actor})


def test_positions_and_memberships_change_in_a_work_only(cast):
    for model in (Position, Membership):
        row = db.session.scalars(select(model).order_by(model.id)).first()
        row.sort = row.class_name = "9"
        row.name = row.name_en = "Changed"
        with pytest.raises(WrittenOutsideWork):
            db.session.flush()
        db.session.rollback()


def test_a_work_inside_a_work_is_stopped(cast):
    with (
        Work(cast.ben.actor, "lead.create"),
        pytest.raises(RuntimeError),
        Work(cast.ben.actor, "lead.create"),
    ):
        pass


def test_the_log_refuses_every_change(cast, make):
    make("lead", cast.ben)
    for statement in (
        "UPDATE operation SET label = 'x'",
        "DELETE FROM operation",
        "DELETE FROM operation_touch",
    ):
        with pytest.raises(Exception, match=r"(?i)append|refuse|log"):
            db.session.execute(text(statement))
        db.session.rollback()
