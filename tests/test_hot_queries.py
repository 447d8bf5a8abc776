"""The five questions that a class asks most go by their index on both databases: no walk through a table, no sort.

The pages are asked, their statements heard, and the database says how it goes about each. Loaded are 12,000 leads, a
fifth of them the manager's and her two people's, and 10,000 steps; PostgreSQL has counted them.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from labapp.app import create_app
from labapp.db import db
from labapp.db.entries import entry_id
from labapp.db.migrate import analyze, create_all
from labapp.db.triggers import SEARCH_INDEX
from labapp.gradebook import coach, judging
from labapp.modules.leads.models import Lead
from labapp.oplog.models import Operation, Touch
from labapp.people.models import Sandbox
from labapp.records import search
from tests import world
from tests.conftest import Browser

LEADS, LOGGED = 12_000, 5_000
READ = ("FROM", "JOIN")
LARGE = ("lead", "operation", "operation_touch", "search_entry")
# Goes by an index, and through all of it.
EVERY_STEP = re.compile(r"\(sandbox_id ?= ?(?:\?|\$?\d+)\)$", re.MULTILINE)
BOTH = ("sqlite", pytest.param("postgresql", marks=(pytest.mark.postgres, pytest.mark.slow)))


@pytest.fixture(scope="module", params=BOTH)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An application over a loaded database, with its cast."""
    folder = tmp_path_factory.mktemp("hot")
    url = f"sqlite:///{folder / 'hot.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")("labapp_hot")
    settings = {"TESTING": True, "DATA": folder, "SQLALCHEMY_DATABASE_URI": url, "RATELIMIT_ENABLED": False}
    app = create_app({**settings, "BABEL_DEFAULT_LOCALE": "en"})
    coach.forget()
    with app.app_context():
        create_all()
        cast = world.build()
        load(cast)
        analyze()
        yield SimpleNamespace(app=app, cast=cast)
        db.session.remove()
        db.engine.dispose()
    coach.forget()


def load(cast: dict[str, world.Person]) -> None:
    """Leads of four people in turn, each with the step that made it and one that looked at it."""
    owners = [cast[name] for name in ("Ada", "Ben", "Cy", *["Dee"] * 12)]
    sandbox_id, now = cast["Ben"].sandbox_id, world.START
    db.session.remove()
    with db.engine.begin() as connection:
        first = connection.scalar(select(Sandbox.last_step)) + 1
        leads, words, steps, touches = [], [], [], []
        for number in range(1, LEADS + 1):
            owner = owners[number % len(owners)]
            name = f"凌云{number}" if number % 500 == 0 else f"普通{number}"
            row = {"id": number, "sandbox_id": sandbox_id, "serial": number, "owner_id": owner.membership_id}
            leads.append(
                row
                | {
                    "name": name,
                    "company": "单位",
                    "status": "new",
                    "tags": [],
                    "created_at": now,
                    "updated_at": now,
                }
            )
            head = search.prefix(sandbox_id, "lead")
            tokens = " ".join(
                head + word for word in (*search.words_of(name), *map(str, range(number, number + 40)))
            )
            entry = {"id": entry_id("lead", number), "kind": "lead", "record_id": number}
            words.append(entry | {"sandbox_id": sandbox_id, "tokens": tokens})
            for look, verb in enumerate(("create", "open") if number <= LOGGED else ()):
                step = first + 2 * number + look
                when = now + timedelta(seconds=step)
                steps.append(
                    {"sandbox_id": sandbox_id, "id": step, "member": owner.key, "at": when, "lab_at": when}
                    | {
                        "kind": "lead",
                        "verb": verb,
                        "record": number,
                        "origin": "screen",
                        "outcome": "done",
                        "hash": "",
                    }
                )
                touches.append(
                    {"sandbox_id": sandbox_id, "kind": "lead", "serial": number, "step": step, "look": look}
                )
        for model, rows in ((Lead, leads), (search.SearchEntry, words), (Operation, steps), (Touch, touches)):
            connection.execute(insert(model.__table__), rows)  # type: ignore[attr-defined]
        connection.execute(update(Sandbox.__table__).values(last_step=first + 2 * LOGGED + 1))


def plans(loaded: Any, ask: Callable[[], object]) -> list[str]:
    """How the database goes about each statement on a large table that is run by `ask`, a text for each."""
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().startswith(("SELECT", "WITH")):
            said.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    on_large = [
        one
        for one in said
        if any(f"{word} {table} " in f"{one[0]} ".replace("\n", " ") for word in READ for table in LARGE)
    ]
    assert on_large
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    with db.engine.connect() as connection:
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, values))
            for statement, values in on_large
        ]


def walked(plan: str) -> list[str]:
    """The lines of a plan that walk through a large table."""
    return [
        line
        for line in plan.splitlines()
        for table in LARGE
        if f"Seq Scan on {table} " in line or line.strip() == f"SCAN {table}"
    ]


