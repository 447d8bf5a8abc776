"""A sandbox in one file: log, tables, grades, rubrics, scenario and files, as they stood at one moment (product.md L9).

Everything is read in one transaction that sees the database as it was when it began: what somebody does meanwhile is
wholly in or wholly out, and stands in the living sandbox either way. Read row by row, so that the memory it takes does
not grow with the log.
"""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from labapp import clock
from labapp.access.everyone import EVERYONE
from labapp.db import db, is_sqlite, migrate
from labapp.formulas import safe
from labapp.grading.collector import collect_young, collector_at_rest
from labapp.lifecycle import manifest as said
from labapp.lifecycle.cells import out_of
from labapp.lifecycle.manifest import CannotArchive, Manifest
from labapp.lifecycle.names import Names
from labapp.lifecycle.tables import COURSE, SANDBOX, Cell, Part, belonging, course_parts, sandbox_parts
from labapp.lifecycle.verify import digests
from labapp.lifecycle.zipping import Parcel
from labapp.modules.attachments.models import Attachment
from labapp.modules.attachments.storage import path_of
from labapp.modules.documents.models import Document
from labapp.oplog.export import lines
from labapp.people.models import Account, Course, Membership, Sandbox
from labapp.scenario.files import is_scenario_file
from labapp.scenario.kept import kept_texts
from labapp.scenario.library import installed
from labapp.scenario.problems import Problems

AT_ONCE = 1000
TOLD_EVERY = 2000
LEVEL = 1
Told = Callable[[int, int], object]
# What a restored course or sandbox gets anew, or what nobody else may know.
OWN = {
    COURSE: frozenset({"id", "join_code", "owner_account_id", "closed_at", "listed", "name"}),
    SANDBOX: frozenset({"id", "course_id", "name", "state", "stamp"}),
}


