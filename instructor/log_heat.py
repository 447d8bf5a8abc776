"""The heat map of the log: how much each member did on each day, or in each hour of one day (product.md L4)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import bp, console_page, me
from instructor.log import places
from instructor.log_question import asked_day, members_asked, whole
from labapp.access.actor import Actor
from labapp.oplog import heat
from labapp.people.directory import Member
from labapp.records.words import language
from labapp.values import dataclass

DAYS, LEVELS, HOURS = 28, 5, 24
HERE = "/instructor/log/heat"


@dataclass(frozen=True)
class Column:
    """A day or an hour: what its head says, in short and in full, and where the head leads."""

    start: datetime
    short: str
    full: str
    url: str | None = None


@dataclass(frozen=True)
class Cell:
    """Steps in a column; `level` from 0 (none) to 5 (as many as the most on the page)."""

    count: int
    level: int
    url: str | None
    words: str


@dataclass(frozen=True)
class Line:
    """A member's row."""

    member: Member
    place: str
    cells: list[Cell]
    total: int


@bp.get("/log/heat")
@console_page("log")
def log_heat() -> ResponseReturnValue:
    """Days of up to four weeks, or with `day` its hours."""
    actor = me()
    day = asked_day(request.args.get("day", ""))
    first, last = span(actor)
    columns = hours_of(day) if day else days_of(first, last)
    found = lines_of(actor, columns, by_hour=day is not None)
    return render_template(
        "instructor/log_heat.html",
        columns=columns,
        lines=found,
        sums=[sum(line.cells[n].count for line in found) for n in range(len(columns))],
        day=day,
        first=first,
        last=last,
        pages=pages(actor, day, first, last),
        tree=[
            (p.id, "\u3000" * (p.path.count("/") - 2) + p.name(language())) for p in actor.directory.tree()
        ],
        position=whole(request.args.get("position", "")),
        crumbs=[(_("Operation log"), "/instructor/log"), (_("Heat map"), None)],
    )


def span(actor: Actor) -> tuple[date, date]:
    """The days asked for, both included, at most four weeks; else those up to the last step."""
    last = asked_day(request.args.get("until", "")) or g.sandbox.last_lab_at.date()
    since = asked_day(request.args.get("since", ""))
    earliest = last - timedelta(days=DAYS - 1)
    if since is None:
        since = min(last, max(earliest, g.sandbox.starts_at.date()))
    return max(min(since, last), earliest), last


def days_of(first: date, last: date) -> list[Column]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        Column(at, f"{day.month}-{day.day}", f"{day} {weekday(day)}", address(day=day))
        for day in days
        for at in [datetime.combine(day, time.min)]
    ]


def weekday(day: date) -> str:
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[day.weekday()]


def hours_of(day: date) -> list[Column]:
    start = datetime.combine(day, time.min)
    return [
        Column(start + timedelta(hours=n), f"{n}", f"{day} {n:02}:00–{n + 1:02}:00") for n in range(HOURS)
    ]


def lines_of(actor: Actor, columns: Sequence[Column], *, by_hour: bool) -> list[Line]:
    """A row for every student and whoever else did something, in the order of their keys."""
    width = timedelta(hours=1) if by_hour else timedelta(days=1)
    edges = [*(column.start for column in columns), columns[-1].start + width]
    counts = heat.counts(actor.sandbox_id, edges)
    active = {key for key, _number in counts}
    wanted, most, where = members_asked(actor), max(counts.values(), default=0), places(actor)
    shown = [
        member
        for member in sorted(actor.directory.by_key.values(), key=lambda member: member.key)
        if (wanted is None or member.key in wanted) and (member.role == "student" or member.key in active)
    ]
    return [
        Line(
            member,
            where[member.key],
            cells := [
                cell(member, column, counts.get((member.key, number), 0), most)
                for number, column in enumerate(columns)
            ],
            sum(one.count for one in cells),
        )
        for member in shown
    ]


def cell(member: Member, column: Column, count: int, most: int) -> Cell:
    """One cell; the link leads to the member's day, at the hour."""
    if not count:
        return Cell(0, 0, None, "")
    anchor = "" if column.url else f"?hour={column.start.hour}#h{column.start.hour:02}"
    url = f"/instructor/log/member/{member.key}/{column.start.date()}{anchor}"
    return Cell(count, level_of(count, most), url, f"{member.name}, {column.full}: {count}")


def level_of(count: int, most: int) -> int:
    """1 to 5, by the square root: a busy day does not pale all others."""
    return max(1, min(LEVELS, round(LEVELS * (count / most) ** 0.5)))


def address(**asked: Any) -> str:
    """This page with the filters it has, and these."""
    kept = {name: request.args[name] for name in ("member", "position") if request.args.get(name)}
    pairs = {**kept, **{name: str(value) for name, value in asked.items()}}
    return HERE + "?" + "&".join(f"{name}={value}" for name, value in pairs.items())


def pages(actor: Actor, day: date | None, first: date, last: date) -> dict[str, tuple[str, str] | None]:
    """Words and address of what comes before and after, and of the days from the hours."""
    if day is not None:
        before, behind = day - timedelta(days=1), day + timedelta(days=1)
        return {
            "before": (str(before), address(day=before)),
            "after": (str(behind), address(day=behind)) if behind <= actor.lab_now.date() else None,
        }
    size = timedelta(days=DAYS)
    earliest, begins = first - timedelta(days=1), g.sandbox.starts_at.date() - size
    until = min(last + size, actor.lab_now.date())
    return {
        "before": (_("Earlier"), address(until=earliest)) if earliest >= begins else None,
        "after": (_("Later"), address(until=until)) if until > last else None,
    }
