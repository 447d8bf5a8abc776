"""Grades as files: the forms of Canvas and Moodle, their own files filled in, and whom these do not know.

Ada, Ben, Cy and Dee are students with numbers 1s001 … 1s004 and e-mail addresses name@school.test.
"""

import csv
import io
import re

import pytest

from tests.grading_class import worked  # noqa: F401 (a fixture)
from tests.instructor.test_grades import page
from tests.tables import everything, moved

HERE = "/instructor/grades/files"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,First week (4711),Quiz (4712),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,15,10,(read only)
"Ben",11,1s002,ben,A,,-1.5,80
"Cy",12,,cy@school.test,A,3,,
"Test, Student",13,,9a8b7c,A,,,
"""
MOODLE = """\
First name,Surname,ID number,Institution,Department,Email address,Week one (Real),Last downloaded from this course
Ben,B,1s002,,,somebody@else.test,-,1790000000
Cy,C,,,,CY@school.test,-,1790000000
Eve,E,,,,eve@school.test,7.50,1790000000
"""


@pytest.fixture
def ines(worked):  # noqa: F811
    """Ben has 10 of 15 (the essay is unmarked), Cy 5."""
    return worked


def rows_of(answer) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def send(browser, text: str, name: str = "grades.csv", **form):
    return browser.post(HERE, {"file": (io.BytesIO(text.encode()), name), **form})


def kept(answer) -> str:
    from html import unescape

    assert answer.status_code == 200, answer.text
    return unescape(re.search(r'name="kept" value="([^"]*)"', answer.text).group(1))


def test_a_new_file_for_canvas_has_its_columns_and_the_points_possible(ines):
    rows = rows_of(ines.get(f"{HERE}/canvas.csv"))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Course autumn-a"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "15.0"]
    assert ["Ben", "", "1s002", "ben@school.test", "", "10.00"] in rows
    each = rows_of(ines.get(f"{HERE}/canvas.csv?what=tasks"))
    assert each[0][5:] == ["Course autumn-a: Make two leads", "Course autumn-a: Essay"]
    assert each[1][5:] == ["10.0", "5.0"]


def test_a_new_file_for_moodle_has_address_number_and_grade(ines):
    rows = rows_of(ines.get(f"{HERE}/moodle.csv"))
    assert rows[0] == ["Email address", "ID number", "Course autumn-a"]
    assert ["cy@school.test", "1s003", "5.00"] in rows


def test_the_file_of_canvas_comes_back_filled_and_otherwise_as_it_was(ines):
    stands = everything()
    shown = send(ines, CANVAS)
    assert "First week (4711)" in shown.text
    assert "2 students found" in shown.text
    assert moved(stands) == [], "nothing of it is kept"
    form = {"kept": kept(shown), "target": "5", "what": "", "download": "1"}
    rows = rows_of(ines.post(HERE, form))
    before = list(csv.reader(io.StringIO(CANVAS)))
    assert rows[0] == before[0]
    assert [row[5] for row in rows[1:]] == ["Manual Posting", "15.0", "10.00", "5.00", ""]
    for row, old in zip(rows[1:], before[1:], strict=True):
        assert [cell.strip() for cell in row[:5] + row[6:]] == [cell.strip() for cell in old[:5] + old[6:]]


def test_only_columns_of_assignments_can_be_filled(ines):
    shown = send(ines, CANVAS)
    places = re.findall(r'<option value="(\d+)"', shown.text)
    assert places == ["5", "6"]
    for target in ("0", "7", "99", "x"):
        assert ines.post(HERE, {"kept": kept(shown), "target": target, "download": "1"}).status_code == 422


def test_the_file_of_moodle_is_matched_by_number_and_by_address(ines):
    shown = send(ines, MOODLE)
    rows = rows_of(ines.post(HERE, {"kept": kept(shown), "what": "make", "download": "1"}))
    assert [row[6] for row in rows[1:]] == ["10.00", "5.00", "7.50"]
    percent = rows_of(ines.post(HERE, {"kept": kept(shown), "what": "%", "download": "1"}))
    assert [row[6] for row in percent[1:]] == ["100.00", "50.00", "7.50"]


def test_moodle_in_chinese_is_read_too(ines):
    rows = rows_of(
        ines.post(
            HERE, {"kept": kept(send(ines, "姓名,学号,电子邮件地址,第一周\n本,1s002,,\n")), "download": "1"}
        )
    )
    assert rows[1][3] == "10.00"


def test_those_who_match_nobody_are_listed_both_ways(ines):
    shown = re.sub(r"\s+", " ", send(ines, CANVAS).text)
    strangers, missing = shown.split("In this course, but not in the file")
    assert "Test, Student · 13 · 9a8b7c" in strangers
    for name in ("Ada", "Dee"):
        assert name in missing
    assert "Ben" not in missing.split("</ul>")[0]


def test_two_with_one_address_are_matched_to_nobody():
    from dataclasses import dataclass

    from labapp.gradebook.lms import Person, fill, sheet_of

    @dataclass(frozen=True)
    class Nobody:
        points: int = 3
        max: int = 5

    twins = [Person(Nobody(), "1", "same@school.test"), Person(Nobody(), "2", "same@school.test")]
    sheet = sheet_of([["Email address", "Grade"], ["same@school.test", ""]])
    found = fill(sheet, twins, 1, "", 5)
    assert (found.matched, len(found.strangers), len(found.missing)) == (0, 1, 2)


def test_no_cell_is_a_formula(ines):
    text = 'Student,ID,SIS User ID,SIS Login ID,Section,Week (1)\n"=HYPERLINK(1)",1,1s002,x,"@A",\n'
    rows = rows_of(ines.post(HERE, {"kept": kept(send(ines, text)), "download": "1"}))
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert rows[1][4] == "'@A"


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("a,b\n1,2\n", "x.csv", "neither a gradebook of Canvas nor of Moodle"),
        ("Student,ID,SIS User ID,SIS Login ID,Section\n", "x.csv", "no column for an assignment"),
        ("", "x.csv", "empty"),
        ("x", "x.pdf", "Only CSV, XLSX and XLS"),
    ],
)
def test_other_files_are_refused_in_words(text, name, sentence, ines):
    answer = send(ines, text, name)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ines.post(HERE, {}).status_code == 422
    assert ines.post(HERE, {"kept": "{"}).status_code == 400


@pytest.mark.parametrize("name", ["olga", "ben", "ada"])
def test_files_are_closed_to_all_who_do_not_grade(name, ines, browse, cast):
    browser = browse(getattr(cast, name))
    for url in (HERE, f"{HERE}/canvas.csv", f"{HERE}/moodle.csv"):
        assert browser.get(url).status_code == 403
    assert send(browser, CANVAS).status_code == 403
    assert "For Canvas" in page(browse(cast.tess), HERE)
