"""PostgreSQL: what only reads stands in no transaction; what changes, locks or is read in portions does. And a step of
the log is one statement of the server, hashed there as it is hashed here."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import select, text

from labapp.access.errors import Refused
from labapp.db import begin_write, connection, db
from labapp.db.reading import only_reads
from labapp.oplog.append import Step, append, append_all, append_alone
from labapp.oplog.chain import digest
from labapp.oplog.export import steps
from labapp.people.models import Membership, Sandbox
from labapp.records.work import writing
from tests import world
from tests.postgres import Site

pytestmark = pytest.mark.postgres
IDLE, BEGUN = TransactionStatus.IDLE, TransactionStatus.INTRANS


@pytest.fixture(scope="module")
def site(postgres_site: Site) -> Iterator[Flask]:
    with postgres_site("labapp_reading") as app:
        world.build()
        yield app


@pytest.fixture
def sandbox(site: Flask) -> Iterator[Sandbox]:
    """A sandbox of the cast, nothing of it changed."""
    yield db.session.get_one(Sandbox, 1)
    db.session.rollback()


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT id, updated_at, deleted_at FROM lead", True),
        (" WITH some AS MATERIALIZED (SELECT 1) SELECT * FROM some", True),
        ("SELECT id FROM sandbox WHERE id = 1 FOR NO KEY UPDATE", False),
        ("WITH gone AS (DELETE FROM lead RETURNING id) SELECT id FROM gone", False),
        ("SELECT pg_try_advisory_xact_lock(1)", False),
        ("SELECT nextval('lead_id_seq')", False),
        ("SELECT * FROM log_step(1)", False),
        ("/* alone */ SELECT * FROM log_step(1)", True),
        ("VACUUM ANALYZE", True),
        ("INSERT INTO lead VALUES (1)", False),
        ("SET LOCAL synchronous_commit TO OFF", False),
    ],
)
def test_what_only_reads_is_told_from_the_rest(statement: str, reads: bool) -> None:
    assert only_reads(statement) is reads


def status() -> TransactionStatus:
    """Whether the server is inside a transaction."""
    driver: Any = connection().connection.driver_connection
    return TransactionStatus(driver.pgconn.transaction_status)


def test_a_page_that_reads_begins_nothing(sandbox: Sandbox) -> None:
    db.session.execute(select(Membership.id)).all()
    assert status() == IDLE


def test_what_is_written_is_taken_back_as_one(sandbox: Sandbox) -> None:
    begin_write()
    db.session.execute(text("UPDATE account SET name = 'changed'"))
    assert status() == BEGUN
    db.session.execute(text("SELECT 1"))
    db.session.rollback()
    assert not db.session.execute(text("SELECT 1 FROM account WHERE name = 'changed'")).all()


def test_what_is_locked_stays_locked(sandbox: Sandbox) -> None:
    db.session.execute(select(Sandbox.id).where(Sandbox.id == sandbox.id).with_for_update())
    assert status() == BEGUN


def test_what_is_read_in_portions_is_read_in_a_transaction(sandbox: Sandbox) -> None:
    query = select(Membership.id).order_by(Membership.id)
    whole = db.session.scalars(query).all()
    with db.session.scalars(query.execution_options(yield_per=2)) as rows:
        assert [*rows] == whole
        assert status() == BEGUN


def test_a_connection_that_was_used_for_one_view_of_all_reads_as_before(site: Flask) -> None:
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as held:
        held.execute(text("SELECT 1"))
        driver: Any = held.connection.driver_connection
        assert driver.pgconn.transaction_status == BEGUN
    assert driver.autocommit
    assert driver.pgconn.transaction_status == IDLE


# -- one step, one statement ---------------------------------------------------------------------------------------


def step(sandbox: Sandbox, number: int, **more: Any) -> Step:
    """A step of somebody that changes a record."""
    member = db.session.scalars(select(Membership).where(Membership.sandbox_id == sandbox.id)).first()
    assert member is not None
    change = {
        "what": "changed",
        "kind": "lead",
        "id": number,
        "before": {"name": '"'},
        "after": {"name": "医\\疗"},
    }
    said: dict[str, Any] = {"verb": "edit", "membership_id": member.id, "member": member.key, "record": 7}
    said |= {"label": 'a "b" \\ 医疗', "answers": {"city": "上海\n"}, "changes": [change]}
    return Step(sandbox.id, "lead", **(said | more))


def last(sandbox: Sandbox, count: int) -> list[dict[str, Any]]:
    db.session.expire_all()
    return [*steps(sandbox.id, sandbox.last_step)][-count:]


def test_the_server_hashes_and_chains_as_we_do(sandbox: Sandbox) -> None:
    """Steps of somebody and of nobody, by the server and by us in turns."""
    now = sandbox.last_lab_at
    with writing():
        append(step(sandbox, 1), now)
        append_all([step(sandbox, 2), step(sandbox, 3)], [now, now])
        append(step(sandbox, 4), now)
        append(step(sandbox, 5, membership_id=None, member=None, record=None), now)
    found = last(sandbox, 5)
    assert [one["hash"] for one in found] == [digest(one) for one in found]
    assert [one["prev"] for one in found[1:4]] == [one["hash"] for one in found[:3]]
    touched = "SELECT kind, serial, look FROM operation_touch WHERE sandbox_id = :sandbox AND step = :step"
    rows = db.session.execute(text(touched), {"sandbox": sandbox.id, "step": found[0]["id"]}).all()
    assert sorted(map(tuple, rows)) == [("lead", 1, 0), ("lead", 7, 0)]


def test_a_listener_hears_what_was_kept(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr("labapp.oplog.append.appended", [heard.extend])
    with writing():
        append(step(sandbox, 1), sandbox.last_lab_at)
    (kept,) = last(sandbox, 1)
    assert {name: heard[0][name] for name in kept if name not in ("at", "lab_at")} == {
        name: value for name, value in kept.items() if name not in ("at", "lab_at")
    }
    assert f"{heard[0]['lab_at'].isoformat()}" == kept["lab_at"]


def test_a_look_stands_at_once_and_a_step_with_its_transaction(sandbox: Sandbox) -> None:
    before, now = sandbox.last_step, sandbox.last_lab_at
    assert append_alone(step(sandbox, 1, verb="open", changes=[]), now) == before + 1
    assert status() == IDLE
    begin_write()
    append(step(sandbox, 1), now)
    db.session.rollback()
    assert sandbox.last_step == before + 1


def test_what_somebody_objects_to_is_taken_back(sandbox: Sandbox) -> None:
    before = sandbox.last_step

    def no() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        append_alone(step(sandbox, 1), sandbox.last_lab_at, unless=no)
    db.session.expire_all()
    assert sandbox.last_step == before


def test_half_a_letter_goes_the_other_way(sandbox: Sandbox) -> None:
    with writing():
        append(step(sandbox, 1, answers={"city": "\ud800"}), sandbox.last_lab_at)
    (found,) = last(sandbox, 1)
    assert found["answers"] == json.loads('{"city": "\\ud800"}')
    assert found["hash"] == digest(found)


def test_a_sandbox_that_is_read_takes_no_step(sandbox: Sandbox) -> None:
    said, now = step(sandbox, 1), sandbox.last_lab_at
    begin_write()
    db.session.execute(text("UPDATE sandbox SET state = 'frozen' WHERE id = :id"), {"id": sandbox.id})
    db.session.commit()
    try:
        assert append_alone(said, now) is None
        with pytest.raises(Refused), writing():
            append(said, now)
    finally:
        begin_write()
        db.session.execute(text("UPDATE sandbox SET state = 'open' WHERE id = :id"), {"id": sandbox.id})
        db.session.commit()
