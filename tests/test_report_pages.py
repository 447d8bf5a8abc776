"""The lines of a report in pages: every line is on one of them, whatever it is about."""

import re

import pytest

from labapp.records import report_kinds, report_pages, reports

NUMBER = re.compile(r'<th scope="row"><a href="/customers/(\d+)">')


@pytest.fixture
def short(monkeypatch):
    """Pages of three lines."""
    for module in (reports, report_kinds, report_pages):
        monkeypatch.setattr(module, "AT_ONCE", 3)


@pytest.fixture
def eight(cast, make):
    levels = ("key", "ordinary", "small", None)
    made = (make("customer", cast.ben, level=levels[n % 4], province=f"P{n}").id for n in range(8))
    return sorted(made, reverse=True)


def pages(reader, path) -> list[str]:
    """The pages from the first on, as a reader walks them."""
    found = []
    while path:
        found.append(reader.get(path).get_data(as_text=True))
        more = re.search(r'rel="next" href="([^"]+)"', found[-1])
        path = more[1].replace("&amp;", "&") if more else ""
    return found


def test_every_record_is_on_one_page(cast, eight, short, browse):
    """Newest first, once each; the total is that of all on every page."""
    found = pages(browse(cast.ben), "/customers/reports/mine?level=")
    assert [len(NUMBER.findall(page)) for page in found] == [3, 3, 2]
    assert [int(n) for page in found for n in NUMBER.findall(page)] == eight
    assert all("Total: 8" in page for page in found)
    assert "Lines 4 to 6 of 8" in found[1]
    assert 'rel="prev"' not in found[1]
    assert 'rel="prev"' in found[2]


def test_every_group_is_on_one_page(cast, eight, short, browse):
    found = pages(browse(cast.ben), "/customers/reports/source?group=province")
    assert len(found) == 3
    assert sorted(re.findall(r'scope="row"><a[^>]+>(P\d)<', "".join(found))) == [f"P{n}" for n in range(8)]


def test_a_page_keeps_the_question(cast, eight, short, browse):
    found = pages(browse(cast.ben), "/customers/reports/mine?level=key&level=ordinary")
    assert [len(NUMBER.findall(page)) for page in found] == [3, 1]
    assert "level=key&amp;level=ordinary" in found[1]


def test_a_file_has_every_line(cast, eight, short, browse):
    content = browse(cast.ben).get("/customers/reports/mine.csv?page=2").get_data(as_text=True)
    assert len(content.strip().splitlines()) == 10  # titles, eight customers, the total


@pytest.mark.parametrize("page", ["0", "-1", "x", "2x", "9" * 30, ""])
def test_what_is_no_page_is_the_first(cast, eight, short, browse, page):
    found = browse(cast.ben).get(f"/customers/reports/mine?page={page}").get_data(as_text=True)
    assert [int(n) for n in NUMBER.findall(found)] == eight[:3]


def test_behind_the_last_page(cast, eight, short, browse):
    found = browse(cast.ben).get("/customers/reports/mine?page=7").get_data(as_text=True)
    assert "There are no lines on this page." in found
    assert NUMBER.findall(found) == []


def test_a_short_report_has_no_pages(cast, eight, browse):
    assert "report-part" not in browse(cast.ben).get("/customers/reports/mine").get_data(as_text=True)
