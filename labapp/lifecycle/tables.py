"""Which tables belong to a sandbox, and how their rows are called outside the database (design.md, Record).

Found by looking at the models: a table belongs to a sandbox by its column `sandbox_id`, or by a link to a row that
does. A row is called by its serial, a member by the key; only what is neither keeps the number it has here.
"""

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Table, select

from labapp.db import Row, db
from labapp.people.models import Membership
from labapp.records.snapshot import MEMBER_LISTS, PLACE_LISTS, table_models
from labapp.values import dataclass

COURSE, SANDBOX, ACCOUNT, MEMBER = "course", "sandbox", "account", "membership"

# What an archive does not hold, and why.
LEFT_OUT = {
    "operation": "is the log itself",
    "operation_touch": "follows from the log",
    "operation_snapshot": "follows from the log",
    "search_entry": "follows from the records",
    "match_key": "follows from the records",
    "opportunity_stay": "follows from the records",
    "report_figure": "follows from the records",
    "coach_result": "follows from the log",
    "integrity_run": "follows from the log",
    "grade_state": "follows from the log",
    "grade_state_acts": "follows from the log",
    "grade_state_record": "follows from the log",
    "grade_state_values": "follows from the log",
    "calendar_feed": "opens a calendar to whoever knows it",
    "saved_view": "is a person's own way of looking",
    "notice": "was said at the time, with addresses of this machine",
    "import_run": "what it brought is in the records and in the log",
    "import_row": "what it brought is in the records and in the log",
    "roster_upload": "is about people who are not in the sandbox",
    "roster_entry": "is about people who are not in the sandbox",
    "admin_entry": "is this machine's",
    "job": "is this machine's",
    "archive": "is this machine's",
}
# Numbers of rows that no foreign key says: (table, column) -> the table they are of. Empty: of none that is kept.
LOOSE = {
    ("opportunity_stay", "opportunity_id"): "opportunity",
    ("roster_entry", "position_id"): "position",
    ("roster_entry", "membership_id"): MEMBER,
    ("roster_upload", "position_id"): "position",
    ("import_run", "job_id"): "",
    ("ledger_entry", "account_id"): ACCOUNT,
    ("ledger_entry", "about_id"): "ledger_entry",
}
MADE_AGAIN = {("position", "path")}  # from who stands above whom
LISTS = dict.fromkeys(MEMBER_LISTS, MEMBER) | dict.fromkeys(PLACE_LISTS, "position")


@dataclass(frozen=True)
class Cell:
    """A column of an archived table. `target`: the table whose rows it names; `many`: a list of them.

    `kinds`: the column that says of which table each is (a note's record).
    """

    column: Column[Any]
    target: str = ""
    many: bool = False
    kinds: str = ""

    @property
    def head(self) -> str:
        named = self.target or self.kinds
        return self.column.name.removesuffix("_id") if named and not self.many else self.column.name

    def table_in(self, row: Any) -> str:
        """The table that this row's value is of."""
        return self.target or str(row.get(self.kinds) or "")


@dataclass(frozen=True)
class Part:
    """A table as an archive holds it."""

    table: Table
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        return str(self.table.name)

    @property
    def path(self) -> str:
        """Where it stands in the archive."""
        folder = "grades" if self.name in graded_tables() else "tables"
        return f"{folder}/{self.name}.csv"

    @cached_property
    def links(self) -> tuple[Cell, ...]:
        """The columns that name rows."""
        return tuple(cell for cell in self.cells if cell.target or cell.kinds)

    @property
    def has_rows(self) -> bool:
        """Whether the log names its rows, by their serials."""
        return self.name in row_tables()

    @property
    def own_id(self) -> bool:
        """Whether its rows are called by the number they have in the database."""
        return not self.has_rows and "id" in self.table.c and self.table.c.id.primary_key

    @property
    def order(self) -> list[Column[Any]]:
        return [self.table.c.serial] if self.has_rows else list(self.table.primary_key)


@cache
def row_tables() -> frozenset[str]:
    """The tables whose rows have serials."""
    return frozenset(name for name, model in table_models().items() if issubclass(model, Row))


