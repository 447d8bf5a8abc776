"""The pages of reports: those of one kind, one report, and one as a file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.people.directory import Place
from labapp.records import looks
from labapp.records.codes import codes_of
from labapp.records.describe import Column, RecordType, Report, ReportRow
from labapp.records.export import table_file
from labapp.records.question import shown_columns
from labapp.records.report_families import family_of
from labapp.records.report_groups import group_of
from labapp.records.report_pages import page_of
from labapp.records.report_table import lines_of
from labapp.records.reports import Ask, ask_of, condition_names, people_offered, places_offered
from labapp.records.values import plain
from labapp.records.views.common import crumbs, open_type, page
from labapp.records.words import language
from labapp.values import dataclass

DRAWN = 60
bp = Blueprint("reports", __name__)


@dataclass(frozen=True)
class Input:
    """A condition as the form asks for it: `kind` is date, number or select."""

    name: str
    label: Any
    kind: str
    value: str = ""
    options: tuple[tuple[str, Any], ...] = ()


@bp.get("/<slug>/reports/")
def reports_of(slug: str) -> ResponseReturnValue:
    """The reports of one kind."""
    _actor, record_type = open_type(slug, "report")
    if not record_type.reports:
        abort(404)
    return render_template(
        "records/reports.html", kinds=[record_type], crumbs=crumbs(record_type, (_("Reports"), None))
    )


@bp.get("/<slug>/reports/<name>")
def report(slug: str, name: str) -> ResponseReturnValue:
    """One report: conditions, chart, table, and from every number to its records."""
    ask = asked(slug, name, paged=True)
    columns, rows = ask.report.columns(ask), ask.report.rows(ask)
    family, part = family_of(ask.record_type, ask.report), page_of(ask, rows, request.path, request.args)
    g.form_sandbox = ask.actor.sandbox_id
    answer = page(
        ask.record_type,
        "report",
        report=ask.report,
        ask=ask,
        columns=columns,
        rows=lines_of(ask, columns, part.lines),
        part=part,
        totals=lines_of(ask, columns, [row for row in rows if row.total]),
        chart=chart_of(ask, columns, rows),
        inputs=inputs_of(ask),
        exports=[
            (form.upper(), f"{request.path}.{form}?{request.query_string.decode()}")
            for form in ("csv", "xlsx")
        ],
        list_url=ask.address(ask.filters),
        family=family,
        may_keep=ask.actor.role != "observer",
        crumbs=[
            (_("Reports"), "/reports/"),
            (family.label, f"/reports/{family.name}"),
            (ask.report.label, None),
        ],
    )
    looks.looked(ask.actor, ask.record_type.name, "report", answers=answers_of(ask))
    return answer


@bp.get("/<slug>/reports/<name>.<any(csv, xlsx):form>")
def report_file(slug: str, name: str, form: str) -> ResponseReturnValue:
    """The table of a report as a file."""
    ask = asked(slug, name, "export")
    heads = [str(column.label) for column in ask.report.columns(ask)]
    rows = [line_of_file(row) for row in ask.report.rows(ask)]
    answer = table_file(form, str(ask.report.label), heads, rows)
    looks.looked(ask.actor, ask.record_type.name, "export", answers={**answers_of(ask), "format": form})
    return answer


def line_of_file(row: ReportRow) -> list[Any]:
    """The values of a line as a file has them, its mark behind the first."""
    first, *rest = ["" if value is None else plain(value) for value in row.values]
    return [f"{first} ({row.mark})" if row.mark else first, *rest]


def asked(slug: str, name: str, verb: str = "report", *, paged: bool = False) -> Ask:
    """The question in the address. Raises Refused; 404 where there is no such report."""
    actor, record_type = open_type(slug, verb)
    found = report_named(record_type, name) or abort(404)
    return ask_of(actor, record_type, found, request.args, paged=paged)


def report_named(record_type: RecordType, name: str) -> Report | None:
    return next((report for report in record_type.reports if report.name == name), None)


def answers_of(ask: Ask) -> dict[str, Any]:
    """What the log keeps of the question."""
    said = {name: values[0] if len(values) == 1 else list(values) for name, values in ask.said.items()}
    return {"report": ask.report.name, "group": ask.group, **said}


def chart_of(ask: Ask, columns: Sequence[Column], rows: Sequence[ReportRow]) -> dict[str, Any] | None:
    """The data of the chart; of the first group where the table has a line per record."""
    if ask.report.groups and not ask.group:
        ask = ask.grouped_by(ask.report.groups[1])
        columns, rows = ask.report.columns(ask), ask.report.rows(ask)
    lines = [row for row in rows if not row.total][:DRAWN]
    series = [place for place in ask.report.series if place < len(columns)]
    if not lines or not series:
        return None
    return {
        "labels": [str(line.values[0]) for line in lines],
        "series": [
            {"label": str(columns[place].label), "values": [number(line.values[place]) for line in lines]}
            for place in series
        ],
        "urls": [[address_at(ask, line, place) for line in lines] for place in series],
        "unit": "wan" if any(columns[place].money for place in series) else "",
    }


def number(value: Any) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value


def address_at(ask: Ask, line: ReportRow, place: int) -> str | None:
    link = line.links[place] if place < len(line.links) else line.links[0]
    return ask.address(link) if link is not None else None


def inputs_of(ask: Ask) -> list[Input]:
    """The form's inputs: conditions, then what to group by."""
    found = [_input(ask, name) for name in condition_names(ask.report)]
    groups = ask.report.groups
    if len(groups) > 1:
        options = tuple((name, group_label(ask, name)) for name in groups)
        found.append(Input("group", _("Group by"), "select", ask.group, options))
    return found


def group_label(ask: Ask, name: str) -> Any:
    return group_of(ask, name).label if name else _("One line per record")


def _input(ask: Ask, name: str) -> Input:
    said = ask.said.get(name, ("",))[0]
    if name in {"from", "to"}:
        label = shown_columns(ask.record_type)[ask.report.dated].label
        words = _("%(what)s from", what=label) if name == "from" else _("%(what)s to", what=label)
        return Input(name, words, "date", said)
    if name == "days":
        return Input(name, _("Days"), "number", str(ask.days))
    field = ask.record_type.fields.get(name)
    if field is not None and field.shape == "number":
        return Input(name, field.label, "number", said)
    return Input(name, condition_label(ask, name), "select", said, (("", _("All")), *options_of(ask, name)))


def condition_label(ask: Ask, name: str) -> Any:
    own = {"owner": _l("Owner"), "position": _l("Position and all below")}
    return own.get(name) or ask.record_type.fields[name].label


def options_of(ask: Ask, name: str) -> tuple[tuple[str, Any], ...]:
    """What a condition offers: the people and positions in sight, or the codes of the field."""
    actor: Actor = ask.actor
    if name == "owner":
        return tuple((m.key, f"{m.name} ({m.key})") for m in people_offered(actor, ask.record_type))
    if name == "position":
        return tuple((str(place.id), place_label(place)) for place in places_offered(actor))
    book = codes_of(actor.sandbox_id, actor.stamp)
    return tuple(book.choices(ask.record_type.fields[name].codes or "", language()))


def place_label(place: Place) -> str:
    depth = place.path.count("/") - 2
    return "\u2003" * max(depth, 0) + str(place.name(language()))
