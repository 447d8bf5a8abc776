"""Examinations in the console: who sits, what came of it, releasing results, the bank of questions (B12)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from instructor import exam_figures
from instructor.common import account_name, answer_again, back_to, bp, console_page, me
from instructor.scenario_edit import MOST_TEXT, lf, marks, version_of
from labapp import clock
from labapp.access.actor import actor_of
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.late import Late
from labapp.modules.exams import result
from labapp.modules.exams.drawing import questions_of
from labapp.modules.exams.granting import may_be_raised
from labapp.modules.exams.kinds import RELEASED, SHOWN
from labapp.modules.exams.models import Attempt, CourseExam, MoreAttempts
from labapp.modules.exams.sitting import exam_of
from labapp.notices.board import Words, tell
from labapp.oplog.append import Act, append_act
from labapp.people.models import ACTIVE, INSTRUCTOR, STUDENT, Course, Membership, Sandbox
from labapp.people.words import language
from labapp.records import looks
from labapp.records.export import table_file
from labapp.records.organisation import change_settings
from labapp.records.work import writing
from labapp.scenario.problems import BadScenario
from labapp.values import dataclass

if TYPE_CHECKING:
    from labapp.modules.exams.shape import Exam, Paper
    from labapp.scenario import check_exam
    from labapp.scenario import exams as said
else:
    check_exam, said = Late("labapp.scenario.check_exam"), Late("labapp.scenario.exams")

HERE = "/instructor/exams"
MOST_MORE = 20


@dataclass(frozen=True)
class Line:
    """A paper in the list."""

    paper: Paper
    sitting: int
    handed_in: int
    people: int
    mean: str
    released: bool


def course() -> Course:
    return db.session.get_one(Course, g.sandbox.course_id)


def exam_or_404() -> tuple[Exam, CourseExam]:
    """Raises NotFound where the course has none."""
    found = exam_of(g.sandbox.course_id)
    if found is None:
        raise NotFound(_("This course has no examination yet."))
    return found


def paper_or_404(key: str) -> tuple[Exam, CourseExam, Paper]:
    exam, row = exam_or_404()
    paper = exam.paper(key)
    if paper is None:
        raise NotFound(_("There is no such paper."))
    return exam, row, paper


@bp.get("/exams")
@console_page("exams")
def exams() -> ResponseReturnValue:
    """The papers of the course with how far they are."""
    g.form_sandbox = me().sandbox_id
    found = exam_of(g.sandbox.course_id)
    rows = []
    if found is not None:
        attempts = exam_figures.attempts_of(g.sandbox.course_id)
        rows = [line_of(paper, found[1], attempts) for paper in found[0].papers]
    return render_template(
        "instructor/exams.html",
        rows=rows,
        bank=found[0] if found else None,
        keeps_bank="bank" in me().console,
        crumbs=[(_("Examinations"), None)],
    )


def line_of(paper: Paper, row: CourseExam, attempts: list[Attempt]) -> Line:
    mine = [attempt for attempt in attempts if attempt.paper == paper.key]
    best = exam_figures.best_of(mine)
    return Line(
        paper,
        sum(attempt.is_open for attempt in mine),
        sum(not attempt.is_open for attempt in mine),
        len(best),
        exam_figures.mean_share(list(best.values())),
        paper.shows != RELEASED or paper.key in row.released,
    )


@bp.get("/exams/papers/<paper_key>")
@console_page("exams")
def exam_paper(paper_key: str) -> ResponseReturnValue:
    """One paper: every student of the course, and every question that was asked."""
    actor = me()
    g.form_sandbox = actor.sandbox_id
    exam, row, paper = paper_or_404(paper_key)
    attempts = exam_figures.attempts_of(g.sandbox.course_id, paper.key)
    given = given_for(paper.key)
    polled = "HX-Request" in request.headers
    return render_template(
        f"instructor/{'_exam_people' if polled else 'exam_paper'}.html",
        bank=exam,
        paper=paper,
        line=line_of(paper, row, attempts),
        people=exam_figures.people(
            students(), attempts, {key: row.more for key, row in given.items()}, paper
        ),
        minutes={key: row.minutes for key, row in given.items()},
        questions=exam_figures.questions(attempts, language()),
        spread=exam_figures.spread(attempts),
        now=clock.now(),
        short=result.short,
        crumbs=[(_("Examinations"), HERE), (paper.title.say(language()), None)],
    )


def students() -> list[Membership]:
    """Everybody who may sit papers of this course, with an account."""
    query = select(Membership).join(Sandbox, Sandbox.id == Membership.sandbox_id)
    query = query.where(
        Membership.course_id == g.sandbox.course_id,
        Membership.role == STUDENT,
        Membership.state == ACTIVE,
        Membership.account_id.is_not(None),
        Sandbox.replaced_at.is_(None),
    )
    return list(db.session.scalars(query.order_by(Membership.sandbox_id, Membership.key)))


def given_for(paper: str) -> dict[int, MoreAttempts]:
    """What students were given beyond what the paper says, by membership."""
    query = select(MoreAttempts).where(MoreAttempts.paper == paper)
    return {row.membership_id: row for row in db.session.scalars(query)}


@bp.get("/exams/papers/<paper_key>/results.<any(csv, xlsx):form>")
@console_page("exams")
def exam_table(paper_key: str, form: str) -> ResponseReturnValue:
    """The results of a paper as a table: a row a student, also who has not sat it."""
    _exam, _row, paper = paper_or_404(paper_key)
    attempts = exam_figures.attempts_of(g.sandbox.course_id, paper.key)
    heads = [
        _("Number"),
        _("Name"),
        _("Class"),
        _("Attempts"),
        _("Points"),
        _("Maximum"),
        _("Handed in (UTC)"),
    ]
    found = exam_figures.people(students(), attempts, {}, paper)
    return table_file(form, paper.title.say(language()), heads, map(exam_figures.table_row, found))


@bp.get("/exams/attempts/<int:attempt_id>")
@console_page("exams")
def exam_attempt(attempt_id: int) -> ResponseReturnValue:
    """One attempt with its answers and marks."""
    return attempt_page(attempt_or_404(attempt_id))


def attempt_page(found: Attempt, wrong: Mapping[int, str] = MappingProxyType({})) -> str:
    """`wrong`: what is said of the points typed for a question, by its place."""
    g.form_sandbox = me().sandbox_id
    member = db.session.get_one(Membership, found.membership_id)
    open_marks = [may_be_raised(found, question) for question in questions_of(found.drawn)]
    return render_template(
        "instructor/exam_attempt.html",
        attempt=found,
        member=member,
        outcomes=result.outcomes(found, language(), answers=True),
        by_hand={place for place, raised in enumerate(open_marks, start=1) if raised},
        wrong=wrong,
        short=result.short,
        crumbs=[
            (_("Examinations"), HERE),
            (found.drawn["paper"]["title"][language()], f"{HERE}/papers/{found.paper}"),
            (member.name or member.key, None),
        ],
    )


def attempt_or_404(attempt_id: int) -> Attempt:
    """Raises NotFound where it is none of this course's."""
    query = select(Attempt).where(Attempt.id == attempt_id, Attempt.course_id == g.sandbox.course_id)
    found = db.session.scalars(query).one_or_none() if attempt_id < 2**53 else None
    if found is None:
        raise NotFound(_("There is no such paper."))
    return found