@cache
def graded_tables() -> frozenset[str]:
    found = table_models().items()
    return frozenset(name for name, model in found if model.__module__.startswith("labapp.gradebook"))


@cache
def sandbox_tables() -> tuple[Table, ...]:
    """Every table whose rows belong to a sandbox, those that are pointed at before those that point."""
    return tuple(table for table in _sorted() if _way_up(table, SANDBOX) is not None)


@cache
def course_tables() -> tuple[Table, ...]:
    """Every table whose rows belong to a course and to none of its sandboxes."""
    of_sandbox = {table.name for table in sandbox_tables()} | {SANDBOX}
    return tuple(t for t in _sorted() if t.name not in of_sandbox and _way_up(t, COURSE) is not None)


def _sorted() -> list[Table]:
    return list(db.metadata.sorted_tables)


@cache
def _way_up(table: Table, top: str) -> tuple[Column[Any], Table | None] | None:
    """The column by which rows belong to the sandbox or course, and the table it leads through (None: directly)."""
    if f"{top}_id" in table.c:
        return table.c[f"{top}_id"], None
    for column in table.c:
        target = target_of(column)
        above = db.metadata.tables.get(target)
        if above is None or above is table or target in {ACCOUNT, COURSE, SANDBOX}:
            continue
        if _way_up(above, top) is not None:
            return column, above
    return None


def target_of(column: Column[Any]) -> str:
    """The table that a column points at; '' for none."""
    for key in column.foreign_keys:
        return key.target_fullname.partition(".")[0]
    return LOOSE.get((column.table.name, column.name), "")


def belonging(table: Table, top: str, owner_id: int) -> ColumnElement[bool]:
    """The rows of a table that belong to this sandbox, or to this course."""
    way = _way_up(table, top)
    assert way is not None, table.name
    column, above = way
    if above is None:
        return column == owner_id
    return column.in_(select(above.c.id).where(belonging(above, top, owner_id)))


@cache
def sandbox_parts() -> tuple[Part, ...]:
    """The tables of a sandbox that an archive holds; those whose links may lead anywhere come last."""
    parts = [part_of(table, SANDBOX) for table in sandbox_tables() if table.name not in LEFT_OUT]
    return tuple(sorted(parts, key=lambda part: any(cell.kinds for cell in part.cells)))


@cache
def course_parts() -> tuple[Part, ...]:
    """The tables of a course that the archives of its sandboxes hold."""
    tables = (table for table in course_tables() if table.name not in LEFT_OUT)
    return tuple(part_of(table, COURSE) for table in tables)


def part_of(table: Table, top: str) -> Part:
    return Part(table, tuple(_cells(table, top)))


def _cells(table: Table, top: str) -> Iterator[Cell]:
    for column in table.c:
        target = target_of(column)
        if column.name == "id" and table.name in row_tables():
            continue
        if target in {SANDBOX, COURSE, ACCOUNT} or column.name in {"sandbox_id", "course_id"}:
            continue
        if (table.name, column.name) in MADE_AGAIN:
            continue
        yield _cell(column, target)


def _cell(column: Column[Any], target: str) -> Cell:
    pair = (column.table.name, column.name)
    if pair in LISTS:
        return Cell(column, LISTS[pair], many=True)
    if column.info.get("shape") == "related":
        return Cell(column, kinds="related_kind")
    return Cell(column, target)


def undeclared() -> list[str]:
    """Columns that look like the number of a row and say nowhere of which: they would be wrong after a restore."""
    found = []
    for table in (*sandbox_tables(), *course_tables()):
        for column in table.c:
            said = target_of(column) or column.info.get("shape") or column.name in {"sandbox_id", "course_id"}
            known = bool(said) or (table.name, column.name) in LOOSE
            if table.name not in LEFT_OUT and column.name.endswith("_id") and not known:
                found.append(f"{table.name}.{column.name}")
    return found


def names_column(table: Table) -> Column[Any]:
    """By what a row of this table is called."""
    if table.name == Membership.__tablename__:
        return table.c.key
    return table.c.serial if table.name in row_tables() else table.c.id


def is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)
