"""What a scenario may not say of places, likeness, dirt and truth, or in its walkthrough, is named by line."""

import pytest

from labapp.scenario import blanks, check_values
from labapp.scenario.read import read_scenario
from tests.test_scenario_reading import FILES, WORDS, change, mistakes

INVENTED = "    invent: true\n"


@pytest.fixture
def folder(tmp_path):
    """A small scenario without a mistake."""
    place = tmp_path / "tiny"
    place.mkdir()
    for name, text in FILES.items():
        (place / name).write_text(text, "utf-8")
    return place


def add(folder, more):
    """Give the first record these lines."""
    change(folder, "records.yaml", "    kind: lead\n", "    kind: lead\n" + more)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (INVENTED + "    place: atlantis\n", "'atlantis' is none of"),
        (INVENTED + "    dirt: [mud]\n", "'mud' is none of"),
        (INVENTED + "    like: visit\n", "'visit' is none of"),
        ("    place: hangzhou\n", "'place' needs invent: true"),
        ("    dirt: [short_name]\n", "'dirt' needs invent: true"),
    ],
)
def test_what_cannot_be_invented_is_named(folder, more, expected):
    add(folder, more)
    found = mistakes(folder)
    assert any(expected in line and line.startswith("records.yaml:") for line in found), found


def test_what_can_be_invented_is_taken(folder):
    add(folder, INVENTED + "    place: hangzhou\n    dirt: [short_name, short_mobile]\n")
    change(
        folder, "records.yaml", "{en: Li Na, zh: 李娜}", '{en: "Li {right.mobile}", zh: "李 {right.mobile}"}'
    )
    assert read_scenario(folder, WORDS).records[0].dirt == ("short_name", "short_mobile")


def test_a_truth_about_no_field_is_named(folder):
    change(folder, "records.yaml", "{en: Li Na, zh: 李娜}", '{en: "Li {right.shoe}", zh: "李 {right.shoe}"}')
    assert any("'shoe' is none of" in line for line in mistakes(folder))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("{right: nothing}", "'nothing' is none of"),
        ("{id_of: 3}", "id_of is {kind: …, find: …}"),
        ("{id_of: {kind: unicorn, last: true}}", "'unicorn' is none of"),
        ("[{ref: no}]", "'no' is none of"),
        ("{what: ever}", "an answer is a value"),
    ],
)
def test_answers_of_the_walkthrough_are_checked(folder, answer, expected):
    change(folder, "walkthrough.yaml", "key: good}}", f"key: good}}, answers: {{x: {answer}}}}}")
    found = mistakes(folder)
    assert any(expected in line and line.startswith("walkthrough.yaml:") for line in found), found


def test_the_right_value_of_a_field_is_an_answer(folder):
    change(folder, "walkthrough.yaml", "key: good}}", "key: good}, answers: {mobile: {right: mobile}}}")
    assert read_scenario(folder, WORDS).acts[0].answers == {"mobile": {"right": "mobile"}}


def test_a_form_without_its_page_is_named(folder):
    change(folder, "walkthrough.yaml", "key: good}}", "key: good}, form: code-add}")
    assert any("a form needs the page it is on: look" in line for line in mistakes(folder))


def test_every_blank_that_may_be_written_can_be_filled_in():
    assert set(blanks.BLANKS) == set(check_values.BLANKS)
