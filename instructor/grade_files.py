"""Grades as files: a table, the forms of Canvas and Moodle, and the file of one of these filled in (product.md L7)."""

import json
from typing import Any

from flask import abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from instructor.common import asks, bp, console_page, me
from instructor.gradebook import HERE as GRADES
from instructor.gradebook import crumbs, members_asked, readable_book, ways
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.gradebook import lms
from labapp.gradebook.book import Book, table
from labapp.gradebook.lms import Filled, NoSheet, Person, Sheet
from labapp.people.models import Account, Course, Membership
from labapp.records import looks
from labapp.records.export import table_file
from labapp.records.imports.tables import BadTable, read_table
from labapp.web.coach import said

HERE = f"{GRADES}/files"
KEPT = 1_800_000  # bytes of a file that travels in the form: ten thousand people
FORMS = {lms.CANVAS: "Canvas", lms.MOODLE: "Moodle"}


@bp.get("/grades/export.<any(csv, xlsx):form>")
@console_page("grades")
def grades_export(form: str) -> ResponseReturnValue:
    """The gradebook as a file: automatic points with the words of people applied."""
    found = readable_book()
    looks.looked(me(), "session", "export", answers={"what": "grades", "format": form})
    heads, rows = table(found)
    return table_file(form, _("Grades"), heads, rows)


@bp.get("/grades/files")
@console_page("grades")
def grades_files() -> ResponseReturnValue:
    """What can be taken away, and a place to put the file of another system."""
    return files_page()


def files_page(error: Invalid | None = None, **more: Any) -> str:
    found = readable_book()
    shown: dict[str, Any] = {"sheet": None, "filled": None} | more
    return render_template(
        "instructor/grades_files.html",
        book=found,
        whats=whats(found),
        what=request.values.get("what", lms.TOTAL),
        forms=FORMS,
        problem=str(error) if error else "",
        ways=ways("files"),
        crumbs=crumbs((_("Files"), None)),
        **shown,
    )


def whats(book: Book) -> list[tuple[str, str]]:
    """What can go out: the total, the percentage, each task."""
    tasks = [(task.key, said(task.title)) for task in book.rubric.tasks]
    return [(lms.TOTAL, _("Total points")), (lms.PERCENT, _("Percentage")), *tasks]


@bp.get("/grades/files/<any(canvas, moodle):system>.csv")
@console_page("grades")
def grades_files_form(system: str) -> ResponseReturnValue:
    """A new file in the form of Canvas or Moodle: the total alone, or each task in a column of its own."""
    found, title = readable_book(), course_title()
    each = [(task.key, f"{title}: {said(task.title)}") for task in found.rubric.tasks]
    columns = [(lms.TOTAL, title)] if request.args.get("what") != "tasks" else each
    looks.looked(me(), "session", "export", answers={"what": "grades", "format": system})
    known = people(found)
    heads, rows = lms.canvas(found, known, columns) if system == lms.CANVAS else lms.moodle(known, columns)
    return table_file("csv", f"{title} {FORMS[system]}", heads, rows)


def course_title() -> str:
    return db.session.execute(select(Course.title).where(Course.id == g.sandbox.course_id)).scalar_one()


def people(book: Book) -> list[Person]:
    """The students with the number and e-mail of their accounts, and their class."""
    ids = {membership_id for _sandbox, own in members_asked() for membership_id in own.values()}
    query = (
        select(Membership.id, Membership.class_name, Account.email, Account.number)
        .outerjoin(Account, Account.id == Membership.account_id)
        .where(Membership.course_id == g.sandbox.course_id)
    )
    known = {row.id: row for row in db.session.execute(query) if row.id in ids}
    found = []
    for line in book.lines:
        row = known[line.membership_id]
        number = row.number or line.member.number or ""
        found.append(Person(line, number, row.email or "", row.class_name or ""))
    return found


# -- the file of another system --------------------------------------------------------------------


@bp.post("/grades/files")
@console_page("grades")
@asks(lambda error, **_view: files_page(error))
def grades_files_read() -> ResponseReturnValue:
    """Read the file of Canvas or Moodle and show whom it names; or give it back filled. Nothing of it is kept."""
    sheet = sheet_sent()
    if not sheet.targets:
        raise Invalid(_("This file has no column for an assignment. Make one there first, and export again."))
    found, what = readable_book(), request.form.get("what", lms.TOTAL)
    if what not in dict(whats(found)):
        raise Invalid(_("There is no such task in the rubric."))
    target = target_sent(sheet)
    filled = lms.fill(sheet, people(found), target, what, lms.maximum(found, what))
    if not request.form.get("download"):
        carried = json.dumps([list(sheet.heads), *map(list, sheet.rows)], ensure_ascii=False)
        if len(carried.encode()) > KEPT:
            raise Invalid(_("This file is larger than a gradebook of a course."))
        return files_page(sheet=sheet, filled=filled, target=target, carried=carried)
    return download(sheet, filled)


def download(sheet: Sheet, filled: Filled) -> ResponseReturnValue:
    looks.looked(me(), "session", "export", answers={"what": "grades", "format": sheet.form})
    return table_file("csv", f"{course_title()} {FORMS[sheet.form]}", filled.heads, filled.rows)


def sheet_sent() -> Sheet:
    """The table that was sent: as a file, or the one that travels in the form since. Raises Invalid."""
    kept = request.form.get("kept", "")
    try:
        return lms.sheet_of(rows_kept(kept) if kept else rows_of_file())
    except NoSheet:
        raise Invalid(
            _(
                "This is neither a gradebook of Canvas nor of Moodle: there is no column with the e-mail address or the"
                " number of the students."
            )
        ) from None


def rows_of_file() -> list[tuple[str, ...]]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(_("Choose a file."))
    most = int(current_app.config["UPLOAD_LIMIT"])
    content = sent.stream.read(most + 1)
    if len(content) > most:
        raise Invalid(_("This file is too large: at most %(most)s MiB.", most=most // (1024 * 1024)))
    try:
        return [row.cells for row in read_table(content, sent.filename).rows]
    except BadTable as error:
        raise Invalid(str(error)) from error


def rows_kept(kept: str) -> list[tuple[str, ...]]:
    """The rows that travelled in the form; 400 where they are not as they were sent."""
    try:
        rows = json.loads(kept)
        if all(isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in rows):
            return [tuple(row) for row in rows]
    except (ValueError, TypeError, RecursionError):
        pass
    abort(400)


def target_sent(sheet: Sheet) -> int:
    """The column to fill: the one chosen, else the last of those that can take grades."""
    text = request.form.get("target", "")
    if not text:
        return sheet.targets[-1]
    if not text.isdecimal() or len(text) > 5 or int(text) not in sheet.targets:
        raise Invalid(_("Choose one of the columns of the file."))
    return int(text)
