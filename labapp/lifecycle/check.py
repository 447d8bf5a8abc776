"""Is an archive as it was made, and does it agree with itself? Read back as a stranger would.

Hashes first; then the log: numbers, chains, heads; then what the log adds up to against the tables and files.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from labapp.db import migrate
from labapp.grading.collector import collect_young, collector_at_rest
from labapp.lifecycle import manifest as said
from labapp.lifecycle.manifest import BadArchive, Manifest
from labapp.lifecycle.reading import Opened, not_as_packed, opened
from labapp.lifecycle.standing import Shelf, Shelved
from labapp.lifecycle.tables import Part, course_parts, sandbox_parts
from labapp.lifecycle.verify import EMPTY
from labapp.oplog.chain import FIELDS
from labapp.oplog.replay import Impossible, State
from labapp.records.snapshot import AS_THEY_ARE, fields_by_model, kind_of, table_models
from labapp.records.values import plain

TOLD_EVERY = 2000
TIDIED_EVERY = 20_000  # steps: whatever is held just then is looked through
FACTS = {"course", "sandbox"}
NAMES = frozenset(FIELDS)
Told = Callable[[int, int], object]
Steps = Iterator[dict[str, Any]]


def check(file: Path, told: Told = lambda done, total: None) -> Manifest:
    """Read an archive back, all of it. `told(steps, all steps)`. Raises BadArchive for the first thing wrong."""
    with opened(file) as archive:
        archive.check_parts()
        check_content(archive, told)
        return archive.manifest


def check_content(
    archive: Opened,
    told: Told = lambda done, total: None,
    taken: Callable[[Steps], Steps] = lambda steps: steps,
) -> None:
    """Does what is in it agree? Raises BadArchive. The steps pass through `taken`, each found right by itself."""
    facts = facts_of(archive)
    _check_tables_known(archive)
    with closing(Shelf()) as shelf, collector_at_rest():
        state = Shelved(dict(json.loads(facts["sandbox"]["first_settings"])), shelf)
        heads: dict[str | None, str] = {}
        try:
            for step in taken(checked_steps(archive, heads)):
                state.feed(step)
                if step["id"] % TOLD_EVERY == 0:
                    told(step["id"], archive.manifest.steps)
                if step["id"] % TIDIED_EVERY == 0:
                    collect_young()
        except Impossible as error:
            raise BadArchive(
                _("Step %(id)s of the log changes what the steps before did not leave so.", id=error.step)
            ) from error
        _check_end(archive, facts, heads)
        if state.settings != json.loads(facts["sandbox"]["settings"]):
            raise BadArchive(_("The settings are not what the log says."))
        for part in sandbox_parts():
            if part.has_rows:
                _check_rows(archive, part, state)
    told(archive.manifest.steps, archive.manifest.steps)


def facts_of(archive: Opened) -> dict[str, dict[str, str]]:
    """What is said of course and sandbox: cells by column. Raises BadArchive."""
    found: Any = archive.json(said.FACTS) if said.FACTS in archive.manifest.parts else None
    right = isinstance(found, dict) and set(found) == FACTS
    right = right and all(isinstance(part, dict) for part in found.values())
    right = right and all(isinstance(value, str) for part in found.values() for value in part.values())
    if not right or not {"first_settings", "settings", "null_hash"} <= found["sandbox"].keys():
        raise BadArchive(_("%(name)s in it cannot be read.", name=said.FACTS))
    checked: dict[str, dict[str, str]] = found
    return checked


def steps_of(archive: Opened) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """The steps of the log, behind its header, each with its line. Raises BadArchive."""
    from labapp.oplog.swift import loads

    lines = archive.raw_lines(said.LOG)
    next(lines, None)
    for number, line in enumerate(lines, start=2):
        try:
            step = loads(line)
            if step.keys() != NAMES:
                raise ValueError(number)
        except UnicodeDecodeError as error:
            raise BadArchive(not_as_packed(said.LOG)) from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise BadArchive(_("Line %(line)s of the log is no step.", line=number)) from error
        yield line, step


def checked_steps(archive: Opened, heads: dict[str | None, str]) -> Steps:
    """The steps, each checked as it passes; `heads` are the last hashes so far. Raises BadArchive."""
    from labapp.oplog.swift import is_as_written

    if said.LOG not in archive.manifest.parts:
        raise BadArchive(_("%(name)s is missing in it.", name=said.LOG))
    latest = ""
    for number, (line, step) in enumerate(steps_of(archive), start=1):
        member, lab_at = step["member"], step["lab_at"]
        if (
            step["id"] != number
            or step["prev"] != heads.get(member, "")
            or lab_at < latest
            or not is_as_written(line, step)
        ):
            raise BadArchive(
                _(
                    "Step %(id)s of the log is not as it was written, or does not follow the one before.",
                    id=number,
                )
            )
        heads[member], latest = step["hash"], lab_at
        yield step
    heads.setdefault(None, "")


def _check_end(archive: Opened, facts: dict[str, dict[str, str]], heads: dict[str | None, str]) -> None:
    """The log ends where sandbox and members say it does."""
    known: dict[str | None, str] = {None: facts["sandbox"]["null_hash"]}
    part = next(part for part in sandbox_parts() if part.name == "membership")
    known |= {row["key"]: row["last_hash"] for row in archive.rows(part) if row["key"]}
    count = int(facts["sandbox"].get("last_step") or 0)
    if count != archive.manifest.steps or any(heads.get(name, "") != last for name, last in known.items()):
        raise BadArchive(_("The end of the log is missing."))
    if not heads.keys() <= known.keys():
        raise BadArchive(_("The log names members that are not there."))


def _check_tables_known(archive: Opened) -> None:
    """Made by this version, it has exactly the tables of this version."""
    if archive.manifest.revision != migrate.head():
        return
    expected = {part.path for part in (*sandbox_parts(), *course_parts())}
    found = {name for name in archive.manifest.parts if name.startswith(("tables/", "grades/"))}
    for name in sorted(expected - found):
        raise BadArchive(_("%(name)s is missing in it.", name=name))
    for name in sorted(found - expected):
        raise BadArchive(_("%(name)s is in it, which this program does not know.", name=name))


# -- tables against what the log adds up to ------------------------------------------------------------------------


def _check_rows(archive: Opened, part: Part, state: State) -> None:
    model = table_models()[part.name]
    kind, records = kind_of(model), state.records[kind_of(model)]
    as_logged, count = Logged(model, part), 0
    for row in archive.rows(part):
        binned = row.get("deleted_at") is not None
        expected = records.get(row["serial"])
        if (expected is None) != binned:
            raise BadArchive(_disagree(kind, row["serial"]))
        if expected is not None:
            count += 1
            if not _agree(as_logged(row), expected):
                raise BadArchive(_disagree(kind, row["serial"]))
        _check_files(archive, part, row)
    if count != len(records):
        lacking = next(iter(set(records) - {row["serial"] for row in archive.rows(part)}), 0)
        raise BadArchive(_disagree(kind, lacking))


def _agree(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a row is what the log says; a field that came with a later version is empty."""
    for name, value in found.items():
        if expected[name] != value if name in expected else value not in EMPTY:
            return False
    return True


