"""What a module says about one kind of record."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from wtforms import Form

from labapp.db import Record
from labapp.db.fields import Field, fields_of
from labapp.values import dataclass

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Action:
    """A verb a person can do to a record: a button, a form, a permission, one line in the log.

    `run(work, record, answers)` does it and returns the record to show next. `form(actor, record_type, record)`
    gives the form class that asks its questions, or None. `offered(record)` says whether it makes sense now, and
    `refusal(actor, record)` gives the error to raise where it does not (None: the usual one). `page` is the template
    that asks its questions.
    """

    name: str
    label: Any
    run: Callable[[Any, Any, dict[str, Any]], Any]
    form: Callable[[Any, Any, Any], type[Form] | None] = lambda actor, record_type, record: None
    offered: Check = lambda record: True
    icon: str = "check2-circle"
    tone: str = "secondary"
    bulk: bool = False
    explain: Any = ""
    page: str = "form"
    refusal: Callable[[Any, Any], Any] = lambda actor, record: None


def action(label: Any, **more: Any) -> Callable[[Callable[..., Any]], Action]:
    """Make a function `(work, record, answers)` into an action named after it."""

    def wrap(run: Callable[..., Any]) -> Action:
        form = more.pop("form", None)
        if form is not None:
            more["form"] = form if not isinstance(form, type) else (lambda actor, record_type, record: form)
        return Action(run.__name__.rstrip("_"), label, run, **more)

    return wrap


@dataclass(frozen=True)
class Derived:
    """What lists filter by and reports group by though it is no column: `key(actor)` is SQL that gives a word.

    `options(actor)` are (word, label) in their order. `where(actor, words)` is a condition that says the same as
    `key(actor)` being one of the words, where there is one that asks less; `walked(actor, words)` one that asks
    little of each record, for who goes from one to the next until a page is full; `walked_key(actor)` is `key(actor)`
    in that form.
    """

    name: str
    label: Any
    options: Callable[[Any], list[tuple[str, Any]]]
    key: Callable[[Any], Any]
    where: Callable[[Any, list[str]], Any] | None = None
    walked: Callable[[Any, list[str]], Any] | None = None
    walked_key: Callable[[Any], Any] | None = None


Filters = Mapping[str, tuple[str, ...]]  # parameters of a list's address, with their values
ELSEWHERE = "@kind"  # among the filters of a link: the list is that of another kind


@dataclass(frozen=True)
class Column:
    """A column of a report.

    `numeric` is set right, `money` shown as an amount, `percent` as a share; `counts`: it says how many
    records there are.
    """

    label: Any
    numeric: bool = False
    money: bool = False
    percent: bool = False
    counts: bool = False


@dataclass(frozen=True)
class ReportRow:
    """A line of a report: values under the columns.

    `links[i]` are the list filters of exactly the records behind `values[i]` (None: no link); `records` is
    how many there are behind `links[0]`. A line about one record has its address in `url`; one that the reader should
    look at has a word for why in `mark`.
    """

    values: tuple[Any, ...]
    links: tuple[Filters | None, ...] = ()
    url: str = ""
    records: int | None = None
    total: bool = False
    mark: Any = ""


@dataclass(frozen=True)
class Report:
    """A question over many records, answered as a table and a chart.

    `rows(ask)` and `columns(ask)` get a `records.reports.Ask`. `base(ask)` are the filters that the report
    always has, `dated` the column that the conditions from and to speak of, `days` the first value of the
    condition days. `groups` are what one may group by, the first unless asked otherwise ('': one line per
    record); `series` the columns drawn in the chart. `family` is one of `report_families.FAMILIES`, by default that of
    the kind it is about.
    """

    name: str
    label: Any
    rows: Callable[[Any], list[ReportRow]]
    columns: Callable[[Any], tuple[Column, ...]]
    chart: str = "bar"
    series: tuple[int, ...] = (1,)
    groups: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ("from", "to", "owner")
    base: Callable[[Any], Filters] = lambda ask: {}
    dated: str = "created_at"
    days: int = 30
    explain: Any = ""
    family: str = ""


@dataclass(frozen=True)
class Addition:
    """What a module adds to a kind that another module keeps: verbs and reports."""

    actions: tuple[Action, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What a module adds to the standard verbs. Each hook is called inside the Work that does the verb.

    `begun(actor, form)`, outside of any Work, gets the form of a new record before it is shown or checked, to fill in
    what depends on its values or on who writes.
    `check(work, record_or_None, values)` may raise Invalid; `created(work, record)`, `changed(work, record, moved)`,
    `deleting(work, record)`, `restored(work, record)` and `transferred(work, record, answers)` may change more rows in
    the same step. `follow_ups(work, record, answers)` is asked after a transfer: (kind, id) of the records that go
    along, each by a step of its own in the same transaction; `transfer_form` adds its questions to that form.
    `merging(work, record, other)` may refuse to make one of two. `dealt(work, values)`: what a record that a scenario
    deals has besides, so that `created` has nothing to add; None where it has to be asked. Without it, it is asked.
    """

    begun: Callable[..., None] = lambda actor, form: None
    check: Callable[..., None] = lambda work, record, values: None
    created: Callable[..., None] = lambda work, record: None
    changed: Callable[..., None] = lambda work, record, moved: None
    deleting: Callable[..., None] = lambda work, record: None
    restored: Callable[..., None] = lambda work, record: None
    transferred: Callable[..., None] = lambda work, record, answers: None
    merging: Callable[..., None] = lambda work, record, other: None
    follow_ups: Callable[..., list[tuple[str, int]]] = lambda work, record, answers: []
    transfer_form: type[Form] | None = None
    dealt: Callable[..., dict[str, Any] | None] = lambda work, values: None


@dataclass(frozen=True)
class RecordType:
    """One kind of record: its model and what the ordinary pages need to know.

    `columns` are the list's first choice, `sort` its first order (-id: newest first), `title` the column that names
    a record, `sortable` the columns with an index (sandbox_id, column, id), `parent` the link column of a child that
    has no place of its own in the menu; `importable`: tables of it can be brought from files.
    """

    model: type[Record]
    label: Any
    plural: Any
    slug: str
    columns: tuple[str, ...]
    icon: str = "folder"
    title: str = "name"
    sortable: tuple[str, ...] = ()
    sort: str = "-id"
    actions: tuple[Action, ...] = ()
    reports: tuple[Report, ...] = ()
    rules: Rules = Rules()
    parent: str | None = None
    derived: tuple[Derived, ...] = ()
    importable: bool = False

    @property
    def name(self) -> str:
        """The word for it in the log and in rubrics."""
        return self.model.__tablename__

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields of the model by column name, the owner last."""
        return fields_of(self.model)

    @cached_property
    def filters(self) -> tuple[Field, ...]:
        """What a list can be filtered by: choices, links, checks, days and moments, tags."""
        shapes = {"choice", "link", "check", "day", "moment", "money", "number", "percent", "tags"}
        return tuple(f for f in self.fields.values() if f.shape in shapes)

    def derived_by(self, name: str) -> Derived | None:
        """What is derived under this name."""
        return next((one for one in self.derived if one.name == name), None)

    @cached_property
    def same_fields(self) -> tuple[str, ...]:
        """The fields by which two of this kind may be the same."""
        return tuple(dict.fromkeys(name for _what, names in self.model.same_by for name in names))

    def title_of(self, record: Any) -> str:
        return str(getattr(record, self.title) or f"#{record.serial}")
