"""A class with a rubric, for tests of grades: Ben has made two leads and contacted one, Cy has made one."""

from typing import Any

import pytest
from sqlalchemy import func, select

from labapp.db import begin_write, db
from labapp.people.models import Course, Sandbox

RUBRIC = """\
rubric: 1
title: {en: First week, zh: 第一周}
pass: 50
due: "+1d 18:00"
late: {per_day: 10, max: 50}
tasks:
  - key: make
    title: {en: Make two leads, zh: 新建两条线索}
    points: 10
    checks:
      - did: {what: lead.create, times: 2, distinct: record}
  - key: essay
    title: {en: Essay, zh: 短文}
    points: 5
    checks:
      - did: {what: lead.contact}
      - by_hand: {scale: 4}
"""


def set_rubric(text: str) -> None:
    """Whoever sets it: the course is graded by this text."""
    begin_write()
    db.session.scalars(select(Course)).first().rubric = text
    db.session.commit()


@pytest.fixture
def worked(app, cast, browse) -> Any:
    """Ines, after the class has worked."""
    set_rubric(RUBRIC)
    ben, cy = browse(cast.ben), browse(cast.cy)
    for browser, names in ((ben, ("Ann", "Bea")), (cy, ("Eve",))):
        for name in names:
            assert browser.post("/leads/new", {"name": name, "company": "Hopper"}).status_code == 302
    assert ben.post("/leads/1/contact", {"version": "1"}).status_code == 302
    return browse(cast.ines)


def the_sandbox() -> Sandbox:
    """The only one, as it stands."""
    return db.session.scalars(select(Sandbox).execution_options(populate_existing=True)).one()


def count(model: Any) -> int:
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(model))
