"""What the benchmarks count and reckon, where that needs no server."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from benchmarks import keep
from benchmarks.book import Book, Converted, Failure, Made, Sample
from benchmarks.measure import times_of
from benchmarks.numbers import percentile, spread
from benchmarks.results import Figure, Section, against, least, most, page_of
from benchmarks.told import Done, Row, compared
from benchmarks.wire import Reader, head_of, unchunked

TOLD = Book(made=[Made("s001", 7, "13000010001")], converted=[Converted("s001", 7, 3)])
ROWS = {7: Row(5, "13000010001", 3)}
STEPS = [Done("s001", "create", 5), Done("s001", "convert", 5)]


@pytest.mark.parametrize(("share", "value"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_a_percentile_of_few_values_is_their_last() -> None:
    assert percentile([3.0, 1.0, 2.0], 95) == 3.0


def test_a_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_a_spread_says_median_least_and_most() -> None:
    assert spread([2.0, 1.0, 4.0], "×") == "2.00× (1.00 to 4.00)"


def test_whatever_was_told_is_found_once() -> None:
    count = compared(TOLD, ROWS, STEPS)
    assert (count.told, count.lost, count.double, count.whole) == (2, 0, 0, True)


@pytest.mark.parametrize(
    ("rows", "steps"),
    [
        ({}, STEPS),
        ({7: replace(ROWS[7], mobile="13000010002")}, STEPS),
        ({7: replace(ROWS[7], customer=None)}, STEPS),
        (ROWS, STEPS[:1]),
        (ROWS, [Done("s002", "create", 5), STEPS[1]]),
    ],
)
def test_a_told_write_that_table_or_log_does_not_hold_is_lost(
    rows: dict[int, Row], steps: list[Done]
) -> None:
    assert compared(TOLD, rows, steps).lost >= 1


def test_a_write_that_stands_twice_is_double() -> None:
    twice = compared(TOLD, {**ROWS, 8: Row(6, "13000010001", None)}, STEPS)
    assert (twice.lost, twice.double) == (0, 1)
    assert compared(TOLD, ROWS, [*STEPS, STEPS[0]]).double == 1


def test_a_write_nobody_was_told_of_is_double_unless_its_answer_was_lost() -> None:
    rows, steps = {**ROWS, 8: Row(6, "13000010002", None)}, [*STEPS, Done("s001", "create", 6)]
    assert compared(TOLD, rows, steps).double == 1
    assert compared(replace(TOLD, unknown=1), rows, steps).whole


def test_a_window_holds_what_was_asked_for_in_it_and_counts_no_strip_as_a_page() -> None:
    asked = [
        Sample(1.0, "list", 10),
        Sample(2.0, "strip", 2),
        Sample(3.5, "list", 30),
        Sample(9.0, "list", 99),
    ]
    book = Book(samples=asked, failures=[Failure(2.5, "detail", "500")])
    window = book.between(1.0, 5.0)
    assert (window.pages, window.rate, window.background, len(window.failures)) == ([10, 30], 0.5, 0.25, 1)
    assert dict(window.by_page()) == {"list": [10, 30], "strip": [2]}


def test_an_answer_is_put_together_however_it_comes_in() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b; Path=/\r\n\r\nhello"
    for cut in range(1, len(raw)):
        given = []
        reader = Reader()
        reader._give = lambda head, body, given=given: given.append((head, body))  # type: ignore[method-assign, misc]
        reader.data_received(raw[:cut])
        assert given == []
        reader.data_received(raw[cut:])
        ((head, body),) = given
        assert (head.status, head.cookies, body) == (200, {"a": "b"}, b"hello")


def test_chunks_are_put_together() -> None:
    assert unchunked(b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n") == b"abcde"
    assert head_of(b'HTTP/1.1 304 Not Modified\r\nETag: "x"').get("etag") == '"x"'


def test_a_ratio_is_the_median_of_the_rounds_not_of_the_times() -> None:
    times = times_of([(1.0, 2.0), (2.0, 2.0), (1.0, 4.0)])
    assert (times.ratio, times.floor, times.page) == (2.0, 1.0, 2.0)
    assert against("list", times, 2).met is True
    assert against("list", times, 1.9).met is False


def test_figures_say_whether_they_are_met() -> None:
    assert most("errors", 0, 0, "").line == "| errors | 0 |  | ≤ 0 | met |"
    assert least("pages", 99.5, 100, "/s").line == "| pages | 99.50/s |  | ≥ 100/s | **not met** |"


def test_a_part_that_is_measured_again_takes_the_place_of_its_earlier_figures(tmp_path: Path) -> None:
    path, at = tmp_path / "figures.json", datetime.fromisoformat("2026-11-22T14:10")
    keep.keep("pages", keep.Kept(at, 0.5, [Figure("list", "3×")]), path)
    keep.keep("class", keep.Kept(at, 0.5, [Figure("p95", "90 ms", met=True)]), path)
    keep.keep("pages", keep.Kept(at, 0.1, [Figure("list", "2×")]), path)
    found = keep.read(path)
    assert {name: part.figures[0].measured for name, part in found.items()} == {
        "pages": "2×",
        "class": "90 ms",
    }
    assert found["pages"].load == 0.1


def test_the_page_has_a_section_for_every_part_with_its_own_date() -> None:
    at = datetime.fromisoformat("2026-11-22T14:10")
    page = page_of(
        [Section("A class", "As it is.", [Figure("p95", "90 ms")], at, 0.25)], ["A remark."], "Notes"
    )
    assert "## A class\n\n2026-11-22 14:10 UTC, load 0.2 when it began. As it is." in page
    assert "| p95 | 90 ms |  |  |  |" in page
    assert page.endswith("- A remark.\n\nNotes\n")