def sorts(plan: str) -> list[str]:
    return [line for line in plan.splitlines() if "Sort" in line or "USE TEMP B-TREE FOR ORDER BY" in line]


def page(loaded: Any, name: str, url: str) -> Callable[[], object]:
    """Ask for a page as this person, and see that it is one."""

    def ask() -> object:
        answer = Browser(loaded.app, loaded.cast[name]).get(url)
        assert answer.status_code == 200
        return answer

    return ask


def test_newest_leads_of_a_manager(loaded: Any) -> None:
    """Her part is large, which is looked up once a minute: the list goes by the order."""
    ask = page(loaded, "Ada", "/leads/")
    ask()
    found = plans(loaded, ask)
    assert all(not walked(plan) for plan in found), found
    assert any("pk_lead" in p or "ix_lead_sandbox_id" in p or "PRIMARY KEY" in p for p in found)
    assert [plan for plan in found if sorts(plan)] == []


def test_newest_leads_of_a_student(loaded: Any) -> None:
    """One owner's rows stand in the index of owners by id: nobody else's is met, and nothing is counted first."""
    (plan,) = plans(loaded, page(loaded, "Ben", "/leads/"))
    assert "ix_lead_sandbox_id_owner_id_id" in plan
    assert (walked(plan), sorts(plan)) == ([], [])


@pytest.mark.parametrize("name", ["Ines", "Ada", "Ben"])
def test_search_for_two_characters(loaded: Any, name: str) -> None:
    """By the index of words, and by nothing else that grows with all there is; on SQLite in the order of the list."""
    found = plans(loaded, page(loaded, name, "/leads/?q=凌云"))
    assert all(not walked(plan) for plan in found), found
    on_sqlite = db.engine.dialect.name == "sqlite"
    assert any(("VIRTUAL TABLE INDEX" if on_sqlite else SEARCH_INDEX) in plan for plan in found), found
    if on_sqlite:
        assert [plan for plan in found if "search_entry" in plan] == []
    if on_sqlite and name != "Ben":
        assert [plan for plan in found if sorts(plan)] == []


def test_history_of_a_record(loaded: Any) -> None:
    found = plans(loaded, page(loaded, "Ada", "/leads/1005"))
    assert all(not walked(plan) for plan in found), found
    (history,) = (plan for plan in found if "operation_touch" in plan)
    assert "ix_operation_touch_changing" in history
    assert sorts(history) == []


def test_what_was_done_since_a_step(loaded: Any) -> None:
    """What the coach asks on every page of a student: the log from its last step on."""
    cast = loaded.cast["Ben"]
    after = db.session.scalar(select(Sandbox.last_step)) - 10
    (plan,) = plans(loaded, lambda: coach._acted(cast.sandbox_id, after, cast.key))
    assert any(
        name in plan for name in ("pk_operation", "ix_operation_sandbox_id_member_id", "PRIMARY KEY", "id>?")
    )
    assert (walked(plan), sorts(plan)) == ([], [])


def test_what_another_process_has_judged(loaded: Any) -> None:
    """What the coach asks before it judges: nothing of the log that is older than what was judged."""
    cast = loaded.cast["Ben"]
    asked = {"sandbox": cast.sandbox_id, "member": cast.key, "rubric": 0, "word": 0, "since": 0}
    (plan,) = plans(loaded, lambda: judging.TAKEN(asked))
    assert "ix_operation_sandbox_id_member_id" in plan
    assert re.search(
        r"id>\?|id > coach_result\.step", plan.partition("ix_operation_sandbox_id_member_id")[2]
    ), plan
    assert (walked(plan), sorts(plan)) == ([], [])


@pytest.mark.parametrize(
    "asked",
    [
        "?outcome=refused",
        "?origin=import",
        "?member=s002",
        "?member=s002&since={day}&until={day}",
        "?since={day}&until={day}",
        "/member/s002/{day}",
        "/member/s002",
    ],
)
def test_what_is_asked_of_the_log(loaded: Any, asked: str) -> None:
    """What happened rarely, a member's steps, a day: none of it reads what it does not show."""
    found = plans(loaded, page(loaded, "Ines", f"/instructor/log{asked.format(day=world.START.date())}"))
    for plan in found:
        assert (walked(plan), sorts(plan), EVERY_STEP.findall(plan)) == ([], [], []), plan
    if asked.startswith("/member"):
        of_member = [plan for plan in found if "ix_operation_sandbox_id_member_id" in plan]
        assert len(of_member) >= 3, "the day, and the days beside it"


def test_a_plan_without_its_index_is_noticed(loaded: Any) -> None:
    """What the others rely on: a walk and a sort are told from what goes by an index."""
    query = select(Lead.__table__.c.city).order_by(Lead.__table__.c.city)
    (plan,) = plans(loaded, lambda: db.session.connection().execute(query))
    assert walked(plan)
    assert sorts(plan)
