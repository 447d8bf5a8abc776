"""Reads that are built once answer what the guarded session answers, for everybody and every kind."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import false, select
from werkzeug.datastructures import MultiDict

from labapp.access import prepared, rules
from labapp.db import db
from labapp.records import listing, query, slices
from labapp.records.question import question_of

PEOPLE = ("ines", "tess", "olga", "ada", "ben", "cy", "dee")


def seen(actor: Any, model: Any) -> tuple[list[int], list[int]]:
    """The ids an actor sees: by the guarded session, and by a prepared read."""
    guarded = db.session.scalars(select(model.id), execution_options={"seen_by": actor}).all()
    rows = prepared.read(
        actor, ("test", model.__tablename__), lambda visible: select(model.id).where(visible(model))
    )
    return sorted(guarded), sorted(row.id for row in rows)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_prepared_read_sees_what_the_guard_lets_through(
    app: Flask, cast: Any, make: Callable[..., Any], person: str
) -> None:
    for kind in ("lead", "customer", "contact", "opportunity", "activity", "note", "product"):
        for owner in (cast.ada, cast.ben, cast.dee):
            make(kind, owner)
    actor = getattr(cast, person).actor
    for kind, model in rules.record_models().items():
        guarded, read = seen(actor, model)
        assert read == guarded, kind


def test_a_changed_rule_is_followed_at_once(
    app: Flask, cast: Any, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = type(make("lead", cast.ben))
    actor = cast.ben.actor
    assert seen(actor, model)[1]
    monkeypatch.setattr(rules, "standing", lambda actor, model, need: false())
    assert not seen(actor, model)[1]


@pytest.mark.parametrize("sort", ["id", "-id", "name", "-name", "next_follow_up_at", "-created_at"])
def test_pages_by_owner_and_by_order_hold_the_same_rows(
    app: Flask, cast: Any, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    for number in range(7):
        make("lead", cast.ben, name=f"N{number % 3}")
    actor = cast.ada.actor
    with app.test_request_context():
        found = []
        for by_owner in (True, False):
            monkeypatch.setattr(slices.Slice, "goes_by_owner", lambda *_a, by_owner=by_owner, **_k: by_owner)
            found.append(walked(app, actor, sort))
    assert found[0] == found[1]
    assert len(found[0]) == len(set(found[0])) == 7


def walked(app: Flask, actor: Any, sort: str) -> list[int]:
    """The ids of all pages of three, one after another."""
    record_type, ids, after = app.extensions["catalog"]["lead"], [], ""
    while True:
        question = question_of(record_type, actor, MultiDict({"sort": sort, "after": after}))
        page = listing.read_page(question, actor, 3)
        ids += [row.id for row in page.rows]
        after = page.after
        if not after:
            return ids


def test_what_hangs_on_a_record_is_found_by_its_link(app: Flask, cast: Any) -> None:
    """And not by a walk in the order asked for, which SQLite prefers as long as it has counted nothing."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the hint is SQLite's")
    model: Any = rules.record_models()["contact"]
    chosen = select(model.id).where(model.customer_id == 1, model.sandbox_id == 1)
    chosen = chosen.order_by(model.id.desc()).limit(10)
    by_link = query.by_link(chosen, model, "customer_id")
    assert "INDEXED BY ix_contact_customer_id" in str(by_link.compile(dialect=db.engine.dialect))
    assert "ix_contact_customer_id (customer_id=?)" in plan_of(by_link)
    assert query.by_link(chosen, model, "title") is chosen


def plan_of(statement: Any) -> str:
    words = statement.compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
    return str(db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all())
