"""docs/features.md tells the truth: every page and every test it names is there, and no function is left out."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| (F\d{3}) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", re.M)
ROWS = ROW.findall((ROOT / "docs" / "features.md").read_text("utf-8"))
STATES = ("done", "partly: ", "not yet: ")
CODE = re.compile(r"`([^`]+)`")
PAGES = sorted({code for row in ROWS for code in CODE.findall(row[4]) if code.startswith("/")})
TESTS = sorted({code for row in ROWS for code in CODE.findall(row[5])})
STANDARD = ("edit", "clone", "transfer", "delete")


@cache
def defined(file: str) -> frozenset[str]:
    """The functions of a file of tests."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_function_of_the_teaching_system_has_one_row_in_order() -> None:
    numbers = [row[0] for row in ROWS]
    assert numbers[:190] == [f"F{number:03}" for number in range(1, 191)]
    assert numbers == sorted(set(numbers))


def test_every_row_says_how_it_stands_and_what_is_there_is_shown_by_a_test() -> None:
    for number, *_names, state, where, tests in ROWS:
        assert state == "done" or state.startswith(STATES[1:]), number
        assert state.startswith("not yet") or (where and CODE.findall(tests)), number


def test_every_test_named_exists() -> None:
    assert [name for name in TESTS if name.partition("::")[2] not in defined(name.partition("::")[0])] == []


def test_every_page_named_exists(app_once: Flask) -> None:
    assert [page for page in PAGES if not is_there(app_once, page)] == []


def is_there(app: Flask, page: str) -> bool:
    """Whether a rule answers this address, and for a kind whether it has such a verb or report."""
    try:
        values = values_of(app, re.sub(r"<\w+>", "1", page.partition("?")[0]))
    except NotFound:
        return False
    if "slug" not in values:
        return True
    kinds = [known for known in app.extensions["catalog"].values() if known.slug == values["slug"]]
    return all(
        values.get("verb", "edit") in {*STANDARD, *(action.name for action in known.actions)}
        and values.get("name", "") in {"", *(report.name for report in known.reports)}
        for known in kinds
    ) and bool(kinds)


def values_of(app: Flask, path: str) -> dict[str, Any]:
    """What the rule of this address reads from it. Raises NotFound if there is none."""
    urls = app.url_map.bind("localhost")
    try:
        return dict(urls.match(path, "GET")[1])
    except MethodNotAllowed:
        return dict(urls.match(path, "POST")[1])


@pytest.mark.parametrize(
    "page", ["/no/such/page/at/all", "/wishes/", "/leads/reports/wishes", "/leads/<id>/wish"]
)
def test_a_page_that_is_not_there_is_noticed(app_once: Flask, page: str) -> None:
    assert not is_there(app_once, page)
