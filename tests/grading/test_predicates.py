"""Predicates: what a rubric may ask of a value."""

from datetime import datetime
from typing import Any

import pytest

from labapp.grading.nodes import compose
from labapp.grading.predicates import Asker, meets_all
from labapp.grading.reading import Reading
from labapp.grading.reading_words import predicate
from labapp.grading.vocabulary import Lexicon
from tests.grading.builder import START

ASKER = Asker("ada", datetime.fromisoformat(START))


def meets(written: str, value: Any) -> bool:
    node, problems = compose(written)
    reading = Reading(Lexicon(), problems)
    found = predicate(node, reading)
    assert not reading.problems, reading.problems
    return meets_all(found, ASKER)(value)


def refused(written: str) -> bool:
    node, problems = compose(written)
    reading = Reading(Lexicon(), problems)
    predicate(node, reading)
    return bool(reading.problems)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("won", "won"),
        ("9000", "9000.00"),
        ("9000.0", 9000),
        ("0x10", 16),
        ("true", True),
        ("null", None),
        ("2026-09-07", "2026-09-07"),
        ("'9000.00'", "9000.00"),
        ("me", "ada"),
        ("on", "on"),
        ("won", ["lost", "won"]),
        ("5", ["1", "5.0"]),
        ("{in: [a, b]}", "b"),
        ("{in: [a, null]}", None),
        ("{in: [me]}", "ada"),
        ("{in: [a, b]}", ["x", "b"]),
        ("{in: [1, 2]}", "2.00"),
        ("{not: won}", "lost"),
        ("{not: won}", None),
        ("{not: null}", "x"),
        ("{not: 5}", "five"),
        ("{not: me}", "ben"),
        ("{not: won}", ["lost"]),
        ("{gt: 5}", "5.01"),
        ("{gte: 5}", 5),
        ("{gt: 4, lt: 6}", "5"),
        ("{gte: '2026-09-08T00:00:00'}", "2026-09-08"),
        ("{lt: '2026-09-08T00:00:01'}", "2026-09-08"),
        ("{lte: +1d 18:00}", "2026-09-08T18:00:00"),
        ("{matches: '^A.*d$'}", "Acme Ltd"),
        ("{matches: ^9}", "9000.00"),
        ("{filled: true}", 0),
        ("{filled: true}", False),
        ("{filled: false}", None),
        ("{filled: false}", " \u3000"),
        ("{filled: false}", []),
        ("{filled: true}", ["x"]),
        ("{length: {gte: 3}}", "abc"),
        ("{length: {gt: 1, lt: 3}}", ["a", "b"]),
        ("{length: {gte: 2}, matches: b}", "ab"),
    ],
)
def test_met(written: str, value: Any):
    assert meets(written, value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("won", "Won"),
        ("won", None),
        ("9000", "nine"),
        ("9000", "9_000"),
        ("1", True),
        ("true", 1),
        ("0", False),
        ("'9000'", "9000.00"),
        ("null", ""),
        ("null", []),
        ("me", "ben"),
        ("me", "me"),
        ("{in: [a, b]}", None),
        ("{in: []}", "a"),
        ("{not: won}", "won"),
        ("{not: null}", None),
        ("{not: 9000}", "9000.00"),
        ("{not: won}", ["won", "lost"]),
        ("{gt: 5}", None),
        ("{gt: 5}", "many"),
        ("{gt: 5}", True),
        ("{gt: 5}", [6]),
        ("{gt: 5}", "2026-09-08"),
        ("{gte: '2026-09-08T00:00:01'}", "2026-09-08"),
        ("{gte: '2026-09-08T00:00:00'}", "20260909"),
        ("{gte: '2026-09-08T00:00:00'}", "2026-09-09T00:00:00Z"),
        ("{gte: '2026-09-08T00:00:00'}", 20260909),
        ("{gt: 4, lt: 6}", "6"),
        ("{matches: ACME}", "acme"),
        ("{matches: '5'}", 5),
        ("{matches: .}", None),
        ("{matches: a}", ["a"]),
        ("{filled: true}", None),
        ("{filled: false}", 0),
        ("{length: {gte: 0}}", None),
        ("{length: {gte: 0}}", 5),
        ("{length: {gte: 2}, matches: c}", "ab"),
        ("1e999", "NaN"),
    ],
)
def test_not_met(written: str, value: Any):
    assert not meets(written, value)


@pytest.mark.parametrize(
    "written",
    [
        "[a, b]",
        "{}",
        "{not: [a]}",
        "{in: a}",
        "{in: [[a]]}",
        "{like: a}",
        "{gt: many}",
        "{gt: 2026-09-08}",
        "{gt: '2026-09-08T10:00:00Z'}",
        "{gt: '+1d'}",
        "{gt: '+1d 25:00'}",
        "{gt: true}",
        "{matches: '('}",
        "{matches: 5}",
        "{filled: yes}",
        "{length: 5}",
        "{length: {gt: a}}",
        "{length: {gt: 1.5}}",
        "{length: {min: 1}}",
        "{length: {}}",
    ],
)
def test_refused(written: str):
    assert refused(written)
