"""Putting a backup in place of what is there: all of it, or nothing."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from zipfile import ZipFile

from flask_babel import gettext as _

from labapp.clock import now
from labapp.db import db, migrate
from labapp.lifecycle import backup, postgres
from labapp.lifecycle.backup import BadBackup, Manifest
from labapp.lifecycle.standstill import OTHERS


class CannotRestore(Exception):
    """Says in a sentence why nothing was restored. What was there stands as before."""


def restore(file: Path) -> Manifest:
    """Put the database and the uploads of a backup in place of the present ones. Raises CannotRestore.

    Whatever can fail comes before the one act that counts, the renaming of the database (on PostgreSQL the
    commit). Killed before it, the old state stands; uploads added by then are without a row and harm nobody.
    """
    try:
        manifest = _checked(file)
        backup.data().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=backup.data()) as place:
            with ZipFile(file) as archive:
                archive.extractall(place, list(manifest.files))
            _refuse_while_used()
            _keep_present()
            clashing = _add_uploads(Path(place) / "uploads")
            _switch(Path(place) / backup.DATABASES[manifest.dialect])
            for old, new in clashing:
                os.replace(old, new)
    except (BadBackup, OSError, sqlite3.Error, postgres.Trouble) as error:
        raise CannotRestore(_("%(file)s was not restored: %(why)s", file=file, why=error)) from error
    return manifest


def _checked(file: Path) -> Manifest:
    manifest = backup.verify(file)
    if manifest.dialect != backup.dialect():
        sentence = _(
            "It was made from %(theirs)s, and this is %(ours)s.",
            theirs=manifest.dialect,
            ours=backup.dialect(),
        )
        raise BadBackup(sentence)
    if manifest.revision > migrate.head():
        raise BadBackup(_("It was made by a newer version of the program."))
    return manifest


def _refuse_while_used() -> None:
    """Raises CannotRestore while another process holds the database open."""
    if (_used_sqlite if backup.dialect() == "sqlite" else _used_postgres)():
        raise CannotRestore(_("The database is in use. Stop the server first, then restore."))


def _used_sqlite() -> bool:
    """Only who is alone with a database can end its write-ahead log, and without one it can be renamed."""
    path = Path(str(db.engine.url.database))
    db.session.remove()
    db.engine.dispose()
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=1)) as alone:
            return bool(alone.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete")
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False  # what stands there is no database any more: a reason to restore, not to refuse


def _used_postgres() -> bool:
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        return bool(connection.execute(OTHERS).scalar_one())


def _keep_present() -> None:
    """A backup of what is about to be replaced, where it can still be read."""
    with suppress(backup.CannotBackUp):
        if not migrate.is_empty():
            backup.back_up(backup.folder() / f"before-restore-{now():%Y%m%d-%H%M%S}.zip")
    db.engine.dispose()


def _add_uploads(source: Path) -> list[tuple[Path, Path]]:
    """Add the files that are not there yet. Returns (from, to) of those that stand there with other bytes."""
    clashing = []
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        if not path.is_file():
            continue
        target = backup.uploads() / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.replace(path, target)
        elif target.read_bytes() != path.read_bytes():
            clashing.append((path, target))
    return clashing


def _switch(database: Path) -> None:
    """The act that counts."""
    if backup.dialect() == "sqlite":
        target = Path(str(db.engine.url.database))
        target.parent.mkdir(parents=True, exist_ok=True)
        for name in ("-wal", "-shm", "-journal"):
            target.with_name(target.name + name).unlink(missing_ok=True)
        with database.open("rb") as content:
            os.fsync(content.fileno())
        os.replace(database, target)
    else:
        db.engine.dispose()
        postgres.load(db.engine.url, database)
        migrate.analyze()


def forget_demo(folder: Path) -> None:
    """Remove the database and uploads of a demo folder. Raises CannotRestore while it is in use."""
    if folder.exists():
        _refuse_while_used()
        shutil.rmtree(folder / "uploads", ignore_errors=True)
        for path in folder.glob("labapp.sqlite*"):
            path.unlink(missing_ok=True)
