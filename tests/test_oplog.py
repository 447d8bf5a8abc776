"""The log as a file, the proof that it is whole, and the questions pages ask it."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from labapp.access.errors import NotDone
from labapp.cli.logfile import verify_file
from labapp.db import db
from labapp.grading.log import read_log
from labapp.lifecycle.verify import verify
from labapp.modules.customers.models import Customer
from labapp.oplog import read
from labapp.oplog.export import export
from labapp.oplog.models import Operation
from labapp.oplog.replay import Impossible, replay
from labapp.oplog.verify import check_admin_log
from labapp.people.models import Membership, Sandbox
from labapp.records import query
from labapp.records.history import history_of, words
from labapp.records.work import Work

LOG = ("operation", "operation_touch", "admin_entry")


@pytest.fixture
def sandbox(app: Flask, cast: SimpleNamespace, make: Callable[..., Any]) -> Sandbox:
    """A sandbox in which Ben made, changed and deleted customers and Cy was refused."""
    first = make("customer", cast.ben, name="上海医疗器械有限公司")
    second = make("customer", cast.ben, name="Beijing Tools Ltd")
    ben, cy = cast.ben.actor, cast.cy.actor
    first_id, second_id = first.id, second.id
    with Work(ben, "customer.edit", answers={"city": "上海"}) as work:
        work.update(work.on(Customer, first_id), city="上海")
    with Work(ben, "customer.delete") as work:
        work.delete(work.on(Customer, second_id))
    with pytest.raises(NotDone), Work(cy, "customer.edit") as work:
        work.on(Customer, first_id)
    with Work(cast.ines.actor, "setting.change") as work:
        work.change_setting("sharing.customer", "read_only")
    db.session.remove()
    return db.session.get_one(Sandbox, cast.ben.sandbox_id)


def tamper(*statements: str) -> None:
    """Change tables behind the program's back, as somebody with the database in hand could."""
    db.session.remove()
    with db.engine.begin() as connection:
        for statement in (*unguarded(connection.dialect.name), *statements):
            connection.execute(text(statement))


def unguarded(database: str) -> Iterator[str]:
    """Statements that take from the tables of the log what refuses a change, as their owner may."""
    for table in LOG:
        if database == "sqlite":
            yield from (f"DROP TRIGGER {table}_refuses_{event}" for event in ("update", "delete"))
        else:
            yield f"ALTER TABLE {table} DISABLE TRIGGER USER"


def whole(sandbox: Sandbox) -> str:
    db.session.remove()
    found = verify(db.session.get_one(Sandbox, 1))
    return str(found) if found else ""


# -- the file ----------------------------------------------------------------------------------------------


def test_file_is_what_the_grader_reads(sandbox: Sandbox, tmp_path: Path) -> None:
    count = export(sandbox, tmp_path / "log.jsonl")
    log = read_log(tmp_path / "log.jsonl")
    assert len(log.steps) == count == sandbox.last_step
    assert [member.member for member in log.header.students] == ["s001", "s002", "s003", "s004"]
    assert log.header.settings["sharing.customer"] == "private"
    assert log.header.line["working_hours"]["days"] == [1, 2, 3, 4, 5]


def test_first_line_names_the_sandbox_and_its_people(sandbox: Sandbox, tmp_path: Path) -> None:
    export(sandbox, tmp_path / "log.jsonl")
    header = json.loads((tmp_path / "log.jsonl").read_text("utf-8").splitlines()[0])
    assert (header["log"], header["sandbox"], header["starts_at"]) == (1, "autumn-a", "2026-09-07T09:00:00")
    ben = next(row for row in header["members"] if row["member"] == "s002")
    assert ben == {
        "member": "s002",
        "number": "1s002",
        "name": "Ben",
        "role": "student",
        "position": "school/class_a/sales/staff",
    }


def lines_of(sandbox: Sandbox, file: Path) -> list[str]:
    export(sandbox, file)
    return file.read_text("utf-8").splitlines()


def test_exported_file_is_whole(sandbox: Sandbox, tmp_path: Path) -> None:
    lines_of(sandbox, tmp_path / "log.jsonl")
    assert verify_file(tmp_path / "log.jsonl") is None


def bens(lines: list[str]) -> list[int]:
    """The line numbers of Ben's steps."""
    return [n for n, line in enumerate(lines) if n and json.loads(line)["member"] == "s002"]


