"""Reading files: encodings, delimiters, workbooks, and what is refused."""

import io
import zipfile

import pytest
import xlsxwriter

from labapp.records.imports.tables import MOST_COLUMNS, BadTable, read_table

pytestmark = pytest.mark.usefixtures("app")
LINES = "名称,手机\n杭州电梯有限公司,13812345678\n"


def book(fill):
    """The bytes of a workbook that `fill(book, sheet)` has filled."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    fill(made, made.add_worksheet("客户"))
    made.close()
    return out.getvalue()


def cells(content, name="file.csv"):
    return [row.cells for row in read_table(content, name).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_is_read_in_every_encoding_that_excel_writes(encoding):
    assert cells(LINES.encode(encoding)) == [("名称", "手机"), ("杭州电梯有限公司", "13812345678")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    content = f'name{delimiter}amount\n\n"Acme, Ltd; x"{delimiter}1\n'.encode()
    assert cells(content) == [("name", "amount"), ("Acme, Ltd; x", "1")]


def test_rows_keep_the_number_they_have_in_the_file():
    table = read_table(b"\n\na,b\n\n\n1,2\n , \n3,4\n", "x.csv")
    assert [row.number for row in table.rows] == [3, 6, 8]


def test_a_workbook_gives_numbers_and_dates_as_a_person_types_them():
    def fill(made, sheet):
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["名称", "手机", "金额", "日期"])
        sheet.write_row(1, 0, ["杭州", 13812345678, 1234.5])
        sheet.write_number(1, 3, 46272, day)

    assert cells(book(fill), "a.xlsx")[1] == ("杭州", "13812345678", "1234.5", "2026-09-07")


def test_a_heading_merged_over_columns_stands_over_each_of_them():
    def fill(made, sheet):
        sheet.merge_range(0, 1, 0, 2, "联系方式")
        sheet.write_row(1, 0, ["名称", "手机", "邮箱"])

    assert cells(book(fill), "a.xlsx") == [("", "联系方式", "联系方式"), ("名称", "手机", "邮箱")]


def test_the_first_sheet_that_holds_anything_is_read():
    def fill(made, sheet):
        made.add_worksheet("second").write(0, 0, "here")

    assert read_table(book(fill), "a.xlsx").sheet == "second"


def test_a_sheet_that_claims_billions_of_cells_does_no_harm():
    def fill(made, sheet):
        sheet.write(0, 0, "a")
        sheet.write(1048575, 16383, "b")

    with pytest.raises(BadTable, match="cannot be read"):
        read_table(book(fill), "bomb.xlsx")


def test_an_archive_that_swells_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(300 * 1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(BadTable, match="too large when it is unpacked"):
        read_table(out.getvalue(), "bomb.xlsx")


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "0 bytes"),
        (b"\n \n,,\n", "a.csv", "nothing in this file"),
        (b"a,b", "a.exe", "Only CSV, XLSX and XLS"),
        (b"MZ\x90\x00", "a.csv", "no text"),
        (b"a,b\n\x01\x02", "a.csv", "no text"),
        (b"a,b", "../../etc/a.xlsx", "does not fit its ending"),
        (b"PK\x03\x04broken", "a.xlsx", "does not fit its ending"),
        (b"a,b", "a.xls", "does not fit its ending"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xlsx", "password"),
        (b"x," * MOST_COLUMNS + b"x,x", "a.csv", "more than 500 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, name, sentence):
    with pytest.raises(BadTable, match=sentence):
        read_table(content, name)
