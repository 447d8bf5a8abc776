"""The matrix page: green as things stand, red when a rule is broken, and it changes nothing."""

from collections import OrderedDict
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select

from instructor import matrix
from instructor.matrix import matrix_of
from instructor.matrix_samples import samples
from instructor.matrix_surfaces import SURFACES
from labapp.access import rules
from labapp.access.rules import READ, true
from labapp.db import db
from labapp.oplog.models import Operation

NINE = datetime(2026, 9, 9, 9)  # noqa: DTZ001 (lab time has no zone)
KINDS = frozenset(
    "lead customer contact opportunity document ticket forecast quota competitor campaign announcement product "
    "category article activity note document_link survey relation line contact_role partner rival".split()
)


@pytest.fixture
def owned(app: Any, cast: Any, make: Any) -> Any:
    """Ben owns one record of each kind, with an attachment on the customer."""
    customer = make("customer", cast.ben, name="Quartz Trading")
    upon = {"related_kind": "customer", "related_id": customer.id}
    make("lead", cast.ben)
    contact = make("contact", cast.ben, customer_id=customer.id)
    sale = make("opportunity", cast.ben, customer_id=customer.id).id
    for kind in ("forecast", "quota", "competitor", "campaign", "announcement", "product", "category"):
        make(kind, cast.ben)
    make("article", cast.ben, status="published")
    for kind in ("line", "contact_role", "partner", "rival"):
        make(kind, cast.ben, opportunity_id=sale)
    make("activity", cast.ben, starts_at=NINE, **upon)
    for kind in ("note", "attachment", "document_link"):
        make(kind, cast.ben, **upon)
    make("document", cast.ben)
    make("survey", cast.ben, customer_id=customer.id)
    make("relation", cast.ben, from_customer_id=customer.id, to_contact_id=contact.id)
    make("ticket", cast.ben, assignee_id=cast.dee.membership_id)
    return customer


def test_every_kind_is_tried(app: Any, cast: Any, owned: Any) -> None:
    context, actor = in_request(app, cast)
    with context:
        tried = {sample.record_type.name for sample in samples(actor, cast.ben.membership_id)}
    assert tried == KINDS
    assert KINDS | {"attachment", "adjustment", "campaign_member"} == app.extensions["catalog"].keys()


def in_request(app: Any, cast: Any) -> Any:
    return app.test_request_context("/instructor/matrix"), cast.ines.actor


def red(app: Any, cast: Any) -> dict[str, int]:
    """How many cells are red, by surface."""
    context, actor = in_request(app, cast)
    with context:
        found = matrix_of(actor)
    counts = dict.fromkeys(SURFACES, 0)
    for lines in found.lines.values():
        for line in lines:
            for surface, cell in zip(SURFACES, line.cells, strict=True):
                counts[surface] += cell.state == "wrong"
    return counts


def test_everything_is_green_and_every_surface_was_tried(app: Any, cast: Any, owned: Any) -> None:
    context, actor = in_request(app, cast)
    with context:
        found = matrix_of(actor)
    assert found.owner is not None
    assert found.owner.key == cast.ben.key
    assert found.counts["wrong"] == 0
    tried = {
        s
        for lines in found.lines.values()
        for line in lines
        for s, c in zip(SURFACES, line.cells, strict=True)
        if c.tried
    }
    assert tried == set(SURFACES)
    assert {line.relation for line in found.lines["private"]} >= {
        "owner",
        "superior",
        "top",
        "peer",
        "mate",
        "stranger",
    }


def test_a_key_that_two_records_have_says_nothing_about_either(
    app: Any, cast: Any, owned: Any, make: Any
) -> None:
    """An import that meets two records by one key changes none of them: that is no mistake of the import."""
    for owner in (cast.ben, cast.cy):
        make("lead", owner, name="Twin", company="Quartz", mobile="13812345678")
    assert red(app, cast) == dict.fromkeys(SURFACES, 0)


def test_looking_at_the_page_changes_nothing(app: Any, cast: Any, owned: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    before = db.session.execute(select(func.count(Operation.id))).scalar_one()
    answer = ines.get("/instructor/matrix")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'data-cell="wrong"' not in page
    assert page.count('data-cell="right"') > 100
    other = ines.get("/instructor/matrix?mode=read_write").get_data(as_text=True)
    assert 'data-cell="wrong"' not in other
    assert other.count('data-cell="right"') > 60
    assert db.session.execute(select(func.count(Operation.id))).scalar_one() == before
    assert cast.ines.actor.settings["sharing.lead"] == "private"


def test_the_page_asks_again_when_somebody_has_acted(
    app: Any, cast: Any, owned: Any, browse: Any, make: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(matrix, "_kept", OrderedDict())
    ines = browse(cast.ines)
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *_: asked.append(1))

    def statements() -> int:
        asked.clear()
        assert ines.get("/instructor/matrix").status_code == 200
        return len(asked)

    first = statements()
    assert statements() < 40 < first
    browse(cast.ben).get("/leads/")
    assert statements() < 40
    make("lead", cast.ben)
    assert statements() > 500


def test_a_lost_group_clause_reddens_every_surface(app: Any, cast: Any, owned: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "owners", lambda actor, need: sorted(actor.commands))
    counts = red(app, cast)
    assert [surface for surface, number in counts.items() if not number] == [
        "merge"
    ]  # asks for more than a group


@pytest.mark.slow
def test_a_group_that_may_do_too_much_reddens_merging(
    app: Any, cast: Any, owned: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rules, "owners", lambda actor, need: sorted(actor.circle))
    assert red(app, cast)["merge"]


@pytest.mark.slow
def test_a_lost_assignee_reddens_where_the_assignee_looks(
    app: Any, cast: Any, owned: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(rules.RULES, "assigned", rules._private)
    counts = red(app, cast)
    assert counts["list"]
    assert counts["edit"]


def test_an_open_door_reddens_every_surface(app: Any, cast: Any, owned: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "standing", lambda actor, model, need=READ: true())
    counts = red(app, cast)
    assert all(counts.values()), counts


def test_the_page_is_for_instructors_only(app: Any, cast: Any, browse: Any) -> None:
    assert browse(cast.tess).get("/instructor/matrix").status_code == 403
    assert browse(cast.ben).get("/instructor/matrix").status_code == 403


def test_without_records_it_says_so(app: Any, cast: Any, browse: Any) -> None:
    assert "nothing to try" in browse(cast.ines).get("/instructor/matrix").get_data(as_text=True)
