"""What is made when something of it is first asked for is what it stands for."""

import re

import pytest

from labapp.late import Late, expression


def test_a_late_module_is_the_module() -> None:
    assert Late("json").dumps([1]) == "[1]"
    with pytest.raises(AttributeError):
        Late("json").nothing_of_the_kind  # noqa: B018 (asking is the point)


def test_a_late_expression_does_what_the_compiled_one_does() -> None:
    late, own = expression(r"(a)(b)?", re.IGNORECASE), re.compile(r"(a)(b)?", re.IGNORECASE)
    for _ in range(2):
        assert late.sub("-", "xABa") == own.sub("-", "xABa") == "x--"
        assert late.fullmatch("Ab") is not None
        assert late.fullmatch("b") is None
    assert late.groups == 2


def test_a_mistake_in_an_expression_shows_when_it_is_used() -> None:
    wrong = expression("(")
    with pytest.raises(re.error):
        wrong.search("x")