def test_changed_step_of_a_file_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    lines = lines_of(sandbox, tmp_path / "log.jsonl")
    at = bens(lines)[1]
    lines[at] = lines[at].replace('"Beijing', '"Peking')
    (tmp_path / "bad.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    assert verify_file(tmp_path / "bad.jsonl") == json.loads(lines[at])["id"]


def test_removed_step_of_a_file_is_named_by_the_next(sandbox: Sandbox, tmp_path: Path) -> None:
    lines = lines_of(sandbox, tmp_path / "log.jsonl")
    first, second, *_ = bens(lines)
    after = json.loads(lines[second])["id"]
    del lines[first]
    (tmp_path / "bad.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    assert verify_file(tmp_path / "bad.jsonl") == after


# -- against the database ----------------------------------------------------------------------------------


def test_untouched_sandbox_agrees_with_its_log(sandbox: Sandbox) -> None:
    assert whole(sandbox) == ""


def test_every_kind_of_record_replays_to_its_table(
    app: Flask, cast: SimpleNamespace, make: Callable[..., Any], catalog: Any
) -> None:
    for kind in catalog.keys() - {"attachment"}:
        make(kind, cast.ben)
    assert whole(db.session.get_one(Sandbox, cast.ben.sandbox_id)) == ""


def number_of(kind: str, verb: str) -> int:
    query = select(Operation.id).where(Operation.kind == kind, Operation.verb == verb)
    return int(db.session.scalars(query.order_by(Operation.id)).all()[0])


def test_changed_step_is_named(sandbox: Sandbox) -> None:
    number = number_of("customer", "edit")
    tamper(f"UPDATE operation SET label = 'x' WHERE id = {number}")
    assert f"Step {number} " in whole(sandbox)


def test_removed_step_is_named(sandbox: Sandbox) -> None:
    number = number_of("customer", "edit")
    tamper(f"DELETE FROM operation WHERE id = {number}")
    assert whole(sandbox) == f"Step {number} is missing."


def test_missing_tail_is_noticed(sandbox: Sandbox) -> None:
    last = sandbox.last_step
    tamper(f"DELETE FROM operation WHERE id = {last}")
    assert f"{last} were written" in whole(sandbox)


def test_tail_removed_together_with_its_count_is_noticed(sandbox: Sandbox) -> None:
    last = sandbox.last_step
    tamper(
        f"DELETE FROM operation WHERE id = {last}",
        f"DELETE FROM operation_touch WHERE step = {last}",
        "UPDATE sandbox SET last_step = last_step - 1",
    )
    assert "The last step of t001" in whole(sandbox)


def test_index_of_touched_records_that_lacks_one_is_noticed(sandbox: Sandbox) -> None:
    number = number_of("customer", "edit")
    tamper(f"DELETE FROM operation_touch WHERE step = {number}")
    assert "index of touched records" in whole(sandbox)


TAMPERED = {
    "UPDATE customer SET city = '北京' WHERE serial = 1": "customer 1: city is '北京'",
    "UPDATE customer SET deleted_at = created_at WHERE serial = 1": "customer 1 is in the recycle bin",
    "UPDATE customer SET deleted_at = NULL WHERE serial = 2": "customer 2 stands in its table but not in the log",
    "DELETE FROM customer WHERE serial = 1": "customer 1 stands in the log but not in its table",
    "UPDATE membership SET role = 'instructor' WHERE key = 's002'": "membership 5: role",
    "UPDATE position SET path = '/' WHERE serial = 4": "position 4: its path",
    "UPDATE code SET name_en = 'x' WHERE serial = 1": "code 1: name_en",
    "UPDATE sandbox SET settings = '{}'": "The setting sharing.customer",
}


@pytest.mark.parametrize(("statement", "told"), TAMPERED.items())
def test_table_changed_past_the_log_is_named(sandbox: Sandbox, statement: str, told: str) -> None:
    tamper(statement)
    assert told in whole(sandbox)


def test_administration_log_is_chained(app: Flask) -> None:
    from labapp.oplog.append import Act, append_act
    from labapp.records.work import writing

    for name in ("Ada", "Ben"):
        with writing():
            append_act(Act("account.add", "ines", subject=name))
    assert check_admin_log() is None
    tamper("UPDATE admin_entry SET subject = 'x' WHERE id = 1")
    found = check_admin_log()
    assert found is not None
    assert found.step == 1


# -- replay ------------------------------------------------------------------------------------------------


def step(number: int, what: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    change = {"what": what, "kind": "lead", "id": 1, "before": before, "after": after}
    return {"id": number, "outcome": "done", "changes": [change]}


def test_changes_add_up_to_the_record() -> None:
    made = step(1, "created", {}, {"name": "A", "city": None})
    moved = step(2, "changed", {"name": "A"}, {"name": "B"})
    assert replay([made, moved], {}).records["lead"] == {1: {"name": "B", "city": None}}
    assert (
        replay([made, moved, step(3, "deleted", {"name": "B", "city": None}, {})], {}).records["lead"] == {}
    )


@pytest.mark.parametrize(
    "second",
    [
        step(2, "created", {}, {"name": "A"}),
        step(2, "changed", {"name": "Z"}, {"name": "B"}),
        step(2, "deleted", {"name": "Z"}, {}),
    ],
)
def test_change_that_cannot_follow_is_impossible(second: dict[str, Any]) -> None:
    with pytest.raises(Impossible) as caught:
        replay([step(1, "created", {}, {"name": "A"}), second], {})
    assert caught.value.step == 2


def test_refused_steps_change_nothing() -> None:
    refused = {**step(1, "created", {}, {"name": "A"}), "outcome": "refused"}
    assert replay([refused], {}).records == {}


# -- questions of pages ------------------------------------------------------------------------------------


def test_steps_of_a_member_come_newest_first_in_pages(sandbox: Sandbox) -> None:
    asked = read.Question(1, members=["s002"])
    first, more = read.steps(asked, limit=3)
    second, end = read.steps(asked, before=more, limit=3)
    numbers = [step.id for step in (*first, *second)]
    assert numbers == sorted(numbers, reverse=True)
    assert {step.member for step in (*first, *second)} == {"s002"}
    assert (len(first), end) == (3, None)


def test_steps_are_found_by_record_outcome_day_and_nobody(sandbox: Sandbox, cast: SimpleNamespace) -> None:
    def verbs(**asked: Any) -> list[str]:
        return [step.verb for step in read.steps(read.Question(1, **asked))[0]]

    assert verbs(kind="customer", record=1, outcome="done") == ["edit", "create"]
    assert verbs(outcome="refused") == ["edit"]
    assert set(verbs(members=[None], kind="position")) == {"create"}
    today = cast.ben.actor.lab_now.date()
    assert "edit" in verbs(members=["s002"], since=today, until=today)
    assert verbs(members=["s002"], until=date(2020, 1, 1)) == []
    assert [step.verb for step in read.day_of(1, "s002", today)[0]][-2:] == ["edit", "delete"]
    assert read.last_day(1, "s002") == today


def test_people_in_a_subtree_are_found(sandbox: Sandbox, cast: SimpleNamespace) -> None:
    directory = cast.ines.actor.directory
    sales = next(place.id for place in directory.places.values() if place.name_en == "sales")
    keys = [directory.members[m].key for m in directory.people_in(sales)]
    found, _more = read.steps(read.Question(1, members=keys))
    assert {step.member for step in found} <= {"s001", "s002", "s003"}


def test_history_of_a_record_leaves_out_what_was_refused(sandbox: Sandbox, cast: SimpleNamespace) -> None:
    (customer,) = query.rows(Customer, cast.ines.actor, Customer.serial == 1)
    edit, create = history_of(customer, cast.ines.actor)
    assert (edit.verb, create.verb) == ("edit", "create")
    assert [(move.label, move.after) for move in edit.moved] == [("City", "上海")]


@pytest.mark.parametrize(
    ("value", "said"),
    [("65400.00", "￥65,400.00"), ("-3", "￥-3.00"), ("a lot", "a lot"), ("1e9", "1e9"), (None, "")],
)
def test_amounts_are_told_as_their_page_tells_them(
    cast: SimpleNamespace, catalog: Any, value: Any, said: str
) -> None:
    """And what was typed in vain as it was typed."""
    assert words(catalog["opportunity"], "amount", value, cast.ines.actor) == said


def test_heads_stand_on_membership_and_sandbox(sandbox: Sandbox) -> None:
    last = db.session.scalars(
        select(Operation.hash).where(Operation.member == "s002").order_by(Operation.id.desc()).limit(1)
    ).one()
    assert db.session.scalars(select(Membership.last_hash).where(Membership.key == "s002")).one() == last
