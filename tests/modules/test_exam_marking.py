"""Drawing and marking a paper: pure, the same on every machine."""

from decimal import Decimal

import pytest

from labapp.modules.exams.drawing import drawn, questions_of
from labapp.modules.exams.marking import marked, most, plain, points_for, taken
from labapp.scenario.exams import read_exam
from tests.small import BANK

EXAM = read_exam(BANK)
BY_KEY = {question.key: question for question in EXAM.questions}


def paper(key="entry", seed=7, member="s001", number=1):
    return drawn(EXAM, EXAM.paper(key), seed, member, number)


def order(found):
    return [question["key"] for question in found["questions"]]


def test_the_same_seed_member_and_attempt_draw_the_same_paper():
    assert paper() == paper()
    assert paper("finals") == paper("finals")


def test_what_is_drawn_is_fixed_for_good():
    """A change here changes every paper that is drawn anew from a seed."""
    assert order(paper()) == ["q_number", "q_multiple", "q_text", "q_truth", "q_single"]


def test_other_members_and_attempts_get_other_papers():
    papers = {tuple(order(paper("finals", member=f"s{n:03d}"))) for n in range(40)}
    assert len(papers) > 10
    assert {tuple(order(paper("finals", number=n))) for n in range(20)} != {tuple(order(paper("finals")))}
    options = {
        tuple(
            o["key"]
            for q in paper(member=f"s{n}")["questions"]
            if q["key"] == "q_single"
            for o in q["options"]
        )
        for n in range(40)
    }
    assert len(options) == 6


def test_as_many_are_drawn_as_the_paper_says_and_none_twice():
    for number in range(30):
        keys = order(paper("finals", member=f"s{number}"))
        assert len(keys) == len(set(keys)) == 2


def test_a_paper_that_is_not_shuffled_keeps_the_order_of_the_bank():
    exam = read_exam(BANK.replace("shows: at_once", "shows: at_once\n    shuffle: false"))
    found = drawn(exam, exam.paper("entry"), 7, "s001", 1)
    assert order(found) == ["q_single", "q_multiple", "q_truth", "q_number", "q_text"]
    single = next(q for q in found["questions"] if q["key"] == "q_single")
    assert [option["key"] for option in single["options"]] == ["right_one", "wrong_one", "wrong_two"]


@pytest.mark.parametrize(
    ("key", "answer", "points"),
    [
        ("q_single", ["right_one"], "1.00"),
        ("q_single", ["wrong_one"], "0.00"),
        ("q_single", ["right_one", "wrong_one"], "0.00"),
        ("q_single", None, "0.00"),
        ("q_multiple", ["a", "b"], "3.00"),
        ("q_multiple", ["a"], "1.50"),
        ("q_multiple", ["a", "b", "c"], "1.50"),
        ("q_multiple", ["a", "c"], "0.00"),
        ("q_multiple", ["c"], "0.00"),
        ("q_multiple", None, "0.00"),
        ("q_truth", "false", "1.00"),
        ("q_truth", "true", "0.00"),
        ("q_truth", None, "0.00"),
        ("q_number", "1400", "2.00"),
        ("q_number", "1,400.5", "2.00"),
        ("q_number", "１４００", "2.00"),
        ("q_number", " ￥1 399.50 ", "2.00"),
        ("q_number", "1400.51", "0.00"),
        ("q_number", "-1400", "0.00"),
        ("q_number", "1e3", "0.00"),
        ("q_number", "NaN", "0.00"),
        ("q_number", "about 1400", "0.00"),
        ("q_number", "9" * 255, "0.00"),
        ("q_text", "A  Contact Person.", "1.00"),
        ("q_text", "联系人。", "1.00"),
        ("q_text", "ａ contact person", "1.00"),
        ("q_text", "contact", "0.00"),
        ("q_text", None, "0.00"),
    ],
)
def test_an_answer_earns_its_points(key, answer, points):
    assert points_for(BY_KEY[key], answer) == Decimal(points)


def test_without_partial_credit_it_is_all_or_nothing():
    question = BY_KEY["q_multiple"].model_copy(update={"partial": False})
    assert [points_for(question, answer) for answer in (["a"], ["a", "b"], ["b", "a", "c"])] == [0, 3, 0]


def test_a_third_of_a_point_is_rounded_half_up_once():
    question = BY_KEY["q_multiple"].model_copy(update={"points": Decimal("0.05")})
    assert points_for(question, ["a"]) == Decimal("0.03")


def test_a_paper_gives_the_sum_of_its_questions():
    questions = questions_of(paper())
    right = {
        "q_single": ["right_one"],
        "q_multiple": ["a", "b"],
        "q_truth": "false",
        "q_number": "1400",
        "q_text": "联系人",
    }
    assert sum(marked(questions, right).values()) == most(questions) == Decimal("8.00")


@pytest.mark.parametrize(
    ("key", "values", "kept"),
    [
        ("q_single", ["1"], ["right_one"]),
        ("q_single", ["2", "1"], ["right_one"]),
        ("q_single", ["9"], None),
        ("q_single", ["right_one"], None),
        ("q_single", ["-1", "99999999999"], None),
        ("q_multiple", ["3", "1", "1"], ["a", "c"]),
        ("q_multiple", [], None),
        ("q_truth", ["true"], "true"),
        ("q_truth", ["maybe"], None),
        ("q_text", ["  x " + "y" * 500], ("  x " + "y" * 500)[:255].strip()),
        ("q_text", ["   "], None),
        ("q_number", ["12"], "12"),
    ],
)
def test_a_form_is_taken_by_place_and_nothing_else(key, values, kept):
    assert taken(BY_KEY[key], values) == kept


def test_words_are_compared_without_case_width_and_blanks():
    assert plain("  Ａ　Contact\tPERSON！ ") == "a contact person"
