"""Archives as jobs: made, read back, kept in the list; and archives that come back."""

import os
import re
from hashlib import file_digest
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import delete, select

from labapp import clock
from labapp.db import db
from labapp.jobs import GaveUp, Run
from labapp.lifecycle import check, unarchive
from labapp.lifecycle.archive import beside, write
from labapp.lifecycle.asking import Progress, Told, act_of, spoken
from labapp.lifecycle.manifest import BadArchive, CannotArchive, Manifest, archives
from labapp.lifecycle.models import Archive
from labapp.lifecycle.reading import opened
from labapp.oplog.append import Act, append_act
from labapp.people.models import Course, Sandbox
from labapp.records.work import writing
from labapp.values import dataclass

PLAIN = re.compile(r"[^\w.-]+")


def name_of_file(sandbox: Sandbox) -> str:
    """What an archive that is made now is called: autumn-a-s001-20260912-101500.zip."""
    return f"{PLAIN.sub('-', sandbox.name)}-{clock.now():%Y%m%d-%H%M%S}.zip"


def path_of(archive: Archive) -> Path:
    """Where the file is; one that was written elsewhere by command is there."""
    return archives() / archive.file


def make(sandbox_id: int, file: str, act: Act, told: Told = lambda done, total: None) -> int:
    """Archive a sandbox into this file, read it back and list it. Returns the number in the list.

    Every step counts twice, written and read. Raises CannotArchive; an older file of this name stands then.
    """
    path = archives() / file
    aside = beside(path)
    try:
        made = write(sandbox_id, path, lambda done, total: told(done, 2 * total))
        check.check(aside, lambda done, total: told(total + done, 2 * total))
        packed = packed_in(aside)
        not_listed(file)
        os.replace(aside, path)
    except (BadArchive, OSError) as error:
        raise CannotArchive(
            _("The archive %(file)s was not made: %(why)s", file=path.name, why=error)
        ) from error
    finally:
        aside.unlink(missing_ok=True)
    return listed(file, made, sandbox_id, packed, act)


@dataclass(frozen=True)
class Packed:
    """A file as it lies there."""

    sha256: str
    size: int


def packed_in(path: Path) -> Packed:
    """What lies there. Raises OSError."""
    with path.open("rb") as content:
        return Packed(file_digest(content, "sha256").hexdigest(), os.fstat(content.fileno()).st_size)


def not_listed(file: str) -> None:
    """Take an older file of this name from the list: whoever is killed now leaves one that is not listed, which is
    made again, and never one that is listed as another."""
    with writing():
        db.session.execute(delete(Archive).where(Archive.file == file))


def listed(file: str, made: Manifest, sandbox_id: int, packed: Packed, act: Act) -> int:
    """Put an archive that was read back into the list."""
    with writing():
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        course = db.session.get_one(Course, sandbox.course_id)
        row = db.session.scalars(select(Archive).where(Archive.file == file)).first() or Archive(file=file)
        row.sandbox_id, row.course_id, row.sandbox = sandbox_id, course.id, sandbox.name
        row.size, row.sha256, row.steps = packed.size, packed.sha256, made.steps
        row.made_at = row.checked_at = clock.now()
        row.wrong, row.account = "", act.account
        db.session.add(row)
        details = {"file": Path(file).name, "sha256": packed.sha256, "steps": made.steps}
        append_act(Act("sandbox.archive", act.account, course.name, sandbox.name, details, act.address))
        db.session.flush()
        return row.id


def archive_sandbox(run: Run) -> None:
    """Archive the sandbox of this job. A run that was killed begins anew; what it left is written over."""
    assert run.sandbox_id is not None
    with spoken(run):
        try:
            progress = Progress(run, _("Writing the archive and reading it back."))
            run.result = {"archive_id": make(run.sandbox_id, run.args["file"], act_of(run), progress)}
        except CannotArchive as error:
            raise GaveUp(str(error)) from error


def check_archive(run: Run) -> None:
    """Read an archive back once more."""
    with spoken(run):
        row = db.session.get(Archive, run.args["archive_id"])
        if row is None:
            raise GaveUp(_("This archive is not in the list any more."))
        wrong = fault(row, Progress(run, _("Reading the archive back.")))
        with writing():
            row = db.session.get_one(Archive, run.args["archive_id"], populate_existing=True)
            row.wrong, row.checked_at = wrong[:500], clock.now()
        if wrong:
            raise GaveUp(wrong)


def fault(row: Archive, told: Told = lambda done, total: None) -> str:
    """What is wrong with an archive of the list; '' where it is whole, and the very file that was made."""
    path, expected = path_of(row), row.sha256
    try:
        with path.open("rb") as content:
            found = file_digest(content, "sha256").hexdigest()
        if found != expected:
            return _("The file is not the one that was made: its checksum is another.")
        check.check(path, told)
    except FileNotFoundError:
        return _("The file is not there any more.")
    except (BadArchive, OSError) as error:
        return str(error)
    return ""


def restore_archive(run: Run) -> None:
    """Restore the archive of this job. What a run that was killed has left is taken out first."""
    with spoken(run):
        done = _finished(run)
        if done is None:
            progress = Progress(run, _("Reading the archive, then putting it in."))
            wish = unarchive.Wish(run.account_id, bool(run.args.get("match")), act=act_of(run))
            try:
                done = unarchive.restore(archives() / run.args["file"], wish, progress, begun_by(run)).id
            except BadArchive as error:
                if is_own(run.args["file"]):
                    (archives() / run.args["file"]).unlink(missing_ok=True)
                raise GaveUp(_("Nothing was restored. %(why)s", why=error)) from error
        if is_own(run.args["file"]):
            _keep_received(run, done)
        run.result = {"sandbox_id": done}


def is_own(file: str) -> bool:
    """Whether it lies in the folder of archives; else it is somebody's elsewhere."""
    return not Path(file).is_absolute()


def _keep_received(run: Run, sandbox_id: int) -> None:
    """An archive that was sent is in the list, too."""
    file = run.args["file"]
    with opened(archives() / file) as archive:
        manifest = archive.manifest
    listed(file, manifest, sandbox_id, packed_in(archives() / file), act_of(run))


def begun_by(run: Run) -> unarchive.Begins:
    """Has the job remember the sandbox that it is filling."""
    return lambda sandbox_id, stamp: run.progress(0, 0, resume={"sandbox_id": sandbox_id, "stamp": stamp})


def _finished(run: Run) -> int | None:
    """The sandbox, if an earlier run of this job had finished it; what it left half done is taken out."""
    row = db.session.get(Sandbox, run.resume.get("sandbox_id") or 0)
    if row is None or row.stamp != run.resume.get("stamp"):
        return None
    if row.state == "restored":
        return row.id
    unarchive.give_up(row.id)
    return None
