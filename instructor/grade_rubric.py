"""The rubric as text: checked on save, tried as a what-if, put into force; its versions (product.md L5).

Nothing is written before it is put into force. The text travels in the form, and a draft stays in the browser.
"""

import difflib
from decimal import Decimal
from typing import Any

from flask import abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from instructor.common import (
    account_name,
    answer_again,
    asks,
    back_to,
    bp,
    console_page,
    me,
    wrong_answers,
)
from instructor.gradebook import HERE as GRADES
from instructor.gradebook import crumbs, members_asked, sandboxes, ways
from labapp.access.errors import Invalid
from labapp.gradebook import running
from labapp.gradebook.book import Book, book_of_course
from labapp.gradebook.figures import pass_rate, statistics
from labapp.gradebook.ledger import marks_of
from labapp.gradebook.models import RubricVersion
from labapp.gradebook.rubric_check import FILE, MOST, checked, plain
from labapp.gradebook.rubrics import parsed, put_in_force, rubric_text, version_of, versions_of
from labapp.gradebook.runs import run
from labapp.gradebook.what_if import DOWN, UP, WhatIf, what_if
from labapp.grading import BadRubric, Problem, Rubric, Vocabulary
from labapp.oplog.append import Act
from labapp.people.words import language
from labapp.records.catalog import catalog, vocabulary

HERE = f"{GRADES}/rubric"


@bp.get("/grades/rubric")
@console_page("grades")
def grades_rubric() -> ResponseReturnValue:
    """The text in force, to be read by all who grade and changed by instructors; its versions."""
    number = request.args.get("version", "")
    text = (
        version_or_404(int(number)).content
        if number.isdecimal() and len(number) < 16
        else rubric_text(g.sandbox)
    )
    return rubric_page(text)


def rubric_page(text: str, **more: Any) -> str:
    g.form_sandbox = g.sandbox.id
    shown: dict[str, Any] = {"problems": [], "found": None, "problem": ""} | more
    return render_template(
        "instructor/grades_rubric.html",
        text=text,
        in_force=rubric_text(g.sandbox) == text,
        may_change="rubrics" in me().console,
        versions=versions_of(g.sandbox.course_id),
        ways=ways("rubric"),
        crumbs=crumbs((_("Rubric"), None)),
        **shown,
    )


@bp.post("/grades/rubric")
@console_page("rubrics")
@asks(lambda error, **_view: rubric_page(typed(), problem=str(error)))
def rubric_try() -> ResponseReturnValue:
    """What this text would do: nothing is written. With its mistakes instead, where it has any."""
    text = typed_or_refused()
    rubric, problems = checked(text, words(), g.sandbox)
    if rubric is None or problems:
        return answer_again(wrong_answers(), rubric_page(text, problems=lines(problems)))
    found = compared(rubric)
    return rubric_page(text, found=found, charts=charts(found), **figures_of(found))


@bp.post("/grades/rubric/force")
@console_page("rubrics")
@asks(lambda error, **_view: rubric_page(typed(), problem=str(error)))
def rubric_force() -> ResponseReturnValue:
    """From now on this text counts, and the grader runs by it. The one in force again writes nothing."""
    text = typed_or_refused()
    rubric, problems = checked(text, words(), g.sandbox)
    if rubric is None or problems:
        return answer_again(wrong_answers(), rubric_page(text, problems=lines(problems)))
    reason = " ".join(request.form.get("reason", "").split())[:500]
    if not reason:
        raise Invalid(_("Say why the rubric changes: it stands in the administration log."))
    details = {"sha256": rubric.digest, "reason": reason}
    course = g.sandbox.name.partition("/")[0]
    act = Act("rubric.force", account_name(), course, course, details, request.remote_addr or "")
    if not put_in_force(g.sandbox.course_id, text, act):
        return back_to(HERE, _("This rubric is in force already; nothing was written."), "info")
    if running.is_long(sandboxes()):
        running.ask(g.sandbox.course_id, None, g.account.id)
        return back_to(GRADES, _("The rubric is in force. The grader is at work by it."))
    stored = [run(sandbox) for sandbox in sandboxes()]
    count = sum(len(one.result["results"]) for one in stored)
    graded = ngettext(
        "The rubric is in force. %(num)s student was graded by it.",
        "The rubric is in force. %(num)s students were graded by it.",
        count,
    )
    return back_to(GRADES, graded)


