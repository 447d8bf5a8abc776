"""What the pages of an import show, and what a person says on them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db.fields import Field
from labapp.records.codes import codes_of
from labapp.records.describe import RecordType
from labapp.records.export import table_file
from labapp.records.imports import store
from labapp.records.imports.models import (
    BACK,
    CHECKED,
    CHECKING,
    CREATE,
    DONE,
    ERROR,
    READING,
    RUNNING,
    SENT,
    SKIP,
    UNDOING,
    UNDONE,
    UPDATE,
    ImportRun,
)
from labapp.records.imports.notation import DAY_FIRST, MONTH_FIRST
from labapp.records.imports.targets import fields_for, telling
from labapp.records.words import language
from labapp.values import dataclass

EXAMPLES, PROBLEMS, FIRST_ROWS = 3, 50, 20
STATES: dict[str, tuple[Any, str]] = {
    READING: (_l("being read"), "secondary"),
    SENT: (_l("columns to be matched"), "info"),
    CHECKING: (_l("being checked"), "info"),
    CHECKED: (_l("checked, not imported"), "warning"),
    RUNNING: (_l("running"), "info"),
    DONE: (_l("imported"), "success"),
    UNDOING: (_l("being undone"), "info"),
    UNDONE: (_l("undone"), "secondary"),
}
FATES: dict[str, tuple[Any, str]] = {
    CREATE: (_l("new"), "success"),
    UPDATE: (_l("changed"), "info"),
    SKIP: (_l("left out"), "secondary"),
    ERROR: (_l("error"), "danger"),
    BACK: (_l("undone"), "secondary"),
}
TWINS = {
    SKIP: _l("leave the row out"),
    UPDATE: _l("change the record that is there"),
    CREATE: _l("create a second one"),
}
DATES = {
    "": _l("do not guess, report them as errors"),
    DAY_FIRST: _l("the day first: 9 July"),
    MONTH_FIRST: _l("the month first: September 7"),
}
SHOWN_BY_SHAPE: dict[str, str] = {
    "mobile": "13812345678",
    "phone": "0571-88123456",
    "email": "name@company.com",
    "url": "www.company.com",
    "money": "1200000.00",
    "number": "120",
    "percent": "50",
    "day": "2026-09-30",
    "moment": "2026-09-30 14:30",
}
SHOWN_BY_NAME: dict[str, Any] = {
    "name": _l("Wang Fang"),
    "company": _l("Hangzhou West Lake Lifts Co., Ltd."),
    "city": _l("Hangzhou"),
    "province": _l("Zhejiang"),
    "postcode": "310000",
    "code": "P-1001",
    "unit": _l("piece"),
}


@dataclass(frozen=True)
class Line:
    """An import in a list: who brought what, where it stands, and how many rows by fate."""

    run: ImportRun
    by: str
    state: Any
    tone: str
    counts: list[tuple[Any, str, int]]


def line_of(run: ImportRun, actor: Actor) -> Line:
    member = actor.directory.members.get(run.membership_id)
    label, tone = STATES[run.state]
    counts = [(*FATES[fate], run.counts[fate]) for fate in FATES if run.counts.get(fate)]
    return Line(run, member.name if member else "—", label, tone, counts)


# -- the columns ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of the file: its place, title and first values, and the field it is taken for."""

    place: int
    letter: str
    title: str
    examples: list[str]
    chosen: str


@dataclass(frozen=True)
class MappingForm:
    """What the page of the columns asks."""

    columns: list[Column]
    fields: list[tuple[str, Any, bool]]
    telling: list[tuple[str, Any]]
    twins: dict[str, Any]
    dates: dict[str, Any]
    missing: list[Any]
    unknown: list[str]
    options: Mapping[str, str]


def mapping_form(
    actor: Actor, record_type: RecordType, run: ImportRun, typed: Mapping[str, str] | None = None
) -> MappingForm:
    """The columns of a run with their first values, and the fields they can become; `typed`: as they were sent."""
    shapes = fields_for(record_type, actor)
    said = (
        {str(place): typed.get(f"c{place}", "") for place in range(len(run.heads))} if typed else run.mapping
    )
    rows = store.rows(run.id, after=run.head_row, limit=EXAMPLES)
    columns = [
        Column(place, letters(place), title, _examples(rows, place), said.get(str(place), ""))
        for place, title in enumerate(run.heads)
        if title or any(_examples(rows, place))
    ]
    chosen = set(said.values())
    needed = [s for s in shapes.values() if s.required and s.default is None and s.name not in chosen]
    return MappingForm(
        columns,
        [(name, shape.label, shape.required) for name, shape in shapes.items()],
        [(name, shapes[name].label) for name in telling(shapes, record_type, shapes)],
        TWINS,
        DATES,
        [shape.label for shape in needed],
        [column.title or column.letter for column in columns if not column.chosen],
        {**run.options, **(typed or {})},
    )


def _examples(rows: Sequence[Any], place: int) -> list[str]:
    return [row.cells[place][:60] for row in rows if place < len(row.cells) and row.cells[place]]


def letters(place: int) -> str:
    """The letters that a spreadsheet gives a column: 0 is A, 26 is AA."""
    text, left = "", place + 1
    while left:
        left, rest = divmod(left - 1, 26)
        text = chr(65 + rest) + text
    return text


