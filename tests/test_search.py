"""Search: two Chinese characters, pinyin initials, the start of a word, the end of a number; in one's own rows only.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.records.search import terms, words_of
from tests import world


@pytest.fixture
def lifts(cast, make):
    """A lead of Ben's."""
    return make(
        "lead",
        cast.ben,
        name="单小明",
        company="杭州西湖电梯 Otis",
        mobile="13812345678",
        email="ming@otis.test",
    ).id


def found(browser, words):
    return [
        row["id"] for row in browser.get("/leads/", query_string={"format": "json", "q": words}).json["rows"]
    ]


@pytest.mark.parametrize(
    "words",
    ["西湖", "电梯", "hzxh", "HZ", "oti", "Otis", "单小明", "sxm", "138123", "5678", "西湖 otis", "小"],
)
def test_it_is_found(cast, browse, lifts, words):
    assert found(browse(cast.ben), words) == [lifts]


@pytest.mark.parametrize("words", ["湖西", "上海", "tis", "西湖 上海", "9999"])
def test_it_is_not_found(cast, browse, lifts, words):
    assert found(browse(cast.ben), words) == []


def test_a_peer_finds_nothing_of_it(cast, browse, lifts):
    assert found(browse(cast.cy), "西湖") == []
    assert found(browse(cast.ada), "西湖") == [lifts]


def test_another_sandbox_finds_nothing_of_it(browse, lifts):
    assert found(browse(world.build("spring-b")["Ines"]), "西湖") == []


def test_what_is_renamed_is_found_by_its_new_name_alone(cast, browse, lifts):
    browse(cast.ben).post(f"/leads/{lifts}/edit", {"name": "Grace", "company": "宁波电梯", "version": "1"})
    assert found(browse(cast.ben), "宁波") == [lifts]
    assert found(browse(cast.ben), "西湖") == []


@pytest.mark.parametrize("letters", ["cqdy", "zqdy", "cqdydtyxgs", "dtyxgs", "yxgs"])
def test_both_usual_readings_of_a_character_are_found_whatever_follows_it(cast, browse, make, letters):
    city = make("lead", cast.ben, name="Grace", company="重庆大洋电梯有限公司").id
    assert found(browse(cast.ben), letters) == [city]


def test_readings_that_nobody_uses_any_more_take_no_place(cast):
    assert {word for word in words_of("有限公司") if word.isascii()} == {"yxgs", "xgs", "gs"}


@settings(deadline=None)
@given(st.text())
def test_any_text_makes_words_and_terms_without_harm(value):
    assert all(word == word.strip() for word in words_of(value))
    assert all('"' not in token for token, _start in terms(1, "lead", value))