@bp.get("/grades/rubric/force")
@console_page("grades")
def grades_rubric_forced() -> ResponseReturnValue:
    """Where the address of a refused form leads that is loaded again."""
    return redirect(HERE)


@bp.get("/grades/rubric/<int:number>")
@console_page("grades")
def grades_rubric_version(number: int) -> ResponseReturnValue:
    """One version, and what it changed against the one before."""
    found = version_or_404(number)
    older = [version for version in versions_of(g.sandbox.course_id) if version.id < found.id]
    before = older[0] if older else None
    return render_template(
        "instructor/grades_version.html",
        version=found,
        before=before,
        diff=difference(before.content, found.content) if before else [],
        may_change="rubrics" in me().console,
        crumbs=crumbs((_("Rubric"), HERE), (found.sha256[:12], None)),
    )


def version_or_404(number: int) -> RubricVersion:
    return version_of(g.sandbox.course_id, number) or abort(404)


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that changed, with three around them: sign (+, -, blank, @) and text."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return [(row[0], row[1:] if row[0] != "@" else row) for row in list(rows)[2:]]


# -- the text --------------------------------------------------------------------------------------


def typed() -> str:
    return plain(request.form.get("text", ""))


def typed_or_refused() -> str:
    """The text that was sent. Raises Invalid for none, and for one that no rubric is as long as."""
    text = typed()
    if not text:
        raise Invalid(_("Write the rubric: an empty one grades nobody."))
    if len(text) > MOST:
        raise Invalid(_("A rubric has at most %(most)s characters.", most=f"{MOST:,}"))
    return text


def words() -> Vocabulary:
    """The kinds, verbs and fields of this machine."""
    return Vocabulary.of(vocabulary(catalog()))


def lines(problems: list[Problem]) -> list[tuple[int, str]]:
    """The mistakes as `labapp scenario check` prints them: line and sentence with file and line."""
    return [(one.line, f"{FILE}:{one.line}: {getattr(one.text, language())}") for one in problems]


# -- the what-if -----------------------------------------------------------------------------------


def compared(rubric: Rubric) -> WhatIf:
    """The class under the rubric in force and under this one. Stores nothing."""
    members = members_asked()
    after = book_of_course(rubric, members)
    marks: dict[tuple[str, str, int], Decimal] = {}
    for sandbox, own in members:
        marks |= {key: mark for key, mark in marks_of(sandbox.id).items() if key[0] in own}
    return what_if(before_of(after, members), after, marks)


def before_of(after: Book, members: Any) -> Book:
    """The book as it stands; where no readable rubric is in force, as it would be."""
    try:
        rubric = parsed(rubric_text(g.sandbox))
    except BadRubric:
        rubric = None
    return after if rubric is None else book_of_course(rubric, members)


def charts(found: WhatIf) -> dict[str, Any]:
    """The histogram: how many members in each part of the maximum, before and after."""
    return {
        "labels": [label for label, _old, _new in found.spread],
        "series": [
            {"label": _("Now"), "values": [old for _label, old, _new in found.spread]},
            {"label": _("With this rubric"), "values": [new for _label, _old, new in found.spread]},
        ],
    }


def figures_of(found: WhatIf) -> dict[str, Any]:
    """The figures of both books, and who crosses the pass line."""
    return {
        "tasks": {task.key: task for book in (found.before, found.after) for task in book.rubric.tasks},
        "was": statistics([line.points for line in found.before.lines]),
        "will": statistics([line.points for line in found.after.lines]),
        "passed": (pass_rate(found.before), pass_rate(found.after)),
        "up": found.crossed(UP),
        "down": found.crossed(DOWN),
    }
