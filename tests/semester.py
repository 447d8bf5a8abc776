"""A sandbox with a bit of everything in it, another machine beside this one, and what must be equal on both."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from labapp import jobs
from labapp.app import create_app
from labapp.db import db
from labapp.db.migrate import create_all
from labapp.gradebook import coach, live
from labapp.gradebook.models import LedgerEntry
from labapp.gradebook.runs import run
from labapp.lifecycle import archive
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.oplog.export import lines
from labapp.people.models import Account, Course, Position, Sandbox
from labapp.records.setup import Setup
from labapp.records.work import Work, writing
from tests.listening import work_and_die_at
from tests.world import Person

RUBRIC = """
rubric: 1
title: {en: First week, zh: 第一周}
pass: 50
tasks:
  - key: leads
    title: {en: Enter leads, zh: 录入线索}
    points: 10
    checks: [{did: {what: lead.edit, times: 2}}]
  - key: essay
    title: {en: Essay, zh: 文章}
    points: 5
    checks: [{by_hand: {scale: 5}}]
"""
EVERYBODY = {"seen_by": __import__("labapp.access.everyone", fromlist=["EVERYONE"]).EVERYONE}


def lively(cast: Any, make: Callable[..., Any]) -> int:
    """Fill the cast's sandbox: records of every kind, a bin, a moved position, a rubric, marks, a run. Its id."""
    for kind in (
        "lead",
        "opportunity",
        "activity",
        "attachment",
        "document",
        "note",
        "line",
        "ticket",
        "article",
    ):
        make(kind, cast.ben)
    above, below = (
        make("customer", cast.ben, name=name).id for name in ('\\Hangzhou, "Lifts"\nand more', "Ningbo")
    )
    _work(cast.ben, "customer.edit", Customer, below, lambda work, row: work.update(row, parent_id=above))
    later = make("customer", cast.ben, name="+Later").id
    _work(cast.ben, "customer.edit", Customer, above, lambda work, row: work.update(row, parent_id=later))
    for number in range(3):
        lead = make("lead", cast.ben, name=f"Grace {number}", tags=["hot", "new"]).id
        title = ("=1+1", "'=1", "\\")[number]
        _work(
            cast.ben, "lead.edit", Lead, lead, lambda work, row, t=title: work.update(row, title=t, phone="")
        )
    _work(cast.ben, "lead.delete", Lead, lead, lambda work, row: work.delete(row))
    _move_position(cast.ines)
    _grade(cast)
    return int(cast.ben.sandbox_id)


def _work(person: Person, what: str, model: Any, row_id: int, change: Callable[[Any, Any], Any]) -> None:
    with Work(person.actor, what) as work:
        change(work, work.on(model, row_id))


def _move_position(ines: Person) -> None:
    """A position goes under one that was made later, so that its path is not in the order of numbers."""
    with Setup(ines.actor, "position.create") as work:
        top = work.rows(Position)[0]
        new = work.create(
            Position, parent_id=top.id, position_kind="class", name_en="Late", name_zh="后来", sort=9
        )
        new.path = f"{top.path}{new.id}/"
        new_id, path = new.id, new.path
    with Setup(ines.actor, "position.move") as work:
        moved = next(row for row in work.rows(Position) if row.name_en == "class_b")
        work.update(moved, parent_id=new_id)
        moved.path = f"{path}{moved.id}/"
        for row in work.rows(Position):
            if row.name_en in {"sales_b", "staff_b"}:
                row.path = f"{path}{moved.id}/{row.path.partition(f'/{moved.id}/')[2]}"


def _grade(cast: Any) -> None:
    with writing():
        db.session.get_one(Course, 1).rubric = RUBRIC
    entry = LedgerEntry(
        sandbox_id=cast.ben.sandbox_id, membership_id=cast.ben.membership_id, kind="mark", task="essay", check=0,
        points=4, account="ines@school.test", account_id=cast.ines.account_id,
    )  # fmt: skip
    with writing():
        db.session.add(entry)
    run(db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True))


def packed(sandbox_id: int, file: Path) -> Path:
    """An archive of the sandbox."""
    archive.write(sandbox_id, file)
    os.replace(archive.beside(file), file)
    return file


@contextmanager
def elsewhere(folder: Path, uri: str | None = None) -> Iterator[Flask]:
    """Another machine: its own folder and database, with Rita who teaches there; speaks English."""
    settings = {
        "TESTING": True,
        "DATA": folder,
        "SECRET_KEY": "another",
        "SQLALCHEMY_DATABASE_URI": uri or f"sqlite:///{folder / 'there.sqlite'}",
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "BABEL_DEFAULT_LOCALE": "en",
    }
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    _forget()
    with app.app_context(), force_locale("en"):
        create_all()
        with writing():
            db.session.add(Account(name="Rita", number="rita", instructor=True, language="en"))
        yield app
        db.session.remove()
        db.engine.dispose()
    _forget()


def _forget() -> None:
    coach.forget()
    live.forget()


def log_of(sandbox_id: int) -> list[str]:
    """The exported log, but for the name of the sandbox in its header."""
    db.session.rollback()
    header, *steps = lines(db.session.get_one(Sandbox, sandbox_id, populate_existing=True))
    return [json.dumps({**json.loads(header), "sandbox": ""}), *steps]


def counts() -> dict[str, int]:
    """How many rows every table has."""
    db.session.rollback()
    return {
        table.name: db.session.connection().execute(select(func.count()).select_from(table)).scalar_one()
        for table in db.metadata.sorted_tables
    }


@dataclass
class Walk:
    """Kills a job before its nth statement, as `kill -9` does, for one n after the other."""

    asked: Callable[[], int]
    stride: int = 1

    def lives(self) -> Iterator[tuple[int, bool, int]]:
        """(n, whether it lived, job) for growing n, until one lives."""
        number, lived = 1, False
        while not lived:
            job_id = self.asked()
            lived = self._does(number)
            yield number, lived, job_id
            number += self.stride

    def _does(self, number: int) -> bool:
        """Work off the jobs in a child process that dies before its nth statement; whether it lived."""
        return work_and_die_at(number)


def finish() -> None:
    """What the next start of the server does with what a kill left."""
    db.session.remove()
    jobs.requeue()
    jobs.work_off()
    db.session.remove()
