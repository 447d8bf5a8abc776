"""A backup: database and uploads in one file, made while the server runs, and read back before it counts."""

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from flask import current_app
from flask_babel import gettext as _

from labapp.clock import now
from labapp.db import db, migrate
from labapp.lifecycle import postgres
from labapp.values import dataclass

MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.sql"}
KEPT = 7


class CannotBackUp(Exception):
    """Says in a sentence why no backup was made. Nothing is left behind."""


class BadBackup(Exception):
    """The file is no backup, or not as it was made. Says in a sentence what is wrong."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `files` is SHA-256 and size by the path inside, `revision` that of the schema."""

    made_at: str
    dialect: str
    revision: str
    files: dict[str, tuple[str, int]]

    def text(self) -> str:
        content = {
            "backup": 1,
            "made_at": self.made_at,
            "dialect": self.dialect,
            "revision": self.revision,
            "files": {name: {"sha256": sha, "size": size} for name, (sha, size) in self.files.items()},
        }
        return json.dumps(content, ensure_ascii=False, indent=1)


def folder() -> Path:
    """Where the daily backups are."""
    return data() / "backups"


def data() -> Path:
    return Path(current_app.config["DATA"])


def uploads() -> Path:
    """Where the files of attachments and documents are."""
    return data() / "uploads"


def back_up(file: Path) -> Manifest:
    """Write a backup of database and uploads to a file and read it back. Raises CannotBackUp.

    The database first: a file that comes meanwhile is in it without its row, never the other way round.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as place:
            database = Path(place) / DATABASES[dialect()]
            _copy_database(database)
            manifest = _write(aside, database)
        verify(aside)
        os.replace(aside, file)
    except (OSError, sqlite3.Error, postgres.Trouble, BadBackup) as error:
        raise CannotBackUp(_("The backup %(file)s was not made: %(why)s", file=file, why=error)) from error
    finally:
        aside.unlink(missing_ok=True)
    return manifest


def dialect() -> str:
    return db.engine.dialect.name


def _copy_database(target: Path) -> None:
    if dialect() == "sqlite":
        copy_sqlite(Path(str(db.engine.url.database)), target)
    else:
        postgres.dump(db.engine.url, target)


def copy_sqlite(source: Path, target: Path) -> None:
    """A whole copy of a database in use, and proof that it is one. Raises sqlite3.Error, BadBackup."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")
        found = new.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BadBackup(str(found))


def _write(file: Path, database: Path) -> Manifest:
    files: dict[str, tuple[str, int]] = {}
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=3) as archive:
        for name, path in ((database.name, database), *_uploaded()):
            with suppress(FileNotFoundError):  # an upload that was broken off meanwhile
                files[name] = _sum(path)
                archive.write(path, name)
        with db.engine.connect() as connection:
            revision = migrate.current(connection) or ""
        manifest = Manifest(now().isoformat(), dialect(), revision, files)
        archive.writestr(MANIFEST, manifest.text())
    return manifest


def _uploaded() -> Iterator[tuple[str, Path]]:
    for path in sorted(uploads().rglob("*")) if uploads().is_dir() else ():
        if path.is_file():
            yield f"uploads/{path.relative_to(uploads()).as_posix()}", path


def _sum(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest(), path.stat().st_size


def verify(file: Path) -> Manifest:
    """Read a backup and check every file in it against the manifest. Raises BadBackup."""
    try:
        with ZipFile(file) as archive:
            manifest = read_manifest(archive)
            for name, (sha, size) in manifest.files.items():
                info = archive.getinfo(name)
                with archive.open(info) as content:
                    if info.file_size != size or _digest(content) != sha:
                        raise BadBackup(_("%(name)s in it is not as it was packed.", name=name))
    except (OSError, BadZipFile, KeyError, EOFError) as error:
        raise BadBackup(_("It is no whole backup (%(why)s).", why=error)) from error
    return manifest


def _digest(content: IO[bytes]) -> str:
    return file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]


def read_manifest(archive: ZipFile) -> Manifest:
    """Raises BadBackup where there is none, or one of another kind; KeyError where it is missing."""
    try:
        content: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if content["backup"] != 1:
            raise ValueError(content["backup"])
        files = {name: (str(f["sha256"]), int(f["size"])) for name, f in content["files"].items()}
        found = Manifest(content["made_at"], content["dialect"], content["revision"], files)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadBackup(_("Its manifest cannot be read.")) from error
    if any(not _is_inside(name) for name in files) or DATABASES.get(found.dialect) not in files:
        raise BadBackup(_("Its manifest cannot be read."))
    return found


def _is_inside(name: str) -> bool:
    """A plain relative path: nothing is ever written beside the folder."""
    parts = name.split("/")
    return "\\" not in name and ":" not in name and all(part not in {"", ".", ".."} for part in parts)


def before_migration(revision: str) -> None:
    """What `upgrade` calls before it changes a database. Raises CannotBackUp."""
    back_up(folder() / f"before-{revision}-{now():%Y%m%d-%H%M%S}.zip")


def daily() -> str | None:
    """Today's backup, if there is none yet and something to keep; the last seven stay. Returns a line."""
    file = folder() / f"daily-{now():%Y-%m-%d}.zip"
    if file.exists() or current_app.config.get("DEMO") or not _is_in_use():
        return None
    back_up(file)
    for old in sorted(folder().glob("daily-*.zip"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return str(_("Backup: %(file)s", file=file))


def _is_in_use() -> bool:
    """Does the database hold any account?"""
    from sqlalchemy import select

    from labapp.people.models import Account

    return db.session.execute(select(Account.id).limit(1)).first() is not None
