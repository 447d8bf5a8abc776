"""A full disk during upload, archive and commit: nothing half done, the log whole, a sentence for the person.

The disk is a real one: a small file system in memory, where whoever runs the tests may mount one.
"""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from labapp import jobs
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.jobs import FAILED, Job
from labapp.lifecycle.asking import ARCHIVE, Asker, ask
from labapp.lifecycle.models import Archive
from labapp.lifecycle.verify import verify
from labapp.modules.attachments.models import Attachment
from labapp.modules.leads.models import Lead
from labapp.people.models import Sandbox
from tests.lives import PICTURE

ROOM = 128 * 1024
SENTENCE = "The server has no room left to store anything."


@pytest.fixture
def small_disk(app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder on a disk of 128 KiB (the database lies elsewhere)."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    words = [mount or "", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(disk)]
    if mount is None or umount is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here: that needs root on Linux")
    monkeypatch.setitem(app.config, "DATA", disk)
    try:
        yield disk
    finally:
        subprocess.run([umount, str(disk)], check=True)


def is_whole(person: Any) -> bool:
    db.session.remove()
    return verify(db.session.get_one(Sandbox, person.sandbox_id)) is None


def count(model: Any) -> int:
    db.session.remove()
    counted = select(func.count()).select_from(model)
    return db.session.scalar(counted, execution_options={"seen_by": EVERYONE}) or 0


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_an_upload_that_finds_no_room_leaves_nothing(
    cast: Any, make: Callable[..., Any], browse: Any, small_disk: Path
) -> None:
    customer = make("customer", cast.ben).id
    ben = browse(cast.ben)

    def send(size: int) -> Any:
        data = {
            "file": (io.BytesIO(PICTURE + bytes(size)), "plan.png"),
            "related_kind": "customer",
            "related_id": str(customer),
        }
        return ben.post("/attachments/new", data, content_type="multipart/form-data")

    answer = send(2 * ROOM)
    assert answer.status_code == 507
    assert SENTENCE in answer.text
    assert count(Attachment) == 0
    assert files(small_disk) == []
    assert is_whole(cast.ben)
    assert send(1000).status_code == 302
    assert count(Attachment) == 1
    assert is_whole(cast.ben)


def test_an_archive_that_finds_no_room_says_so_and_leaves_nothing(
    cast: Any, make: Callable[..., Any], small_disk: Path
) -> None:
    make("lead", cast.ben, name="Grace")
    (small_disk / "ballast").write_bytes(bytes(ROOM - 16384))
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    number = ask(ARCHIVE, sandbox, {"file": "full.zip"}, Asker(name="ines")).id
    jobs.work_off()
    job = db.session.get_one(Job, number, populate_existing=True)
    assert job.state == FAILED
    assert "was not made" in job.sentence
    assert count(Archive) == 0
    assert files(small_disk) == ["ballast"]
    assert is_whole(cast.ben)


@pytest.mark.sqlite
def test_a_commit_that_finds_no_room_writes_nothing(app: Any, cast: Any, browse: Any) -> None:
    ben = browse(cast.ben)
    db.session.remove()
    db.engine.dispose()
    pages = db.session.execute(text("PRAGMA page_count")).scalar_one()
    db.session.remove()
    db.engine.dispose()

    def small(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 8}")

    event.listen(db.engine, "connect", small)
    try:
        statuses = []
        for number in range(60):
            note = {"name": f"Grace {number}", "company": "Hangzhou Lifts", "description": "x" * 2000}
            answer = ben.post("/leads/new", note)
            statuses.append(answer.status_code)
            if answer.status_code != 302:
                break
        assert set(statuses[:-1]) <= {302}
        assert statuses[-1] == 507
        assert SENTENCE in answer.text
        assert count(Lead) == len(statuses) - 1
        assert is_whole(cast.ben)
    finally:
        event.remove(db.engine, "connect", small)
        db.session.remove()
        db.engine.dispose()
    assert ben.post("/leads/new", note).status_code == 302
    assert count(Lead) == len(statuses)
    assert is_whole(cast.ben)
