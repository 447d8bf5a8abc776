"""An archive holds everything of a sandbox, as it stood at one moment, and nothing that nobody else may know."""

import csv
import json
import re
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from sqlalchemy import select

from labapp import jobs
from labapp.db import db
from labapp.formulas import RISKY
from labapp.lifecycle import archive, check, tables
from labapp.lifecycle import manifest as said
from labapp.lifecycle.asking import ARCHIVE, Asker, ask
from labapp.lifecycle.making import fault, make, name_of_file
from labapp.lifecycle.manifest import BadArchive, CannotArchive
from labapp.lifecycle.models import Archive
from labapp.lifecycle.verify import verify
from labapp.lifecycle.zipping import Hashed
from labapp.modules.attachments.models import Attachment
from labapp.modules.attachments.storage import path_of
from labapp.modules.leads.models import Lead
from labapp.oplog.append import Act, Step, append_all
from labapp.oplog.export import export
from labapp.people.models import Account, Sandbox
from labapp.records.work import Work, writing
from tests.semester import EVERYBODY, Walk, finish, lively, packed

BY = Asker(name="ines")
NUMBER = re.compile(r"-\d+(\.\d+)?")
FEWEST = 60
# Tables besides those of records and references that an archive holds; every other must be in tables.LEFT_OUT.
KEPT = {
    *("counter", "timeline_event", "attempt", "more_attempts", "course_exam"),
    *("grade_run", "ledger_entry", "integrity_remark", "bank_comment", "rubric_version"),
}


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATA", tmp_path)


@pytest.fixture
def sandbox_id(cast: Any, make: Callable[..., Any]) -> int:
    return lively(cast, make)


@pytest.fixture
def file(sandbox_id: int, tmp_path: Path) -> Path:
    return packed(sandbox_id, tmp_path / "a.zip")


@pytest.fixture
def whole(request: pytest.FixtureRequest, tmp_path: Path, kept: dict[str, bytes]) -> Path:
    """An archive, made once for all tests that spoil it."""
    if not kept:
        kept["whole"] = Path(request.getfixturevalue("file")).read_bytes()
    (tmp_path / "whole.zip").write_bytes(kept["whole"])
    return tmp_path / "whole.zip"


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    return {}


def sandbox() -> Sandbox:
    db.session.rollback()
    return db.session.get_one(Sandbox, 1, populate_existing=True)


# -- what is in it -----------------------------------------------------------------------------------------


def test_every_table_is_archived_or_left_out_for_a_reason(app: Flask) -> None:
    parts = [*tables.sandbox_parts(), *tables.course_parts()]
    others = {part.name for part in parts if not part.has_rows}
    assert others <= KEPT, "say in lifecycle/tables.py that it is left out and why, or here that it is kept"
    assert tables.undeclared() == [], "say in lifecycle/tables.py LOOSE of which table these numbers are"


def test_log_inside_is_the_very_export(file: Path, tmp_path: Path) -> None:
    export(sandbox(), tmp_path / "log.jsonl")
    with ZipFile(file) as archived:
        assert archived.read("log.jsonl") == (tmp_path / "log.jsonl").read_bytes()


def test_rows_are_called_by_serials_and_members_by_keys(file: Path) -> None:
    with ZipFile(file) as archived:
        rows = list(csv.DictReader(StringIO(archived.read("tables/customer.csv").decode(), newline="")))
    named = {row["name"]: row for row in rows}
    assert named["Ningbo"]["owner"] == "s002"
    lifts = next(row for name, row in named.items() if name.startswith("\\Hangzhou"))
    assert named["Ningbo"]["parent"] == lifts["serial"]
    assert "id" not in rows[0]
    assert "sandbox_id" not in rows[0]


def test_no_table_inside_holds_a_formula(file: Path) -> None:
    with ZipFile(file) as archived:
        sheets = {name: archived.read(name).decode() for name in archived.namelist() if name.endswith(".csv")}
    cells = {
        (name, cell)
        for name, text in sheets.items()
        for row in csv.reader(StringIO(text, newline=""))
        for cell in row
    }
    assert ("tables/customer.csv", "'+Later") in cells
    assert {("tables/lead.csv", "'=1+1"), ("tables/lead.csv", "''=1")} <= cells
    assert [cell for cell in cells if cell[1].startswith(RISKY) and not NUMBER.fullmatch(cell[1])] == []


def test_a_line_of_the_log_is_what_was_hashed_but_for_the_hash(file: Path) -> None:
    with ZipFile(file) as archived:
        lines = archived.read("log.jsonl").decode().splitlines()[1:]
    for line in lines:
        said = json.loads(line)["hash"]
        assert sha256(line.replace(f'"hash":"{said}",', "").encode()).hexdigest() == said


def test_an_archive_whose_lines_are_in_another_order_is_read_as_well(whole: Path) -> None:
    """As versions before wrote them."""
    with ZipFile(whole) as archived:
        header, *lines = archived.read("log.jsonl").decode().splitlines()
    turned = [json.dumps(dict(reversed(json.loads(line).items()))) for line in lines]
    content = "\n".join([header, *turned, ""]).encode()
    assert check.check(rehashed(whole, "log.jsonl", content)).steps == len(lines)


