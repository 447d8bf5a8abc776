"""Every console page × role: who may not, gets 403 and exactly one refused step, and no table changes.

School (Ines instructs, Tess assists, Olga observes)
└── Class A └── Sales: Ada manages └── Staff: Ben, Cy
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from labapp.access.profiles import CONSOLE
from labapp.db import db
from labapp.oplog.models import Operation
from labapp.people.models import Account
from labapp.records.looks import page_asked

ROLES = ("tess", "olga", "ada", "ben", "dee")
UNTOUCHED = (
    "account",
    "course",
    "sandbox",
    "membership",
    "position",
    "sharing_group",
    "code",
    "stage",
    "job",
)


def console_rules(app: Flask) -> Iterator[tuple[str, str, set[str]]]:
    """(address with likely values, page name, methods) of every console route."""
    for rule in app.url_map.iter_rules():
        if str(rule.rule).startswith("/instructor/"):
            page = str(rule.rule).split("/")[2].split(".")[0]
            yield filled(str(rule.rule)), page, set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def filled(rule: str) -> str:
    """The address with values in place of its parts."""
    rule = re.sub(r"<any\(([^,)]+)[^>]*>", lambda m: m.group(1), rule)
    rule = re.sub(r"<int:[^>]*>", "1", rule)
    return (
        re.sub(r"<table>", "source", re.sub(r"<(member|key|task|serial|rubric)[^>]*>", "s002", rule))
        .replace("<", "")
        .replace(">", "")
    )


def steps_since(last: int) -> list[Any]:
    return list(
        db.session.execute(
            select(Operation.outcome, Operation.kind, Operation.verb).where(Operation.id > last)
        )
    )


def last_step() -> int:
    return int(db.session.execute(select(func.coalesce(func.max(Operation.id), 0))).scalar_one())


def contents() -> dict[str, Any]:
    """Every row of the tables that the console writes, the heads of the log apart."""
    heads = {"stamp", "last_step", "last_lab_at", "null_hash", "last_hash", "last_membership_id"}
    found = {}
    for table in UNTOUCHED:
        rows = db.session.execute(text(f"select * from {table} order by id")).mappings()
        found[table] = [{name: value for name, value in row.items() if name not in heads} for row in rows]
    return found


def forbidden(page: str, person: str) -> bool:
    role = {"tess": "assistant", "olga": "observer"}.get(person, "student")
    open_pages = set(CONSOLE[role]) | ({"quotas"} if person == "ada" else set())
    return page not in open_pages


@pytest.mark.parametrize("person", ROLES)
def test_a_closed_page_answers_403_with_one_refused_step(
    app: Flask, cast: Any, browse: Any, person: str
) -> None:
    who, tried = browse(getattr(cast, person)), 0
    before = contents()
    for address, page, methods in console_rules(app):
        if not forbidden(page, person):
            continue
        for method in methods & {"GET", "POST"}:
            last = last_step()
            answer = who.post(address, {}) if method == "POST" else who.get(address)
            tried += 1
            assert answer.status_code == 403, (method, address, answer.status_code)
            assert [row.outcome for row in steps_since(last)] == ["refused"], (method, address)
    assert tried > 30
    assert contents() == before


def test_an_assistant_reads_registrations_and_decides_nothing(app: Flask, cast: Any, browse: Any) -> None:
    tess = browse(cast.tess)
    page = tess.get("/instructor/registrations")
    assert page.status_code == 200
    for verb in ("approve", "reject"):
        last = last_step()
        assert tess.post(f"/instructor/registrations/{verb}", {}).status_code == 403
        assert [row.outcome for row in steps_since(last)] == ["refused"]


def test_a_configurator_keeps_structure_and_not_people(app: Flask, cast: Any, browse: Any) -> None:
    from labapp.access.actor import system_actor
    from labapp.people.models import Position, Sandbox
    from labapp.records.setup import Setup

    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    place = db.session.scalars(select(Position).where(Position.name_en == "staff")).one()
    with Setup(system_actor(sandbox), "position.edit", nobody=True) as work:
        work.update(work.on(Position, place.id), profile="configurator")
    ben = browse(cast.ben)
    for page in ("organisation", "positions", "sharing", "groups", "codes"):
        assert ben.get(f"/instructor/{page}").status_code == 200
    for page in ("users", "registrations", "matrix", "log", "grades"):
        assert ben.get(f"/instructor/{page}").status_code == 403


def test_an_instructor_without_a_sandbox_reaches_courses_and_nothing_else(
    app: Flask, cast: Any, browse: Any
) -> None:
    account = staff_account("Ivo", instructor=True)
    ivo = browse()
    with ivo.client.session_transaction() as session:
        session["_user_id"] = account
    assert ivo.get("/instructor/courses").status_code == 200
    assert ivo.get("/instructor/courses/new").status_code == 200
    assert ivo.get("/instructor/scenarios").status_code == 200
    assert ivo.get("/instructor/courses/1").status_code == 404
    assert ivo.get("/instructor/users").headers["Location"] == "/instructor/courses"
    assert ivo.post("/instructor/users/add", {}).status_code == 403
    assert ivo.get("/instructor/staff").status_code == 403


def staff_account(name: str, **flags: bool) -> str:
    """A new account of staff in no sandbox; returns what its session says."""
    from labapp.db import begin_write

    begin_write()
    account = Account(name=name, number=name.lower(), epoch=0, language="en", **flags)
    db.session.add(account)
    db.session.commit()
    return account.get_id()


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        ("/instructor/integrity/search", {"text": "many"}),
        ("/instructor/semester/rollover", {"to": "no name at all", "title": ""}),
        ("/instructor/grades/rubric/force", {"text": "rubric: 7", "reason": "Because"}),
    ],
)
def test_answers_that_cannot_be_taken_are_one_step(
    cast: Any, browse: Any, url: str, typed: dict[str, str]
) -> None:
    before = last_step()
    assert browse(cast.ines).post(url, typed).status_code == 422
    assert [step.outcome for step in steps_since(before)] == ["invalid"]


def test_a_look_at_a_closed_page_is_no_attempt_to_change_a_setting(cast: Any, browse: Any) -> None:
    ben, last = browse(cast.ben), last_step()
    assert ben.get("/instructor/log").status_code == 403
    assert ben.get("/instructor/roster").status_code == 403
    assert ben.post("/instructor/grades/run", {}).status_code == 403
    assert [tuple(row) for row in steps_since(last)] == [
        ("refused", "session", "request"),
        ("refused", "session", "request"),
        ("refused", "setting", "change"),
    ]
    pages = ("/instructor/log", "/instructor/roster", "/instructor/grades/run")
    tried = db.session.scalars(select(Operation.answers).where(Operation.id > last).order_by(Operation.id))
    assert [answers["page"] for answers in tried] == list(pages)
    found = browse(cast.ines).get("/instructor/log?outcome=refused").text
    assert all(f"<code>{page}</code>" in found for page in pages)


def test_an_address_with_signs_that_no_database_keeps_is_logged_without_them(cast: Any, browse: Any) -> None:
    last = last_step()
    assert browse(cast.ben).get("/instructor/log/member/s0%0002%07").status_code == 403
    (answers,) = db.session.scalars(select(Operation.answers).where(Operation.id > last))
    assert answers["page"] == "/instructor/log/member/s002"


def test_a_token_does_not_come_into_the_log(app: Flask) -> None:
    with app.test_request_context("/setup/open-sesame"):
        assert page_asked() == "/setup/<token>"
