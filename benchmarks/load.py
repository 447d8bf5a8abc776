"""A database with one class of a hundred people and so many leads, written by Core in bulk.

    python -m benchmarks.load FOLDER LEADS [--url DATABASE] [--departments 10]

The School is the instructor's; below it ten departments of one manager and nine staff, who own the leads in turn, so
that a manager sees a tenth of them; and an eleventh department that owns nothing. Five thousand leads have a step in
the log; fifty of the first manager's have activities, notes and attachments, twelve of each.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from labapp import config, modules
from labapp.app import create_app
from labapp.clock import now
from labapp.db import db, is_sqlite, migrate
from labapp.lifecycle.backup import daily
from labapp.oplog.chain import digest, lab, utc
from labapp.oplog.models import Counter, Operation, Touch
from labapp.people.models import Account, Course, Membership, Position, Sandbox
from labapp.people.passwords import hash_password
from labapp.records import search
from labapp.records.catalog import catalog_of
from labapp.records.codes import Code, Stage
from labapp.scenario.codes import standard_codes
from seed.companies import any_company
from seed.draw import draw
from seed.people import any_person

START = datetime.fromisoformat("2026-09-07T09:00:00")
PASSWORD = "a long bench"  # noqa: S105 (of people that exist in no other database)
INSTRUCTOR, MANAGER, NOBODY = "t001", "s001", "s110"
DEPARTMENTS, SIZE = 10, 10
CHUNK, STEPS, RICH, HANGING = 10_000, 5_000, 50, 12
MODES = {f"sharing.{kind}": "private" for kind in ("lead", "customer", "opportunity", "document")}


def load(folder: Path, leads: int, *, url: str = "", departments: int = DEPARTMENTS) -> None:
    """Make the database in this folder, or at this address. What is there already stays as it is.

    `departments` of ten students each own the leads; the one more that owns nothing comes after them.
    """
    ready = folder / "loaded"
    if ready.exists() and not url:
        return
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(own_settings(folder, url), extensions=[])
    with app.app_context():
        migrate.upgrade()
        with db.engine.begin() as connection:
            people(connection, departments)
            codes(connection)
            put_leads(connection, leads, departments * SIZE)
            hang(connection)
            connection.execute(
                insert(Counter),
                [{"sandbox_id": 1, "name": name, "last": count} for name, count in (("lead", leads), *HUNG)],
            )
        settle()
        db.session.remove()
        db.engine.dispose()
    ready.touch()


def settle() -> None:
    """What a server would otherwise do while it is measured."""
    if is_sqlite():
        daily()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("position", "lead"):  # their rows brought their numbers along
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608 - one of ours
            )
        connection.commit()
        connection.exec_driver_sql("VACUUM ANALYZE")


def own_settings(folder: Path, url: str = "") -> dict[str, Any]:
    """The settings of the application over the database in this folder, or at this address, whatever the environment
    names."""
    database = url or f"sqlite:///{folder / 'labapp.sqlite'}"
    return {**config.settings(folder), "SQLALCHEMY_DATABASE_URI": database}


def people(connection: Connection, departments: int = DEPARTMENTS) -> None:
    """The course, its sandbox, positions and members."""
    rubric = (resources.files("scenarios") / "sales-basics" / "rubric.yaml").read_text("utf-8")
    course = {
        "name": "bench",
        "title": "Bench",
        "scenario": "sales-basics",
        "join_code": "BENCH1",
        "rubric": rubric,
    }
    connection.execute(insert(Course), [course])
    sandbox = {
        "course_id": 1,
        "name": "bench",
        "scenario": "sales-basics",
        "state": "open",
        "starts_at": START,
    }
    sandbox |= {"clock_base": START + timedelta(days=14), "last_lab_at": START}
    connection.execute(insert(Sandbox), [{**sandbox, "settings": MODES, "first_settings": MODES}])
    connection.execute(insert(Position), list(places(departments)))
    members = [(INSTRUCTOR, "instructor", 1)]
    for number in range(departments * SIZE + SIZE):
        department, seat = divmod(number, SIZE)
        members.append((f"s{number + 1:03}", "student", 2 + 2 * department + (seat > 0)))
    secret = hash_password(PASSWORD)
    for number, (key, role, place) in enumerate(members, start=1):
        person = any_person(draw(1, "member", number), START.date()).name.say("zh")
        account = {"number": key, "name": person, "password_hash": secret, "last_membership_id": number}
        connection.execute(
            insert(Account), [{**account, "language": "zh", "instructor": role == "instructor"}]
        )
        member = {"sandbox_id": 1, "serial": number, "course_id": 1, "account_id": number, "key": key}
        member |= {"number": key, "name": person, "role": role, "state": "active", "positions": [place]}
        connection.execute(insert(Membership), [member])


def places(departments: int = DEPARTMENTS) -> Iterator[dict[str, Any]]:
    """The School (id 1); department d is 2+2d, its staff 3+2d."""
    yield place(1, None, "/1/", "instructor", None)
    for department in range(departments + 1):
        above = 2 + 2 * department
        yield place(above, 1, f"/1/{above}/", "department", "manager")
        yield place(above + 1, above, f"/1/{above}/{above + 1}/", "staff", "sales")


def place(number: int, parent: int | None, path: str, kind: str, profile: str | None) -> dict[str, Any]:
    names = {"name_en": f"Place {number}", "name_zh": f"岗位 {number}"}
    return {
        "id": number,
        "sandbox_id": 1,
        "serial": number,
        "parent_id": parent,
        "path": path,
        "position_kind": kind,
        "profile": profile,
        "sort": number,
        **names,
    }


def codes(connection: Connection) -> None:
    """The standard code tables."""
    for sort, code in enumerate(standard_codes(), start=1):
        row = {"sandbox_id": 1, "serial": sort, "key": code.key, "sort": sort}
        row |= {"name_en": code.label.en, "name_zh": code.label.zh}
        if code.table == "stage":
            connection.execute(
                insert(Stage), [{**row, "probability": code.probability, "outcome": code.outcome}]
            )
        else:
            connection.execute(insert(Code), [{**row, "code_table": code.table}])


def put_leads(connection: Connection, count: int, owners: int) -> None:
    """The leads of so many owners, their search entries, and the steps that made some of them."""
    model = catalog_of(modules)["lead"].model
    rows = leads(count, owners)
    heads: dict[int, str] = {}
    latest = START
    spacing = max(1, count // STEPS - 1)  # shares no factor with the hundred owners
    written = 0
    while chunk := list(islice(rows, CHUNK)):
        connection.execute(insert(model), chunk)
        search_rows = [search.entry_of(model(**row)) for row in chunk]
        connection.execute(insert(search.SearchEntry), search_rows)
        for row in chunk:
            if row["id"] % spacing == 0 and written < STEPS:
                written += 1
                log(connection, row, written, heads)
                latest = row["created_at"]
    for member, last in heads.items():
        connection.execute(update(Membership).where(Membership.id == member).values(last_hash=last))
    connection.execute(update(Sandbox).values(last_step=written, last_lab_at=latest))


def leads(count: int, owners: int = DEPARTMENTS * SIZE) -> Iterator[dict[str, Any]]:
    """Leads from a pool of two thousand companies and people, owned in turn."""
    companies = [any_company(draw(1, "company", number), "zh") for number in range(2000)]
    persons = [any_person(draw(1, "person", number), START.date()) for number in range(2000)]
    for number in range(1, count + 1):
        company, person = companies[number * 7 % 2000], persons[number * 11 % 1999]
        moment = START + timedelta(seconds=number * 1_000_000 // count)
        yield {
            "id": number,
            "sandbox_id": 1,
            "serial": number,
            "owner_id": 2 + number % owners,
            "created_at": moment,
            "updated_at": moment,
            "version": 1,
            "extra": {},
            "name": person.name.say("zh"),
            "company": company.name,
            "title": person.job.title.zh,
            "phone": company.phone,
            "mobile": f"138{number:08}",
            "email": f"{person.name.mailbox}@{company.domain}",
            "source": ("web", "referral", "exhibition", None)[number % 4],
            "status": ("new", "contacted", "qualified", "unqualified")[number % 4],
            "rating": ("hot", "warm", "cold", None)[number % 4],
            "industry": company.trade.industry,
            "employees": company.employees,
            "annual_revenue": company.annual_revenue,
            "province": company.address.province,
            "city": company.address.city,
            "address": company.address.street,
            "description": None,
        }


def log(connection: Connection, lead: dict[str, Any], number: int, heads: dict[int, str]) -> None:
    """The step that made this lead, chained to the last one of its owner."""
    kept = {"name", "company", "mobile", "email", "source", "status", "rating", "province", "city"}
    key = f"s{lead['owner_id'] - 1:03}"
    after = {name: value for name, value in lead.items() if name in kept} | {"owner": key}
    after["created_at"] = lead["created_at"].isoformat()
    at = now()
    step = {
        "id": number,
        "member": key,
        "at": utc(at),
        "lab_at": lab(lead["created_at"]),
        "kind": "lead",
        "verb": "create",
        "record": lead["serial"],
        "label": lead["name"],
        "origin": "screen",
        "outcome": "done",
        "answers": {},
        "changes": [{"what": "created", "kind": "lead", "id": lead["serial"], "before": {}, "after": after}],
        "request": f"{number:032x}",
        "address": "192.0.2.7",
        "prev": heads.get(lead["owner_id"], ""),
    }
    step["hash"] = heads[lead["owner_id"]] = digest(step)
    row = {**step, "sandbox_id": 1, "at": at, "lab_at": lead["created_at"]}
    connection.execute(insert(Operation), [row])
    touch = {"sandbox_id": 1, "kind": "lead", "serial": lead["serial"], "step": number}
    connection.execute(insert(Touch), [touch])


HUNG = tuple((kind, RICH * HANGING) for kind in ("activity", "note", "attachment"))


def hang(connection: Connection) -> None:
    """Activities, notes and attachments on the leads that are opened (`rich`)."""
    known = catalog_of(modules)
    lead = known["lead"].model
    owners = dict(
        connection.execute(select(lead.id, lead.owner_id).where(lead.id.in_(rich(connection)))).all()
    )
    own: dict[str, dict[str, object]] = {
        "activity": {"subject": "回访客户", "activity_type": "task", "status": "open", "due_at": START},
        "note": {"body": "客户希望下周看样品，并请我们报含税价格。"},
        "attachment": {
            "file_name": "报价.pdf",
            "size": 12000,
            "content_type": "application/pdf",
            "sha256": "0" * 64,
        },
    }
    for kind, values in own.items():
        pairs = ((lead_id, owner) for lead_id, owner in owners.items() for _ in range(HANGING))
        common: dict[str, object] = {"sandbox_id": 1, "created_at": START, "updated_at": START, "version": 1}
        about = {"related_kind": "lead", "extra": {}}
        rows = [
            {**common, **about, **values, "serial": serial, "related_id": lead_id, "owner_id": owner}
            for serial, (lead_id, owner) in enumerate(pairs, start=1)
        ]
        connection.execute(insert(known[kind].model), rows)


def rich(connection: Connection) -> list[int]:
    """The leads with hanging records: fifty of the manager's department that have a step in the log."""
    query = (
        select(Touch.serial)
        .join(Operation, (Operation.sandbox_id == Touch.sandbox_id) & (Operation.id == Touch.step))
        .where(Touch.kind == "lead", Operation.member <= f"s{SIZE:03}")
        .order_by(Touch.serial)
        .limit(RICH)
    )
    return list(connection.scalars(query))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.load")
    parser.add_argument("folder", type=Path)
    parser.add_argument("leads", type=int)
    parser.add_argument("--url", default="", help="of a database elsewhere, which is empty")
    parser.add_argument("--departments", type=int, default=DEPARTMENTS)
    asked = parser.parse_args()
    load(asked.folder, asked.leads, url=asked.url, departments=asked.departments)
    print(json.dumps({"leads": asked.leads}))


if __name__ == "__main__":
    main()