def test_scenario_rubric_versions_grades_and_files_are_inside(file: Path) -> None:
    with ZipFile(file) as archived:
        names = set(archived.namelist())
        assert archived.read("rubric.yaml").decode().startswith("\nrubric: 1")
        assert b"essay" in archived.read("grades/rubric_version.csv")
        assert b"mark" in archived.read("grades/ledger_entry.csv")
        assert b"results" in archived.read("grades/grade_run.csv")
    assert sum(name.startswith("files/") for name in names) == 1, (
        "attachment and document have the same content"
    )


def test_no_password_and_no_token_is_inside(file: Path) -> None:
    secret = db.session.scalar(select(Account.password_hash).where(Account.password_hash.is_not(None)))
    assert secret
    with ZipFile(file) as archived:
        content = b"".join(archived.read(name) for name in archived.namelist())
    assert secret.encode() not in content
    assert b"JOINa" not in content
    assert b"ben@school.test" in content, "who the members are is inside"


def test_manifest_says_what_is_inside(file: Path) -> None:
    with ZipFile(file) as archived:
        content = json.loads(archived.read("manifest.json"))
        assert set(content["parts"]) | {"manifest.json"} == set(archived.namelist())
    assert content["archive"] == 1
    assert content["steps"] == sandbox().last_step
    assert content["revision"]
    assert content["program"]


# -- as it stood at one moment -----------------------------------------------------------------------------


def test_what_is_done_meanwhile_is_wholly_out_and_not_lost(
    app: Flask, sandbox_id: int, cast: Any, tmp_path: Path
) -> None:
    before, acted = sandbox().last_step, []

    def act(done: int, total: int) -> None:
        if not acted:
            acted.append(done)
            with app.app_context(), Work(cast.ben.actor, "lead.create") as work:
                work.create(Lead, name="Meanwhile", company="Meanwhile", status="new")

    made = archive.write(sandbox_id, tmp_path / "a.zip", act)
    archive.beside(tmp_path / "a.zip").rename(tmp_path / "a.zip")
    assert check.check(tmp_path / "a.zip").steps == made.steps == before
    assert sandbox().last_step == before + 1
    with ZipFile(tmp_path / "a.zip") as archived:
        assert b"Meanwhile" not in archived.read("tables/lead.csv") + archived.read("log.jsonl")
    assert verify(sandbox()) is None


def test_an_archive_without_its_attachment_is_not_made(sandbox_id: int, tmp_path: Path) -> None:
    row = db.session.scalars(select(Attachment), execution_options=EVERYBODY).first()
    assert row is not None
    path_of(sandbox_id, row.sha256).unlink()
    with pytest.raises(CannotArchive, match="was not made"):
        make(sandbox_id, "a.zip", Act("x"))
    assert list((tmp_path / "archives").iterdir()) == []
    assert db.session.scalars(select(Archive)).all() == []


