"""Whatever is typed: a parser gives a value that can be stored and read back, or a sentence. Nothing else."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.db.fields import LONG, SHORT
from labapp.records import parse
from labapp.records.question import place_of, read_place
from labapp.records.values import plain, typed

ANYTHING = st.text() | st.text(alphabet="0123456789.,-+eE￥%:/T \u3000", max_size=30)
TYPES = {"money": Decimal, "number": int, "percent": int, "day": date, "moment": datetime, "tags": list}


def parsed(shape, raw):
    """(value, sentence of the refusal)"""
    try:
        return parse.PARSERS[shape](raw), ""
    except ValueError as error:
        return None, str(error)


@pytest.mark.parametrize("shape", parse.PARSERS)
def test_a_parser_gives_a_value_or_a_sentence(app, shape):
    @settings(deadline=None, max_examples=150)
    @given(ANYTHING)
    def check(raw):
        value, sentence = parsed(shape, raw)
        assert value is None or sentence == ""
        assert value is None or isinstance(value, TYPES.get(shape, str))
        if isinstance(value, str):
            assert value
            assert len(value) <= (LONG if shape == "prose" else SHORT)
            value.encode()

    check()


@pytest.mark.parametrize("shape", parse.PARSERS)
def test_what_was_parsed_reads_the_same_again(app, shape):
    @settings(deadline=None, max_examples=150)
    @given(ANYTHING)
    def check(raw):
        value, _sentence = parsed(shape, raw)
        if value in (None, []):
            return
        again = ", ".join(value) if shape == "tags" else str(plain(value))
        assert parse.PARSERS[shape](again) == value
        assert typed(shape, plain(value)) == value

    check()


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=parse.MOST_MONEY, places=2))
def test_every_amount_with_two_decimals_is_taken(amount):
    assert parse.money(f"￥{amount:,}") == amount


@settings(deadline=None)
@given(st.text(), st.integers(1, 2**53 - 1))
def test_a_place_is_read_as_it_was_written(value, record_id):
    assert read_place(place_of(value, record_id)) == (value, record_id)


@settings(deadline=None)
@given(st.text())
def test_a_broken_place_is_no_place(token):
    place = read_place(token)
    assert place is None or isinstance(place[1], int)
