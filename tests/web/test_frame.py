"""The frame: places, rows, headers, static files, and redirects as fetched forms read them."""

import gzip
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup
from werkzeug.datastructures import Headers

from labapp.web.navigation import NavItem, initials, local_path, mark_active, sections
from labapp.web.rows import table_rows


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "leads",
        "javascript:alert(1)",
        "/a\r\nb",
        "",
        None,
    ],
)
def test_next_never_leaves_the_site(target: str | None) -> None:
    assert local_path(target, "/home") == "/home"


def test_next_keeps_path_and_query() -> None:
    assert local_path("/leads/?q=王&sort=name#row") == "/leads/?q=王&sort=name"


def test_the_longest_address_is_the_active_entry() -> None:
    items = (
        NavItem("Home", "/", "house"),
        NavItem("Leads", "/leads/", "person"),
        NavItem("R", "/leads/reports", "x"),
    )
    active = [item.label for item in mark_active(items, "/leads/reports/status") if item.active]
    assert active == ["R"]


def test_home_is_active_on_home_only() -> None:
    items = (NavItem("Home", "/", "house"),)
    assert [mark_active(items, path)[0].active for path in ("/", "/leads/")] == [True, False]


def test_entries_are_cut_where_the_group_changes() -> None:
    items = [NavItem("a", "/a", "x", group="S"), NavItem("b", "/b", "x", group="S"), NavItem("c", "/c", "x")]
    assert [(part.group, len(part.entries)) for part in sections(items)] == [("S", 2), ("", 1)]


@pytest.mark.parametrize(
    ("name", "sign"), [("王小芳", "小芳"), ("李娜", "娜"), ("Ada Byron", "AB"), ("Ada", "A"), (" ", "?")]
)
def test_initials(name: str, sign: str) -> None:
    assert initials(name) == sign


def rows_of(*cells: Any, form: str | None = "bulk") -> str:
    row = SimpleNamespace(id=7, url="/leads/7?a=1&b=2", cells=cells)
    headers = [SimpleNamespace(numeric=False, whole=False), SimpleNamespace(numeric=True, whole=False)]
    return table_rows(headers, [row], form, "Select")


def test_a_row_escapes_what_is_not_markup() -> None:
    made = rows_of('<b>"x"</b>', Markup("<i>1</i>"))
    assert "&lt;b&gt;" in made
    assert '<td class="num"><i>1</i></td>' in made
    assert '<a href="/leads/7?a=1&amp;b=2">' in made


def test_the_check_box_says_which_row_without_breaking_its_attribute() -> None:
    assert 'aria-label="Select say &#34;hi&#34;"' in rows_of(Markup('<em>say "hi"</em>'), 1)


def test_a_first_cell_with_a_link_gets_no_second_one() -> None:
    assert rows_of(Markup('<a href="/x">x</a>'), 1, form=None).count("<a ") == 1


def test_every_answer_carries_the_policy(app: Flask) -> None:
    answer = app.test_client().get("/login")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def fetch(app: Flask, address: str, encoding: str) -> tuple[bytes, Headers]:
    with app.test_client().get(address, headers={"Accept-Encoding": encoding}) as answer:
        return answer.data, answer.headers


def test_a_bundle_is_compressed_and_kept_for_a_year(app: Flask) -> None:
    address = app.jinja_env.globals["bundle_url"]("core", "js")
    plain, as_plain = fetch(app, address, "identity")
    small, as_small = fetch(app, address, "gzip")
    assert gzip.decompress(small) == plain
    assert "Accept-Encoding" in as_small["Vary"]
    assert "immutable" in as_small["Cache-Control"]
    assert as_small["ETag"] != as_plain["ETag"]


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/vendor/made-from.sha256", "/static/nothing.js"]
)
def test_nothing_else_is_served(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_first_visit_to_a_list_weighs_less_than_200_kib(app: Flask) -> None:
    """Compressed: style, theme, script, icons, mark (the figure of benchmarks/RESULTS.md)."""
    words = app.jinja_env.globals
    pieces = [words["bundle_url"](*one) for one in (("core", "css"), ("core", "js"), ("theme", "js"))]
    pieces += [words["asset_url"](name) for name in ("vendor/icons.svg", "img/mark.svg")]
    weight = sum(len(fetch(app, piece, "gzip")[0]) for piece in pieces)
    assert weight < 200 * 1024


def test_a_fetched_form_is_told_where_to_go_instead_of_redirected(app: Flask) -> None:
    answer = app.test_client().post(
        "/language", data={"language": "en", "next": "/login"}, headers={"X-Requested-With": "labapp"}
    )
    assert (answer.status_code, answer.headers["X-Labapp-Location"]) == (204, "/login")
    assert "Location" not in answer.headers


def test_the_notices_page_holds_every_licence(app: Flask) -> None:
    page = app.test_client().get("/licences").get_data(as_text=True)
    assert all(name in page for name in ("bootstrap", "chart.js", "htmx.org", "sortablejs", "tom-select"))
