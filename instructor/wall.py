"""The class wall: students × tasks as it is now, who is stuck, and a hint to one or to many (product.md L6)."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor import wall_hints
from instructor.common import back_to, bp, console_page, me
from instructor.gradebook import member_or_404, sandboxes
from instructor.grades import evidence
from labapp import clock
from labapp.gradebook import wall
from labapp.gradebook.rubrics import rubric_of
from labapp.gradebook.wall import Row, Wall
from labapp.grading import BadRubric
from labapp.people.directory import directory_of
from labapp.people.words import language
from labapp.records.stepwords import act_label, kind_label
from labapp.values import dataclass

__all__ = ["wall_hints"]
HERE = "/instructor/wall/"
MINUTES = (3, 5, 10, 15, 30)
USUAL = 5
FRESH = timedelta(minutes=10)
ORDERS = ("seat", "name", "points", "stuck")


@dataclass(frozen=True)
class Wish:
    """How the wall is wanted: all of it stands in the address, so that a bookmark keeps it."""

    big: bool = False
    names: bool = True
    vacant: bool = False
    minutes: int = USUAL
    order: str = "seat"

    def address(self, page: str = "", **other: Any) -> str:
        """The same wall, or one of its parts, with something changed."""
        asked = {**vars(self), **other}
        usual = vars(Wish())
        query = {name: _plain(value) for name, value in asked.items() if value != usual[name]}
        return HERE + page + (f"?{urlencode(query)}" if query else "")


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def wish() -> Wish:
    """What the address asks for; what means nothing there is as usual."""
    args = request.args
    minutes = args.get("minutes", "")
    order = args.get("order", "")
    return Wish(
        big=args.get("big") == "1",
        names=args.get("names") != "0",
        vacant=args.get("vacant") == "1",
        minutes=int(minutes) if minutes in map(str, MINUTES) else USUAL,
        order=order if order in ORDERS else "seat",
    )


@bp.get("/wall/", strict_slashes=False)
@console_page("wall")
def wall_page() -> ResponseReturnValue:
    """The wall with everything around it."""
    wanted = wish()
    return render_template(
        "instructor/wall.html",
        **shown(wanted),
        minutes=MINUTES,
        orders={"seat": _("Seat"), "name": _("Name"), "points": _("Points"), "stuck": _("Stuck first")},
        crumbs=[(_("Class wall"), None)],
    )


@bp.get("/wall/rows")
@console_page("wall")
def wall_rows() -> Response:
    """The students alone, for renewal in place: 304 while nothing has changed, at the cost of three statements."""
    wanted = wish()
    tag = tag_of(wanted)
    if request.if_none_match.contains(tag):
        answer = make_response("", 304)
        answer.set_etag(tag)
        return answer
    values = shown(wanted)
    answer = make_response(render_template("instructor/wall_rows.html", **values))
    found: Wall | None = values["wall"]
    answer.set_etag(tag if found is None or found.whole else f"{tag}-part")
    return answer


def tag_of(wanted: Wish) -> str:
    """A name for what the wall shows: it moves with logs, members, ledger and rubric, and with the minutes gone by."""
    minute = clock.now().replace(second=0).isoformat()
    told = [wall.stamp(sandboxes()), vars(wanted), language(), minute]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def shown(wanted: Wish) -> dict[str, Any]:
    """What the templates need; `wall` None: there is no rubric, or `problem` says why it cannot be read."""
    found, problem = None, ""
    try:
        rubric = rubric_of(g.sandbox)
    except BadRubric as error:
        rubric, problem = None, str(error)
    if rubric is not None:
        found = wall.wall_of(sandboxes(), rubric, wanted.minutes, vacant=wanted.vacant)
    seats = {row.member.id: number for number, row in enumerate(found.rows if found else (), start=1)}
    rows = in_order(found.rows, wanted.order) if found else []
    entries = [entry(row, seats[row.member.id]) for row in rows]
    return {
        "wall": found,
        "problem": problem,
        "wish": wanted,
        "rows": entries,
        "several": len(sandboxes()) > 1,
        "columns": columns(found) if found else [],
        "state_of": wall.state_of,
        "percent": wall.percent,
        "own_share": wall.own_share,
        "active": sum(one["fresh"] for one in entries),
    }


def in_order(rows: tuple[Row, ...], order: str) -> list[Row]:
    """The students as they are wanted; by seat they come as they sit, sandbox by sandbox."""
    keys: dict[str, Any] = {
        "name": lambda row: row.member.name,
        "points": lambda row: -(row.line.points if row.line else 0),
        "stuck": lambda row: (row.stuck is None, row.line is None, row.done),
    }
    return sorted(rows, key=keys[order]) if order in keys else list(rows)


def entry(row: Row, number: int) -> dict[str, Any]:
    """A student for the templates. `fresh`: has done something within the last ten minutes."""
    key = row.member.key
    places = [row_place.name(language()) for row_place in places_of(row)]
    return {
        "row": row,
        "number": number,
        "url": f"/instructor/log/member/{key}"
        if row.sandbox.id == me().sandbox_id
        else f"/instructor/grades/{key}",
        "place": places[0] if places else "",
        "ago": ago(row.last.at if row.last else None),
        "fresh": row.last is not None and clock.now() - row.last.at < FRESH,
        "why": why_stuck(row),
    }


def places_of(row: Row) -> list[Any]:
    directory = directory_of(row.sandbox)
    return [directory.places[one] for one in row.member.positions if one in directory.places]


def ago(at: datetime | None) -> str:
    """How long ago in real time, in whole minutes, hours or days."""
    if at is None:
        return str(_("never"))
    gone = max(clock.now() - at, timedelta(0))
    minutes = int(gone.total_seconds() // 60)
    if minutes < 1:
        return str(_("just now"))
    if minutes < 60:
        return str(_("%(count)s min", count=minutes))
    if minutes < 48 * 60:
        return str(_("%(count)s h", count=minutes // 60))
    return str(_("%(count)s d", count=minutes // 1440))


def why_stuck(row: Row) -> str:
    """In words, '' for one who is not."""
    if row.stuck is None:
        return ""
    again = row.stuck.again
    if again is None:
        return str(_("nothing for %(count)s min", count=row.stuck.minutes))
    what = f"{kind_label(again.kind)} · {act_label(again.kind, again.verb)}"
    if again.outcome == "invalid":
        return str(_("three times invalid: %(what)s", what=what))
    return str(_("three times refused: %(what)s", what=what))


def columns(found: Wall) -> list[dict[str, Any]]:
    """The tasks, and how many students have done each."""
    return [
        {
            "task": task,
            "done": sum(
                len(row.cells) > place and wall.state_of(row.cells[place]) == wall.DONE for row in found.rows
            ),
        }
        for place, task in enumerate(found.rubric.tasks)
    ]


@bp.get("/wall/<key>/<task>")
@console_page("wall")
def wall_cell(key: str, task: str) -> ResponseReturnValue:
    """A task of a student: what is done, what is missing, with the steps that show it; and a hint to give."""
    sandbox, member = member_or_404(key)
    try:
        rubric = rubric_of(sandbox)
    except BadRubric:
        rubric = None
    place = next((n for n, one in enumerate(rubric.tasks) if one.key == task), None) if rubric else None
    if rubric is None or place is None:
        abort(404)
    line = wall.line_now(sandbox, rubric, member)
    if line is None:
        return back_to(HERE, _("This student is still being counted. Try again in a moment."), "info")
    return render_template(
        "instructor/wall_cell.html",
        member=member,
        sandbox=sandbox,
        here=sandbox.id == me().sandbox_id,
        cell=line.cells[place],
        state=wall.state_of(line.cells[place]),
        evidence=evidence([line], sandbox),
        crumbs=[(_("Class wall"), HERE), (member.name, None)],
    )
