"""Notes hang on records: who may edit the record writes them, who reads it reads them.

Ada manages Ben and Cy; Dee is in another class; Ines instructs.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.db import begin_write, db
from labapp.modules.notes.models import Note
from labapp.people.models import Sandbox
from labapp.records import query


def write(browse: Any, person: Any, customer: int, body: str = "谈过价格") -> int:
    data = {"body": body, "related_kind": "customer", "related_id": str(customer)}
    return int(browse(person).post("/notes/new", data).status_code)


def test_a_note_shows_author_and_time(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    customer = make("customer", cast.ben).id
    assert write(browse, cast.ada, customer) == 302
    page = browse(cast.ben).get(f"/customers/{customer}").text
    assert "谈过价格" in page
    assert "Ada" in page


def test_who_reads_the_customer_reads_its_notes(cast: SimpleNamespace, make: Any) -> None:
    customer = make("customer", cast.ben).id
    note = make("note", cast.dee, related_kind="customer", related_id=customer).id
    readers = {p.name for p in vars(cast).values() if query.one(Note, p.actor, note) is not None}
    assert readers == {"Ines", "Tess", "Olga", "Ada", "Ben"}


@pytest.mark.parametrize(("mode", "code"), [("private", 404), ("read_only", 403), ("read_write", 302)])
def test_only_editors_of_the_record_write_notes(
    cast: SimpleNamespace, make: Any, browse: Any, mode: str, code: int
) -> None:
    customer = make("customer", cast.ben).id
    begin_write()
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    assert sandbox is not None
    sandbox.settings = {**sandbox.settings, "sharing.customer": mode}
    db.session.commit()
    assert write(browse, cast.cy, customer) == code


def test_a_note_needs_a_record(cast: SimpleNamespace, browse: Any) -> None:
    assert browse(cast.ben).post("/notes/new", {"body": "Lost"}).status_code == 422


def test_nothing_hangs_on_a_note(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    note = make("note", cast.ben).id
    data = {"body": "x", "related_kind": "note", "related_id": str(note)}
    assert browse(cast.ben).post("/notes/new", data).status_code == 422