def test_an_archive_that_cannot_be_packed_is_not_made(
    sandbox_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong beside the reading is known before the part counts as written."""

    def full(self: Hashed, block: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Hashed, "_pack", full)
    with pytest.raises(CannotArchive, match="No space left on device"):
        make(sandbox_id, "a.zip", Act("x"))
    assert list((tmp_path / "archives").iterdir()) == []
    assert db.session.scalars(select(Archive)).all() == []


# -- memory ------------------------------------------------------------------------------------------------


def grow(cast: Any, count: int) -> None:
    """So many steps more, each changing a record."""
    with Work(cast.ben.actor, "lead.create") as work:
        lead = work.create(Lead, name="0", company="Steady", status="new")
        serial = lead.serial
    steps = [
        Step(
            cast.ben.sandbox_id, "lead", "edit", cast.ben.membership_id, cast.ben.key, serial,
            changes=[
                {"what": "changed", "kind": "lead", "id": serial}
                | {"before": {"name": str(n)}, "after": {"name": str(n + 1)}}
            ],
        )
        for n in range(count)
    ]  # fmt: skip
    with writing():
        append_all(steps, [cast.ben.actor.lab_now] * count)
        db.session.connection().exec_driver_sql(f"UPDATE lead SET name = '{count}' WHERE company = 'Steady'")


def peak(work: Callable[[], object]) -> int:
    db.session.remove()
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_log(cast: Any, make: Callable[..., Any], tmp_path: Path) -> None:
    grow(cast, 3_000)
    small = tmp_path / "small.zip"
    packed(1, small)  # what is imported once is no part of it
    few = peak(lambda: packed(1, small)), peak(lambda: check.check(small))
    db.session.connection().exec_driver_sql("DELETE FROM lead")
    db.session.rollback()
    with writing():
        db.session.connection().exec_driver_sql("UPDATE lead SET company = 'Done'")
    large = tmp_path / "large.zip"
    grow(cast, 15_000)
    many = peak(lambda: packed(1, large)), peak(lambda: check_log(large))
    assert many[0] < few[0] * 1.3 + 300_000
    assert many[1] < few[1] * 1.3 + 300_000


def check_log(file: Path) -> None:
    """Read back; the one lead whose company was changed by hand is found, at the end, after the whole log."""
    with pytest.raises(BadArchive, match="lead"):
        check.check(file)


# -- jobs --------------------------------------------------------------------------------------------------


def test_two_who_press_the_same_button_have_one_job(sandbox_id: int, tmp_path: Path) -> None:
    first = ask(ARCHIVE, sandbox(), {"file": "one.zip"}, BY).id
    second = ask(ARCHIVE, sandbox(), {"file": "two.zip"}, Asker(name="tess")).id
    assert first == second
    assert jobs.work_off() == 1
    assert [row.file for row in db.session.scalars(select(Archive))] == ["one.zip"]


def test_killed_at_any_statement_there_is_no_archive_or_a_whole_one(sandbox_id: int, capsys: Any) -> None:
    def asked() -> int:
        return ask(ARCHIVE, sandbox(), {"file": name_of_file(sandbox())}, BY).id

    walked = 0
    for number, lived, job_id in Walk(asked, 13).lives():
        walked = number
        for row in db.session.scalars(select(Archive)).all():
            assert fault(row) == "", "what is listed is whole"
        finish()
        assert db.session.get_one(jobs.Job, job_id).state == jobs.DONE
        assert lived or db.session.scalars(select(Archive)).all()
    with capsys.disabled():
        print(f"\narchive: killed up to statement {walked}")
    assert walked > FEWEST
    assert verify(sandbox()) is None


# -- what an archive must not be -----------------------------------------------------------------------------


def changed(source: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    target = source.with_name("changed.zip")
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in more.items():
            new.writestr(name, content)
    return target


def in_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[str, bytes], bytes]:
    def at(name: str, content: bytes) -> bytes:
        if name != said.MANIFEST:
            return content
        manifest = json.loads(content)
        change(manifest)
        return json.dumps(manifest).encode()

    return at


def flipped(name: str, content: bytes) -> bytes:
    return content[:-3] + b"9" + content[-2:] if name == "tables/lead.csv" else content


def climbing(manifest: dict[str, Any]) -> None:
    manifest["parts"]["files/../../evil"] = manifest["parts"].pop("rubric.yaml")


BAD: dict[str, tuple[Callable[[str, bytes], bytes | None], str]] = {
    "one byte": (flipped, "lead.csv in it is not as it was packed"),
    "a file missing": (lambda n, c: None if n == "tables/lead.csv" else c, "lead.csv is missing in it"),
    "no manifest": (lambda n, c: None if n == said.MANIFEST else c, "no manifest"),
    "another manifest": (lambda n, c: b"[]" if n == said.MANIFEST else c, "cannot be read"),
    "a manifest of numbers": (in_manifest(lambda m: m.update(title=7)), "cannot be read"),
    "later format": (in_manifest(lambda m: m.update(archive=2, program="9.9")), r"later version .* \(9.9\)"),
    "later tables": (in_manifest(lambda m: m.update(revision="9999")), "later version"),
    "a path out of it": (in_manifest(climbing), "cannot be read"),
    "other steps": (in_manifest(lambda m: m.update(steps=m["steps"] - 1)), "end of the log"),
}


@pytest.mark.parametrize(("change", "sentence"), BAD.values(), ids=BAD)
def test_bad_archive_is_named(whole: Path, change: Any, sentence: str) -> None:
    with pytest.raises(BadArchive, match=sentence):
        check.check(changed(whole, change))


def test_extra_file_is_named(whole: Path) -> None:
    with pytest.raises(BadArchive, match="not in its manifest"):
        check.check(changed(whole, lambda name, content: content, extra=b"?"))


def test_cut_off_archive_is_named(whole: Path) -> None:
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadArchive, match="no archive, or a part of it"):
        check.check(whole)


def rehashed(whole: Path, name: str, content: bytes) -> Path:
    """The archive with another content of one part, and a manifest that agrees with it."""

    def fix(manifest: dict[str, Any]) -> None:
        manifest["parts"][name] = {"sha256": sha256(content).hexdigest(), "size": len(content)}

    at = in_manifest(fix)
    return changed(whole, lambda n, c: content if n == name else at(n, c))


def test_zip_bomb_is_named_before_it_unpacks(whole: Path) -> None:
    bomb = rehashed(whole, "tables/lead.csv", bytes(40_000_000))

    def refused() -> None:
        with pytest.raises(BadArchive, match="unpack to far more"):
            check.check(bomb)

    assert peak(refused) < 5_000_000


def test_table_that_disagrees_with_the_log_is_named(whole: Path) -> None:
    with ZipFile(whole) as archived:
        content = archived.read("tables/lead.csv").replace(b"Grace 0", b"Mallory")
    with pytest.raises(BadArchive, match=r"lead .* is not in its table as the log says"):
        check.check(rehashed(whole, "tables/lead.csv", content))


def test_log_that_was_rewritten_is_named(whole: Path) -> None:
    with ZipFile(whole) as archived:
        content = archived.read("log.jsonl").replace(b"Grace 0", b"Mallory")
    with pytest.raises(BadArchive, match="is not as it was written"):
        check.check(rehashed(whole, "log.jsonl", content))
