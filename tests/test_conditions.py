"""A list that was built once for its filters shows what the guarded session shows, for every kind and every filter."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from labapp import modules
from labapp.access.rules import record_models
from labapp.records import conditions, listing
from labapp.records.catalog import catalog_of
from labapp.records.conditions import LONGEST, conditions_of
from labapp.records.question import question_of, with_search
from labapp.records.values import plain

KINDS = [name for name, kind in catalog_of(modules).items() if kind.slug]
FIRST = {"lead", "contact", "ticket", "document"}  # private, following, assigned, by its own setting
READERS = ("ada", "olga")  # a superior, and one who reads everything


def filters_of(record_type: Any, record: Any) -> Iterator[dict[str, str]]:
    """Addresses that ask for what this record has, column by column."""
    yield {"team": "1"}
    for name in record_type.fields:
        value = plain(getattr(record, name))
        said = str(value) if value is not None else "-"
        yield {name.removesuffix("_id"): said}
        yield {f"{name}_from": "2026-09-01", f"{name}_max": "5", "team": "1"}
    for words in ("上海", "firm"):
        yield {"q": words}


def shown(record_type: Any, actor: Any, args: dict[str, str]) -> tuple[list[int], Any]:
    question = with_search(question_of(record_type, actor, MultiDict(args)), actor)
    return [row.id for row in listing.read_page(question, actor).rows], listing.count(question, actor)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind in FIRST else [pytest.mark.slow]) for kind in KINDS]
)
def test_filtered_lists_are_the_guards(
    app: Flask, cast: Any, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    record_type = app.extensions["catalog"][kind]
    record, *_others = [make(kind, owner) for owner in (cast.ben, cast.dee)]
    with app.test_request_context():
        for args in filters_of(record_type, record):
            for reader in READERS:
                actor = getattr(cast, reader).actor
                built_once = shown(record_type, actor, args)
                with monkeypatch.context() as patch:
                    patch.setattr(listing, "conditions_of", lambda where: None)
                    assert built_once == shown(record_type, actor, args), (args, reader)


def test_one_form_takes_other_values(app: Flask, cast: Any) -> None:
    lead: Any = record_models()["lead"]
    one = conditions_of([lead.status == "new", lead.owner_id.in_([1, 2])])
    other = conditions_of([lead.status == "lost", lead.owner_id.in_([3, 4])])
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert list(one.values.values()) == ["new", [1, 2]]
    assert list(other.values.values()) == ["lost", [3, 4]]
    unlike = conditions_of([lead.status != "new"])
    assert unlike is not None
    assert unlike.key != one.key


def test_what_reads_other_records_is_left_to_the_session(app: Flask, cast: Any) -> None:
    """It alone adds the rule of what the reader sees of them."""
    models: Any = record_models()
    lead, customer = models["lead"], models["customer"]
    inside = select(customer.id).where(customer.name == "X")
    assert conditions_of([lead.id.in_(inside)]) is None
    assert conditions_of([select(customer.id).where(customer.id == lead.id).exists()]) is None
    assert conditions_of([lead.id.in_(select(lead.id))]) is None


def test_long_lists_are_not_kept(app: Flask, cast: Any) -> None:
    lead: Any = record_models()["lead"]
    assert conditions_of([lead.owner_id.in_(range(LONGEST))]) is not None
    assert conditions_of([lead.owner_id.in_(range(LONGEST + 1))]) is None


def test_what_is_known_of_forms_is_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "KEPT", 1)
    lead: Any = record_models()["lead"]
    for column in (lead.name, lead.status, lead.mobile):
        assert conditions_of([column == "x"]) is not None
        assert len(conditions._alone) == 1