def said_columns(
    actor: Actor, record_type: RecordType, run: ImportRun, form: Mapping[str, str]
) -> dict[str, Any]:
    """The mapping and the options as the form says them. Raises Invalid for two columns of one field, or none."""
    shapes = fields_for(record_type, actor)
    mapping: dict[str, str] = {}
    for place in range(len(run.heads)):
        name = form.get(f"c{place}", "")
        if name not in shapes:
            continue
        if name in mapping.values():
            raise Invalid(_("Two columns are imported as “%(field)s”. Choose one.", field=shapes[name].label))
        mapping[str(place)] = name
    if not mapping:
        raise Invalid(_("Choose a field for at least one column."))
    by, twins = form.get("by", ""), form.get("twins", SKIP)
    options = {
        "by": by if by in telling(shapes, record_type, mapping.values()) else "",
        "twins": twins if twins in TWINS else SKIP,
        "dates": form.get("dates", "") if form.get("dates", "") in DATES else "",
    }
    if by and not options["by"]:
        raise Invalid(
            _(
                "“%(field)s” is to tell duplicates apart, but no column is imported as it.",
                field=_label(shapes, by),
            )
        )
    return {"mapping": mapping, "options": options}


def _label(shapes: Mapping[str, Field], name: str) -> Any:
    return shapes[name].label if name in shapes else name


def number(text: str) -> int:
    """A row number a person typed. Raises Invalid."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 10**8):
        raise Invalid(_("Write the number of the row that holds the titles."))
    return int(text[:9])


# -- the rows ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RowLine:
    """A row in a preview: number, fate, cells of the mapped columns, what is to be said of it, its record."""

    number: int
    fate: Any
    tone: str
    cells: list[tuple[str, bool]]
    remarks: list[str]
    url: str | None


@dataclass(frozen=True)
class Preview:
    """Rows with remarks, and the first without any; `heads` are the fields that the columns are taken for."""

    heads: list[str]
    problems: list[RowLine]
    first: list[RowLine]
    more_problems: int


def preview(actor: Actor, record_type: RecordType, run: ImportRun) -> Preview:
    """The rows that need a look, and the first that need none."""
    places = sorted(int(place) for place in run.mapping)
    shapes = fields_for(record_type, actor)
    heads = [str(_label(shapes, run.mapping[str(place)])) for place in places]
    found = store.rows(run.id, store.with_remarks(), after=run.head_row, limit=PROBLEMS + 1)
    problems = [_row_line(record_type, row, run, places) for row in found[:PROBLEMS]]
    first = store.rows(run.id, store.with_remarks(False), after=run.head_row, limit=FIRST_ROWS)
    return Preview(
        heads,
        problems,
        [_row_line(record_type, row, run, places) for row in first],
        len(found) - len(problems),
    )


def _row_line(record_type: RecordType, row: Any, run: ImportRun, places: Sequence[int]) -> RowLine:
    marked = {place for place, _sentence in row.remarks}
    cells = [(row.cells[p][:80] if p < len(row.cells) else "", p in marked) for p in places]
    label, tone = FATES.get(row.fate, (row.fate, "secondary"))
    url = f"/{record_type.slug}/{row.record_id}" if row.record_id and row.fate != BACK else None
    return RowLine(row.number, label, tone, cells, said(run, row), url)


def said(run: ImportRun, row: Any) -> list[str]:
    """The remarks of a row, each with the column it is about."""
    return [
        sentence if place is None else f"{letters(place)} {titled(run, place)}: {sentence}".replace(" :", ":")
        for place, sentence in row.remarks
    ]


def titled(run: ImportRun, place: int) -> str:
    return run.heads[place] if place < len(run.heads) else ""


# -- files ---------------------------------------------------------------------------------------------------------


def report(run: ImportRun, form: str, *, only_errors: bool) -> ResponseReturnValue:
    """Every row with its fate, or those in error, under the titles they came with."""
    heads = [_("Row"), _("Outcome"), _("Why"), *run.heads]
    where = [store.in_error()] if only_errors else []

    def lines() -> Iterator[list[Any]]:
        for row in store.reported(run.id, *where, after=run.head_row):
            fate = str(FATES[row.fate][0]) if row.fate in FATES else ""
            yield [row.number, fate, "; ".join(said(run, row)), *row.cells]

    name = (
        f"{run.file_name.rpartition('.')[0] or run.file_name} {_('errors') if only_errors else _('report')}"
    )
    return table_file(form, name, heads, lines())


def template(actor: Actor, record_type: RecordType, form: str) -> ResponseReturnValue:
    """The titles in the reader's language, and a row that shows how to write."""
    shapes = fields_for(record_type, actor)
    wanted = [shape for shape in shapes.values() if shape.shape != "auto"]
    row = [example(actor, shape, record_type) for shape in wanted]
    name = _("Template %(kind)s", kind=record_type.plural)
    return table_file(form, name, [str(shape.label) for shape in wanted], [row])


def example(actor: Actor, shape: Field, record_type: RecordType) -> str:
    """A value that this field takes, as a person writes it."""
    if shape.shape == "choice":
        own = [str(label) for _key, label in shape.choices]
        offered = codes_of(actor.sandbox_id, actor.stamp).choices(shape.codes or "", language())
        return (own or [label for _key, label in offered] or [""])[0]
    if shape.shape == "member":
        return actor.name
    if shape.shape == "check":
        return str(_("Yes"))
    if record_type.name in {"customer", "product"} and shape.name == "name":
        return str(SHOWN_BY_NAME["company"] if record_type.name == "customer" else _("Passenger lift L8"))
    return str(SHOWN_BY_SHAPE.get(shape.shape) or SHOWN_BY_NAME.get(shape.name) or "")


def explained(actor: Actor, record_type: RecordType) -> list[tuple[Any, bool, str]]:
    """(label, required, example) of every field a file may fill."""
    return [
        (shape.label, shape.required and shape.default is None, example(actor, shape, record_type))
        for shape in fields_for(record_type, actor).values()
    ]
