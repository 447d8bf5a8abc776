"""Backup and restore: database and uploads, all of it or nothing, on SQLite and PostgreSQL."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from labapp.app import create_app
from labapp.clock import now
from labapp.db import db, migrate
from labapp.lifecycle import backup, postgres
from labapp.lifecycle import restore as restoring
from labapp.lifecycle.backup import BadBackup, CannotBackUp, back_up, daily, verify
from labapp.lifecycle.restore import CannotRestore, restore
from labapp.oplog.append import Act, append_act
from labapp.people.models import Account
from labapp.records.work import writing

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(params=BOTH)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An installation with one account and one upload, in an application context."""
    data = tmp_path / "data"
    uri = f"sqlite:///{data / 'labapp.sqlite'}"
    if request.param == "postgresql":
        uri = request.getfixturevalue("postgres_database")("labapp_backup")
    app = create_app(
        {"DATA": data, "SQLALCHEMY_DATABASE_URI": uri, "TESTING": True, "BABEL_DEFAULT_LOCALE": "en"},
        extensions=(),
    )
    with app.app_context():
        migrate.create_all()
        add("Ada")
        upload("1/ab/abc", "old")
        yield app
        db.session.remove()
        db.engine.dispose()


def add(name: str) -> None:
    with writing():
        db.session.add(Account(name=name))
    db.session.remove()


def upload(name: str, content: str) -> None:
    path = backup.uploads() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def people() -> list[str]:
    db.session.remove()
    return sorted(db.session.scalars(db.select(Account.name)))


def test_restore_brings_back_database_and_uploads(site: Flask, tmp_path: Path) -> None:
    made = back_up(tmp_path / "b.zip")
    assert set(made.files) == {backup.DATABASES[made.dialect], "uploads/1/ab/abc"}
    add("Ben")
    upload("1/ab/abc", "new")
    (backup.uploads() / "1/ab/abd").write_text("later", "utf-8")
    db.engine.dispose()
    restore(tmp_path / "b.zip")
    assert people() == ["Ada"]
    assert (backup.uploads() / "1/ab/abc").read_text("utf-8") == "old"
    assert not migrate.needs_upgrade()


def test_restored_log_is_append_only_still(site: Flask, tmp_path: Path) -> None:
    with writing():
        append_act(Act("account.add", subject="Ada"))
    back_up(tmp_path / "b.zip")
    restore(tmp_path / "b.zip")
    with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM admin_entry"))


def test_backup_is_made_while_somebody_writes(site: Flask, tmp_path: Path) -> None:
    other = create_engine(db.engine.url)
    with other.begin() as connection:
        connection.execute(text("UPDATE account SET name = 'half done'"))
        back_up(tmp_path / "b.zip")
    other.dispose()
    restore(tmp_path / "b.zip")
    assert people() == ["Ada"]


def test_replaced_state_is_kept_as_a_backup(site: Flask, tmp_path: Path) -> None:
    back_up(tmp_path / "b.zip")
    add("Ben")
    restore(tmp_path / "b.zip")
    (kept,) = backup.folder().glob("before-restore-*.zip")
    restore(kept)
    assert people() == ["Ada", "Ben"]


def test_restore_is_refused_while_the_database_is_in_use(site: Flask, tmp_path: Path) -> None:
    back_up(tmp_path / "b.zip")
    add("Ben")
    server = create_engine(db.engine.url)
    with server.connect() as connection:
        connection.execute(text("SELECT 1 FROM account")).all()
        with pytest.raises(CannotRestore, match="in use"):
            restore(tmp_path / "b.zip")
    server.dispose()
    assert people() == ["Ada", "Ben"]


def test_restore_broken_off_before_the_switch_leaves_the_old_state(
    site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(tmp_path / "b.zip")
    add("Ben")

    def killed(database: Path) -> None:
        raise OSError("killed")

    monkeypatch.setattr(restoring, "_switch", killed)
    with pytest.raises(CannotRestore, match="killed"):
        restore(tmp_path / "b.zip")
    assert people() == ["Ada", "Ben"]


def test_failing_load_on_postgresql_changes_nothing(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = request.getfixturevalue("postgres_database")("labapp_load")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id int)"))
    (tmp_path / "bad.sql").write_text("CREATE TABLE other (id int); SELECT 1/0;", "utf-8")
    with pytest.raises(postgres.Trouble, match="division by zero"):
        postgres.load(engine.url, tmp_path / "bad.sql")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar() == 0
    engine.dispose()


# -- what a backup must not be -----------------------------------------------------------------------------


def changed(source: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    target = source.with_name("changed.zip")
    with ZipFile(source) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def with_path(name: str, content: bytes) -> bytes:
    if name != backup.MANIFEST:
        return content
    manifest = json.loads(content)
    manifest["files"]["uploads/../../evil"] = manifest["files"].pop("uploads/1/ab/abc")
    return json.dumps(manifest).encode()


BAD = {
    "an upload changed": lambda name, content: b"new" if name.startswith("uploads") else content,
    "an upload gone": lambda name, content: None if name.startswith("uploads") else content,
    "no manifest": lambda name, content: None if name == backup.MANIFEST else content,
    "a manifest of another kind": lambda name, content: b"[]" if name == backup.MANIFEST else content,
    "a path out of the folder": with_path,
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_bad_backup_is_refused(
    site: Flask, tmp_path: Path, change: Callable[[str, bytes], bytes | None]
) -> None:
    back_up(tmp_path / "b.zip")
    bad = changed(tmp_path / "b.zip", change)
    with pytest.raises(BadBackup):
        verify(bad)
    with pytest.raises(CannotRestore):
        restore(bad)
    assert people() == ["Ada"]


def test_cut_off_file_is_refused(site: Flask, tmp_path: Path) -> None:
    back_up(tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CannotRestore):
        restore(tmp_path / "cut.zip")


def test_failed_backup_leaves_nothing_behind(site: Flask, tmp_path: Path) -> None:
    (tmp_path / "place").write_text("no folder", "utf-8")
    with pytest.raises((CannotBackUp, OSError)):
        back_up(tmp_path / "place" / "b.zip")
    assert not list(tmp_path.glob(".*part"))


def test_damaged_database_is_not_backed_up(tmp_path: Path) -> None:
    (tmp_path / "bad.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises((sqlite3.Error, BadBackup)):
        backup.copy_sqlite(tmp_path / "bad.sqlite", tmp_path / "copy.sqlite")


# -- every day ---------------------------------------------------------------------------------------------


def test_one_backup_a_day_and_the_last_seven_stay(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(9):
        monkeypatch.setattr(backup, "now", lambda day=day: now() + timedelta(days=day))
        assert "daily-" in str(daily())
        assert daily() is None
    kept = sorted(file.name for file in backup.folder().iterdir())
    assert len(kept) == 7
    assert kept[-1] == f"daily-{now() + timedelta(days=8):%Y-%m-%d}.zip"


def test_empty_installation_and_demo_are_not_backed_up(site: Flask) -> None:
    site.config["DEMO"] = True
    assert daily() is None
    site.config["DEMO"] = False
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM account"))
    assert daily() is None