class Logged:
    """Turns rows of an archived table into what the log would say of them."""

    def __init__(self, model: Any, part: Part) -> None:
        fields = fields_by_model(model)
        self.cells = [
            (cell.column.name, fields[cell.column.name].log, cell.many)
            for cell in part.cells
            if cell.column.name in fields
        ]

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, log, many in self.cells:
            if name in row:
                value = row[name]
                if many:
                    value = sorted(value or [])
                found[log] = value if type(value) in AS_THEY_ARE else plain(value)
        if row.get("extra"):
            found |= {f"extra.{key}": plain(value) for key, value in row["extra"].items()}
        if "owner_id" in row:
            found |= {"owner": row["owner_id"], "created_at": plain(row["created_at"])}
        return found


def _check_files(archive: Opened, part: Part, row: dict[str, Any]) -> None:
    """The file of an attachment is there, and is what it is called by."""
    if part.name not in {"attachment", "document"}:
        return
    versions = row.get("versions") or ()
    for sha256 in (row["sha256"], *(str(version["sha256"]) for version in versions)):
        packed = archive.manifest.parts.get(said.path_of_file(sha256))
        if packed is None or packed[0] != sha256:
            raise BadArchive(
                _("The file of %(kind)s %(id)s is missing in it.", kind=part.name, id=row["serial"])
            )


def _disagree(kind: str, serial: int) -> str:
    return _("%(kind)s %(id)s is not in its table as the log says.", kind=kind, id=serial)
