"""Who is who stands in the order of its numbers, whoever wrote last."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, update

from labapp.db import begin_write, db
from labapp.people.directory import read_directory
from labapp.people.models import Membership, Position, SharingGroup


def test_members_places_and_groups_keep_their_order(cast: SimpleNamespace, make: Callable[..., Any]) -> None:
    make("lead", cast.ben)  # writes the head of Ben's steps
    here = cast.ben.sandbox_id
    begin_write()
    groups = [
        {"sandbox_id": here, "serial": serial, "name": f"Group {serial}", "members": []}
        for serial in (90, 89)
    ]
    db.session.connection().execute(insert(SharingGroup), groups)
    db.session.execute(update(Position).where(Position.serial == 1).values(sort=7))
    db.session.execute(update(Membership).where(Membership.serial == 1).values(number="0"))
    db.session.commit()
    db.session.connection().exec_driver_sql("ANALYZE")  # only then PostgreSQL reads so few rows as they lie
    directory = read_directory(here)
    for found in (directory.members, directory.places, directory.groups):
        numbers = [one.serial for one in found.values()]
        assert len(numbers) > 1
        assert numbers == sorted(numbers)