@bp.post("/exams/papers/<paper_key>/<any(release, withdraw):verb>")
@console_page("exams")
def exam_release(paper_key: str, verb: str) -> ResponseReturnValue:
    """Let the students see the results of a paper, or no longer."""
    _exam, _row, paper = paper_or_404(paper_key)
    with writing():
        row = db.session.get_one(CourseExam, g.sandbox.course_id, populate_existing=True)
        released = {key: at for key, at in row.released.items() if key != paper_key}
        if verb == "release":
            released[paper_key] = clock.now().isoformat()
            if paper_key not in row.released:
                tell_all(paper)
        row.released = released
        noted(f"exam.{verb}", {"paper": paper_key})
    said = {
        "release": _("The results are released. Everybody who sat the paper has been told."),
        "withdraw": _("The results are hidden again."),
    }
    return back_to(f"{HERE}/papers/{paper_key}", said[verb])


def tell_all(paper: Paper) -> None:
    """A notice to everybody who sat the paper, in whatever sandbox of the course."""
    words = Words(
        f"The results of the paper “{paper.title.en}” are released.", f"试卷“{paper.title.zh}”的成绩已公布。"
    )
    sat = select(Attempt.sandbox_id, Attempt.membership_id).where(
        Attempt.course_id == g.sandbox.course_id,
        Attempt.paper == paper.key,
        Attempt.submitted_at.is_not(None),
    )
    by_sandbox: dict[int, set[int]] = {}
    for sandbox_id, member in db.session.execute(sat):
        by_sandbox.setdefault(sandbox_id, set()).add(member)
    for sandbox in db.session.scalars(select(Sandbox).where(Sandbox.id.in_(by_sandbox))):
        tell(sandbox.id, sorted(by_sandbox[sandbox.id]), "exam", words, clock.lab_now(sandbox), "/exams/")