def write(sandbox_id: int, file: Path, told: Told = lambda done, total: None) -> Manifest:
    """Write a sandbox to a file, whole or not at all. `told(steps, all steps)` hears of progress.

    Raises CannotArchive. It is not read back here: `check.check` does that, and `make` both.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = beside(file)
    try:
        with (
            collector_at_rest(),
            as_of_now(),
            ZipFile(aside, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive,
            closing(Parcel(archive)) as parcel,
        ):
            made = _Archiving(parcel, sandbox_id, told).made()
            archive.writestr(said.MANIFEST, made.text())
        with aside.open("rb") as content:
            os.fsync(content.fileno())
    except (OSError, UnicodeEncodeError) as error:
        aside.unlink(missing_ok=True)
        raise CannotArchive(
            _("The archive %(file)s was not made: %(why)s", file=file.name, why=error)
        ) from error
    return made


def beside(file: Path) -> Path:
    """Where a file is made before it takes its name."""
    return file.with_name(f".{file.name}.part")


@contextmanager
def as_of_now() -> Iterator[None]:
    """A session of its own in which everything is as it stands now, however long it takes to read."""
    with current_app.app_context():
        try:
            connection = db.session.connection(
                execution_options={} if is_sqlite() else {"isolation_level": "REPEATABLE READ"}
            )
            connection.exec_driver_sql("SELECT 1 FROM sandbox LIMIT 1").all()
            yield
        finally:
            db.session.remove()


class _Archiving:
    """One sandbox on its way into one parcel."""

    def __init__(self, parcel: Parcel, sandbox_id: int, told: Told) -> None:
        self.parcel = parcel
        self.told = told
        self.sandbox = db.session.get_one(Sandbox, sandbox_id)
        self.course = db.session.get_one(Course, self.sandbox.course_id)
        self.names = Names()

    def made(self) -> Manifest:
        """Put everything into the parcel. Raises OSError for a file of an attachment that is gone."""
        self.parcel.texts(said.LOG, self._log())
        self.parcel.texts(said.FACTS, [self._facts()])
        for part in sandbox_parts():
            self._table(part, SANDBOX, self.sandbox.id)
        for part in course_parts():
            self._table(part, COURSE, self.course.id)
        self.parcel.texts("rubric.yaml", [self.course.rubric])
        for name, text in self._scenario().items():
            self.parcel.texts(said.SCENARIO + name, [text])
        members = self._people()
        for sha256 in sorted(set(self._digests())):
            self.parcel.copy(said.path_of_file(sha256), path_of(self.sandbox.id, sha256))
        return Manifest(
            made_at=clock.now().isoformat(),
            program=said.program(),
            revision=migrate.head(),
            sandbox=self.sandbox.name,
            course=self.course.name,
            title=self.course.title,
            unit=self.sandbox.unit,
            scenario=self.sandbox.scenario,
            origin=origin_of(self.course),
            steps=self.sandbox.last_step,
            members=members,
            parts=self.parcel.parts,
        )

    def _log(self) -> Iterator[str]:
        """The very lines of `labapp log export`."""
        total = self.sandbox.last_step
        for count, line in enumerate(lines(self.sandbox)):
            if count % TOLD_EVERY == 0:
                self.told(count, total)
                collect_young()
            yield line

    def _facts(self) -> str:
        """Course and sandbox, without what another machine gives anew."""
        found = {
            "course": _plain(self.course, OWN[COURSE]),
            "sandbox": _plain(self.sandbox, OWN[SANDBOX])
            | {"stood_at": clock.lab_now(self.sandbox).isoformat()},
        }
        return json.dumps(found, ensure_ascii=False, indent=1)

    def _table(self, part: Part, top: str, owner_id: int) -> None:
        query = (
            select(part.table).where(belonging(part.table, top, owner_id)).order_by(*part.order)
        ).execution_options(yield_per=AT_ONCE)
        answer = db.session.execute(query, execution_options={"seen_by": EVERYONE})
        plans = [
            (cell.column.name, out_of(cell.column), cell if cell in part.links else None)
            for cell in part.cells
        ]
        with self.parcel.part(part.path) as file:
            sheet = csv.writer(file, lineterminator="\n")
            sheet.writerow([cell.head for cell in part.cells])
            for rows in answer.mappings().partitions(AT_ONCE):
                self.names.learn(part, rows)
                sheet.writerows(
                    [
                        way(row[name]) if link is None else self._link(link, way, row)
                        for name, way, link in plans
                    ]
                    for row in rows
                )

    def _link(self, cell: Cell, way: Callable[[Any], Any], row: Any) -> Any:
        value = row[cell.column.name]
        if value is None:
            return way(value)
        table = cell.table_in(row)
        if cell.many:
            return way([self.names.of(table, one) for one in value])
        return self.names.of(table, value) if table else ""

    def _people(self) -> int:
        """Who the members are: key, number, e-mail and name of their accounts; never more."""
        query = (
            select(Membership.key, Account.number, Account.email, Account.name)
            .join(Account, Account.id == Membership.account_id)
            .where(Membership.sandbox_id == self.sandbox.id)
            .order_by(Membership.serial)
        )
        found = db.session.execute(query).all()
        with self.parcel.part(said.PEOPLE) as file:
            sheet = csv.writer(file, lineterminator="\n")
            sheet.writerow(["member", "number", "email", "name"])
            sheet.writerows([safe(text or "") for text in row] for row in found)
        return len(found)

    def _scenario(self) -> dict[str, str]:
        """The scenario's files as at the opening; of a course older than those are kept, as they are now."""
        if self.course.scenario_sha256:
            return dict(kept_texts(self.course.scenario_sha256).texts)
        source = installed().get(self.course.scenario)
        if source is None:
            return {}
        found = {name: source.read(name, Problems()) for name in source.names() if is_scenario_file(name)}
        return {name: content.decode("utf-8-sig") for name, content in found.items() if content is not None}

    def _digests(self) -> Iterator[str]:
        for model in (Attachment, Document):
            query = (
                select(model).where(model.sandbox_id == self.sandbox.id).execution_options(yield_per=AT_ONCE)
            )
            for row in db.session.scalars(query, execution_options={"seen_by": EVERYONE}):
                yield from digests(row)


def origin_of(course: Course) -> str:
    """What tells a course from every other, also after it was archived and restored."""
    if course.origin:
        return course.origin
    return hashlib.sha256(f"{course.name}\n{course.created_at.isoformat()}".encode()).hexdigest()[:32]


def _plain(row: Any, without: Iterable[str]) -> dict[str, Any]:
    columns = [column for column in row.__table__.columns if column.name not in without]
    return {column.name: out_of(column)(getattr(row, column.key)) for column in columns}
