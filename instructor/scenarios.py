"""Scenarios in the console: what is there, what each brings, copies of one's own (product.md L1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import account_name, answer_again, back_to, bp, staff_page
from instructor.scenario_view import MODES, View, clock_of, events_of, short, view_of
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.late import Late
from labapp.people.models import Account
from labapp.people.words import language
from labapp.scenario.files import Files
from labapp.scenario.library import looked_at, scenarios_for
from labapp.scenario.models import ScenarioCopy
from labapp.scenario.problems import BadScenario
from labapp.scenario.zipped import MOST_BYTES, unzipped, zipped
from labapp.values import dataclass

if TYPE_CHECKING:
    from labapp.scenario import copies
    from labapp.scenario.copies import By
    from labapp.scenario.read import Scenario
else:
    copies = Late("labapp.scenario.copies")

HERE = "/instructor/scenarios"


@dataclass(frozen=True)
class Line:
    """A scenario in the list. `copy` None: it ships with the program or lies in the instance folder."""

    key: str
    view: View | None
    problems: tuple[str, ...]
    copy: ScenarioCopy | None
    owner: str
    editable: bool


def by() -> By:
    return copies.By(g.account, account_name(), request.remote_addr or "")


@bp.get("/scenarios")
@staff_page("scenarios")
def scenario_list() -> ResponseReturnValue:
    """The scenarios that are there, each with what it brings or what is wrong with it."""
    g.form_sandbox = None
    rows = [line_of(key, files) for key, files in scenarios_for(g.account).items()]
    own = [line for line in rows if line.copy is not None]
    shipped = [line for line in rows if line.copy is None]
    return render_template(
        "instructor/scenarios.html", own=own, shipped=shipped, crumbs=[(_("Scenarios"), None)]
    )


def line_of(key: str, files: Files) -> Line:
    found, copy = looked_at(files), copies.copy_of(g.account, key)
    mine = copy is not None and copy.owner_account_id == g.account.id
    owner = db.session.get(Account, copy.owner_account_id) if copy is not None and not mine else None
    return Line(
        key,
        None if isinstance(found, BadScenario) else view_of(found),
        lines(found) if isinstance(found, BadScenario) else (),
        copy,
        owner.name if owner is not None else "",
        copy is not None and copies.may_edit(g.account, copy),
    )


def lines(bad: BadScenario) -> tuple[str, ...]:
    """Every mistake in the reader's language, with file and line."""
    return tuple(
        f"{problem.file}:{problem.line}: {getattr(problem.text, language())}" for problem in bad.problems
    )


def files_or_404(key: str) -> Files:
    """The files of a scenario that the account may look at. Raises NotFound."""
    found = scenarios_for(g.account).get(key)
    if found is None:
        raise NotFound(_("There is no such scenario among yours."))
    return found


def scenario_or_404(key: str) -> Scenario:
    """A scenario that can be opened. Raises NotFound, also where it has mistakes: the list names them."""
    found = looked_at(files_or_404(key))
    if isinstance(found, BadScenario):
        raise NotFound(_("This scenario has mistakes; the list of scenarios names them."))
    return found


@bp.get("/scenarios/<scenario_key>")
@staff_page("scenarios")
def scenario_page(scenario_key: str) -> ResponseReturnValue:
    """One scenario: brief, tasks, positions, volumes, timeline, papers, and a look at its data."""
    g.form_sandbox = None
    found = looked_at(files_or_404(scenario_key))
    line = line_of(scenario_key, files_or_404(scenario_key))
    if isinstance(found, BadScenario):
        return render_template("instructor/scenario_bad.html", line=line, crumbs=crumbs(scenario_key, None))
    return render_template(
        "instructor/scenario.html",
        line=line,
        scenario=found,
        view=view_of(found),
        short=short,
        clock=clock_of(found),
        events=events_of(found),
        modes=[str(MODES[mode]) for mode in found.said.modes],
        crumbs=crumbs(found.title.say(language()), None),
    )


def crumbs(title: str, address: str | None, *more: tuple[str, str | None]) -> list[Any]:
    return [(_("Scenarios"), HERE), (title, address), *more]


@bp.get("/scenarios/<scenario_key>.zip")
@staff_page("scenarios")
def scenario_zip(scenario_key: str) -> ResponseReturnValue:
    """All files of a scenario as one zip that `upload` takes."""
    found = scenario_or_404(scenario_key)
    answer = Response(zipped(found.key, found.texts), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.key}.zip"'
    return answer


@bp.post("/scenarios/<scenario_key>/copy")
@staff_page("scenarios")
def scenario_copy(scenario_key: str) -> ResponseReturnValue:
    """A copy of one's own, which can be changed."""
    key = copies.make_copy(by(), scenario_or_404(scenario_key), scenario_key)
    return back_to(
        f"{HERE}/{key}/edit", _("This copy is yours. Change what you like; courses are opened from it.")
    )


@bp.get("/scenarios/upload")
@staff_page("scenarios")
def scenario_upload() -> ResponseReturnValue:
    """Choose a zip."""
    return upload_page()


def upload_page(problems: tuple[str, ...] = (), sentence: str = "") -> str:
    g.form_sandbox = None
    return render_template(
        "instructor/scenario_upload.html",
        problems=problems,
        sentence=sentence,
        crumbs=crumbs(_("Upload a scenario"), None),
    )


@bp.post("/scenarios/upload")
@staff_page("scenarios")
def scenario_take_in() -> ResponseReturnValue:
    """Make a copy of one's own from a zip; one that has mistakes is refused with all of them, and nothing is kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return answer_again(Invalid(_("Choose a zip file.")), upload_page(sentence=_("Choose a zip file.")))
    content = file.stream.read(MOST_BYTES + 1)
    file.close()
    if len(content) > MOST_BYTES:
        sentence = _("The zip is larger than 8 MiB; a scenario is text.")
        return answer_again(Invalid(sentence), upload_page(sentence=sentence))
    try:
        key = copies.take_in(by(), unzipped(content, file.filename[-60:]), file.filename)
    except BadScenario as bad:
        sentence = _("Nothing was taken in. Correct these mistakes and send the zip again.")
        return answer_again(Invalid(sentence), upload_page(lines(bad), sentence))
    return back_to(f"{HERE}/{key}", _("The scenario is yours now."))


@bp.post("/scenarios/<scenario_key>/<any(share, unshare):verb>")
@staff_page("scenarios")
def scenario_share(scenario_key: str, verb: str) -> ResponseReturnValue:
    """Open a copy to every instructor of this server, or close it again."""
    copies.share(by(), scenario_key, verb == "share")
    said = {
        "share": _("Every instructor of this server may look at it now, open courses from it and copy it."),
        "unshare": _("Only you see it now. Courses that were opened from it go on."),
    }
    return back_to(f"{HERE}/{scenario_key}", said[verb])


@bp.post("/scenarios/<scenario_key>/delete")
@staff_page("scenarios")
def scenario_delete(scenario_key: str) -> ResponseReturnValue:
    """Throw a copy away; courses keep what they were opened from."""
    copies.throw_away(by(), scenario_key)
    return back_to(HERE, _("The scenario is deleted. Courses that were opened from it go on."))


@bp.get("/scenarios/schemas/<any(scenario, records, timeline, rubric, walkthrough, exam):name>.json")
@staff_page("scenarios")
def scenario_schema(name: str) -> ResponseReturnValue:
    """The JSON Schema of a file, for an editor."""
    from labapp.scenario.schemas import FOLDER

    path = FOLDER / f"{name}.json"
    return Response(path.read_bytes(), mimetype="application/schema+json") if path.is_file() else abort(404)
