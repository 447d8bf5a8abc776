"""Inputs of new records are drawn once for all who see them alike; what somebody typed or was given is always shown."""

import re

from labapp.records import forms
from labapp.records.catalog import catalog


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


def test_nothing_of_one_form_is_in_the_next_that_is_alike(browse, cast):
    ben = browse(cast.ben)
    fresh = re.sub(r'value="[^"]*"', "", ben.get("/leads/new").text)
    assert ben.post("/leads/new", {"name": "", "company": "Hopper", "rating": "none"}).status_code == 422
    assert re.sub(r'value="[^"]*"', "", ben.get("/leads/new").text) == fresh
    assert re.sub(r'value="[^"]*"', "", browse(cast.cy).get("/leads/new").text).count("is-invalid") == 0


def test_fields_of_forms_that_are_alike_belong_to_their_own_form(app, cast):
    with app.test_request_context():
        actor, lead = cast.ben.actor, catalog()["lead"]
        first, second = (forms.record_form(actor, lead)(data={"name": name}) for name in ("Ada", "Grace"))
    assert (first.name.data, second.name.data) == ("Ada", "Grace")
    assert first.name is not second.name
    assert first.name._form is first
    assert second.name.meta is second.meta
