"""A step is hashed over its canonical JSON, in whichever way that text comes about (grading.md §1)."""

import json
from collections.abc import Callable
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.oplog.chain import CANONICAL, digest, digest_of, halves
from labapp.oplog.export import lines
from labapp.people.models import Sandbox
from labapp.records.work import Work
from tests.test_oplog import tamper

TEXTS = st.text(st.characters(), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
STEPS = st.fixed_dictionaries(
    {
        "id": st.integers(1),
        "member": st.none() | TEXTS,
        "record": st.none() | st.integers(1),
        "answers": st.dictionaries(TEXTS, VALUES, max_size=3),
        "changes": st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=3),
        **dict.fromkeys(
            "at lab_at kind verb label origin outcome request address prev".split(),
            TEXTS,
        ),
    }
)


@given(STEPS)
def test_what_is_put_together_is_what_is_canonical(step: dict[str, Any]) -> None:
    first, rest = halves(step, CANONICAL(step["answers"]), CANONICAL(step["changes"]))
    assert first + rest == CANONICAL(step)
    assert digest_of(first, rest) == digest({**step, "hash": "not hashed"})


def by_the_book(line: str) -> str:
    """The hash of a line as grading.md says it."""
    step = json.loads(line)
    del step["hash"]
    said = json.dumps(step, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def exported() -> list[str]:
    db.session.remove()
    return list(lines(db.session.get_one(Sandbox, 1)))[1:]


@pytest.fixture
def written(app: Flask, cast: SimpleNamespace, make: Callable[..., Any]) -> None:
    """A record with a name that needs care, and a refusal."""
    made = make("customer", cast.ben, name='上海"医疗"\\器械')
    with Work(cast.ben.actor, "customer.edit", answers={"note": "两\nlines", "city": "北京"}) as work:
        work.update(made, city="北京")
    with pytest.raises(Invalid), Work(cast.ben.actor, "customer.edit") as work:
        raise Invalid("no")


def test_an_exported_step_has_the_hash_of_its_line(written: None) -> None:
    for line in exported():
        step = json.loads(line)
        assert step["hash"] == by_the_book(line)
        assert line == CANONICAL(step) + "\n"


def test_the_log_keeps_steps_as_they_were_hashed(written: None) -> None:
    """So that a line of the export need not be put in order."""
    kept = db.session.execute(text("SELECT CAST(changes AS TEXT), CAST(answers AS TEXT) FROM operation"))
    for changes, answers in kept:
        assert (changes, answers) == (CANONICAL(json.loads(changes)), CANONICAL(json.loads(answers)))


def loosely(value: Any) -> str:
    """JSON as no encoder here writes it, as a literal of SQL."""
    last_first = dict(reversed(value.items())) if isinstance(value, dict) else [*map(dict, value)]
    return f"'{json.dumps(last_first)}'".replace(":", "\\:")


def test_a_step_that_is_kept_otherwise_gives_the_same_line(written: None) -> None:
    """Older versions kept them in another order and in other letters."""
    before, tampered = exported(), []
    changed = "UPDATE operation SET answers = {answers}, changes = {changes} WHERE id = {id}"
    for step in map(json.loads, before):
        said = {name: loosely(step[name]) for name in ("answers", "changes")}
        tampered.append(changed.format(id=step["id"], **said))
    tamper(*tampered)
    assert exported() == before


def test_half_a_letter_is_kept_and_hashed(
    app: Flask, cast: SimpleNamespace, make: Callable[..., Any]
) -> None:
    made = make("customer", cast.ben, name="x")
    with Work(cast.ben.actor, "customer.edit", answers={"city": "\ud800"}) as work:
        work.update(made, city="北京")
    line = exported()[-1]
    assert json.loads(line)["answers"] == {"city": "\ud800"}
    assert json.loads(line)["hash"] == by_the_book(line)
