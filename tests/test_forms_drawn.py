"""Inputs of new records are drawn once for all who see them alike; what somebody typed or was given is always shown."""

import re

from labapp.records import forms


def test_a_second_member_is_shown_the_same_inputs_drawn_once(browse, cast):
    forms._drawn.clear()
    first = browse(cast.ben).get("/leads/new").text
    drawn = dict(forms._drawn)
    assert len(drawn) > 10
    second = browse(cast.cy).get("/leads/new").text
    assert forms._drawn == drawn
    names = re.findall(r'name="(\w+)"', first.split('data-draft="lead-create"')[1])
    assert names == re.findall(r'name="(\w+)"', second.split('data-draft="lead-create"')[1])


def test_what_the_address_fills_in_is_shown(browse, cast):
    ben = browse(cast.ben)
    assert 'value="Grace"' not in ben.get("/leads/new").text
    assert 'value="Grace"' in ben.get("/leads/new?name=Grace").text
    assert 'value="Grace"' not in ben.get("/leads/new").text


def test_what_was_typed_and_what_is_wrong_are_shown(browse, cast):
    ben = browse(cast.ben)
    ben.get("/leads/new")
    answer = ben.post("/leads/new", {"name": "", "company": "Hopper", "email": "no address"})
    assert answer.status_code == 422
    assert 'value="Hopper"' in answer.text
    assert 'value="no address"' in answer.text
    assert "is-invalid" in answer.text


def test_another_language_is_drawn_for_itself(browse, cast):
    ben = browse(cast.ben)
    english = ben.get("/leads/new").text
    ben.post("/language", {"language": "zh"})
    chinese = ben.get("/leads/new").text
    assert ">Company" in english
    assert "公司" in chinese
    assert ">Company" not in chinese


def test_a_new_code_is_offered_at_once(browse, cast):
    ben, ines = browse(cast.ben), browse(cast.ines)
    assert "Podcast" not in ben.get("/leads/new").text
    values = {"key": "podcast", "name_en": "Podcast", "name_zh": "播客"}
    assert ines.post("/instructor/codes/source/add", values).status_code in (302, 303), "the form for a value"
    assert "Podcast" in ben.get("/leads/new").text