def noted(action: str, details: dict[str, Any]) -> None:
    row = course()
    append_act(Act(action, account_name(), row.name, row.title, details, request.remote_addr or ""))


# -- the bank ----------------------------------------------------------------------------------------


@bp.get("/exams/bank")
@console_page("bank")
def exam_bank() -> ResponseReturnValue:
    """Papers and questions as text."""
    row = db.session.get(CourseExam, g.sandbox.course_id)
    return bank_page(row.text if row is not None else "", row.version if row is not None else 0)


def bank_page(text: str, version: int, **more: Any) -> str:
    g.form_sandbox = me().sandbox_id
    return render_template(
        "instructor/exam_bank.html",
        text=text,
        version=version,
        crumbs=[(_("Examinations"), HERE), (_("Question bank"), None)],
        **more,
    )


@bp.post("/exams/bank")
@console_page("bank")
def exam_bank_save() -> ResponseReturnValue:
    """Check and save; where there are mistakes nothing is saved and what was typed is kept."""
    text = lf(request.form.get("text", ""))
    version = version_of(request.form.get("version"))
    if len(text) > MOST_TEXT:
        too_long = _("At most %(most)s characters.", most=f"{MOST_TEXT:,}")
        return answer_again(Invalid(too_long), bank_page(text, version, sentence=too_long))
    try:
        exam = said.read_exam(text, course().rubric)
    except BadScenario as bad:
        sentence = _("Nothing was saved. Correct these mistakes; your text is kept below.")
        page = bank_page(text, version, sentence=sentence, problems=marks(bad, check_exam.FILE))
        return answer_again(Invalid(sentence), page)
    with writing():
        row = db.session.get(CourseExam, g.sandbox.course_id, populate_existing=True)
        newest = row.version if row is not None else 0
        if newest == version:
            put(row, text, exam)
    if newest != version:
        sentence = _("Somebody changed the question bank while you were editing it.")
        row = db.session.get_one(CourseExam, g.sandbox.course_id, populate_existing=True)
        page = bank_page(text, newest, sentence=sentence, newest=row.text)
        return answer_again(Invalid(sentence), page)
    return back_to(
        f"{HERE}/bank", _("The question bank is saved. Papers that were drawn before stay as they are.")
    )


def put(row: CourseExam | None, text: str, exam: Exam) -> None:
    """Put an examination in force, in the running transaction."""
    if row is None:
        content = exam.model_dump(mode="json")
        db.session.add(CourseExam(course_id=g.sandbox.course_id, text=text, content=content))
    elif row.text != text:
        said.change_exam(row, text, exam)
    show_in_menus()
    noted("exam.edit", {"papers": [paper.key for paper in exam.papers], "questions": len(exam.questions)})


def show_in_menus() -> None:
    """The menu of every sandbox of the course has the page from now on: a step in each that has it not yet."""
    mine = select(Membership.sandbox_id, Membership.id).where(
        Membership.course_id == g.sandbox.course_id,
        Membership.account_id == g.account.id,
        Membership.role == INSTRUCTOR,
        Membership.state == ACTIVE,
    )
    for sandbox_id, membership_id in db.session.execute(mine).all():
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        if sandbox.state == "open":
            change_settings(actor_of(sandbox, membership_id), looks.source(), {SHOWN: True})


@bp.get("/exams/exam.yaml")
@console_page("bank")
def exam_download() -> ResponseReturnValue:
    """The question bank as a file: part of a scenario for next term."""
    _exam, row = exam_or_404()
    answer = Response(row.text, mimetype="application/yaml")
    answer.headers["Content-Disposition"] = 'attachment; filename="exam.yaml"'
    return answer
