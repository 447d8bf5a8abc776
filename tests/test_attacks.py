"""What somebody with a seat of their own tries to get: the courses of others, early answers, a broken page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from labapp.db import db
from labapp.lifecycle.unarchive import Wish, restore
from labapp.people.models import Account, Course, Sandbox
from labapp.records.work import writing
from tests.semester import lively, packed

# -- archives that say they belong to the course of somebody else ------------------------------------


def forged(file: Path, **said: str) -> Path:
    """The archive with another manifest."""
    made = file.with_name("forged.zip")
    with ZipFile(file) as source, ZipFile(made, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = json.dumps({**json.loads(content), **said}).encode()
            target.writestr(name, content)
    return made


@pytest.fixture
def mallory(app: Any) -> int:
    """An instructor of nothing."""
    with writing():
        account = Account(name="Mallory", number="mallory", instructor=True, language="en")
        db.session.add(account)
        db.session.flush()
        return int(account.id)


@pytest.fixture
def file(app: Any, cast: Any, make: Callable[..., Any], tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setitem(app.config, "DATA", tmp_path / "here")
    return packed(lively(cast, make), tmp_path / "a.zip")


def course_of(sandbox: Sandbox) -> tuple[int, int | None]:
    """Number and owner of the course of a restored sandbox."""
    course_id = sandbox.course_id
    db.session.remove()
    return course_id, db.session.get_one(Course, course_id).owner_account_id


def test_an_archive_without_origin_opens_no_living_course(file: Path, mallory: int) -> None:
    number, owner = course_of(restore(forged(file, origin="", unit="team9"), Wish(mallory)))
    assert (number != 1, owner) == (True, mallory)


def test_an_archive_of_the_same_origin_does_not_open_the_course_of_another(
    file: Path, cast: Any, mallory: int
) -> None:
    theirs, _ines = course_of(restore(file, Wish(cast.ines.account_id)))
    mine, owner = course_of(restore(forged(file, unit="team9"), Wish(mallory)))
    assert (mine != theirs, owner) == (True, mallory)
    again, _mallory = course_of(restore(forged(file, unit="team8"), Wish(mallory)))
    assert again == mine, "one's own come together"
