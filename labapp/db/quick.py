"""Statements that every page runs, compiled once and run on the driver's cursor.

SQLAlchemy spends several times what the database needs on taking a statement's key, filling in its parameters and
wrapping its result. For the few statements of every page that is paid once here. A `Quick` says the same as
`session.connection().execute(statement, values).all()`: same transaction, same types, same errors, same events.
"""

from collections import namedtuple
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import JSON, Connection, Dialect, Executable
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter

from labapp.db import connection as running

Processor = Callable[[Any], Any]
Values = Mapping[str, Any]
REMEMBERED = 500
MOST_VALUES = 4_000  # in one statement; SQLite takes 32,766


class Rows(list[Any]):
    """The rows of an answer; asked for them as one asks a result of SQLAlchemy."""

    def all(self) -> "Rows":
        return self

    def first(self) -> Any:
        return self[0] if self else None

    def one(self) -> Any:
        """The only row. Raises ValueError if there is none, or more."""
        (row,) = self
        return row


class Quick:
    """A Core select, insert or update whose parameters are all named; lists are bindparams that expand.

    An insert names its columns in `columns`. Rows come as named tuples, where the statement gives any. `same` are
    columns whose values hardly change: what a text stands for is worked out once, and is for reading only.
    """

    def __init__(
        self, statement: Executable, columns: Sequence[str] | None = None, same: frozenset[str] = frozenset()
    ) -> None:
        self.statement: Any = statement
        self.columns = columns
        self.same = same
        self.lists: tuple[str, ...] | None = None
        self.made: dict[Hashable, Compiled] = {}

    def __call__(self, values: Values) -> Rows:
        """Run it inside the session's transaction. Raises what `execute` raises."""
        connection = running()
        compiled = self._compiled(connection.dialect, values)
        return compiled.run(connection, values)

    def many(self, rows: Sequence[Values]) -> None:
        """Run an insert or update for each of these rows, by one executemany. Raises what `execute` raises."""
        if rows:
            connection = running()
            self._compiled(connection.dialect, rows[0]).run_many(connection, rows)

    def together(self, rows: Sequence[Values]) -> None:
        """`many` for an insert of plain values: on SQLite hundreds of rows a statement.

        There each statement costs a table with triggers a savepoint, before which the index of words is written down.
        """
        if rows:
            connection = running()
            self._compiled(connection.dialect, rows[0]).run_many(connection, rows, together=True)

    def _compiled(self, dialect: Dialect, values: Values) -> "Compiled":
        compiler: SQLCompiler | None = None
        if self.lists is None:
            compiler = self._compiler(dialect)
            self.lists = tuple(
                name for bind, name in compiler.bind_names.items() if bind.expanding and bind.required
            )
        key = (dialect.name, *(len(values[name]) for name in self.lists))
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = Compiled(self, compiler or self._compiler(dialect), values)
        return found

    def _compiler(self, dialect: Dialect) -> SQLCompiler:
        """What takes most of the time of a statement that is run for the first time."""
        found: SQLCompiler = self.statement.compile(dialect=dialect, column_keys=self.columns)
        return found


def _places(order: Sequence[str], name: str) -> list[int]:
    """Where this parameter stands."""
    return [place for place, other in enumerate(order) if other == name]


class ParameterRow(NamedTuple):
    """Parameters in their order: what is the same every time stands there already.

    `brought`: the names a caller brings. `singles`: (place, name, what turns it for the driver); `lists`: the
    places of each element, the list's name, and the same.
    """

    brought: frozenset[str]
    begun: list[Any]
    singles: list[tuple[int, str, Processor | None]]
    lists: list[tuple[list[list[int]], str, Processor | None]]

    def of(self, values: Values) -> tuple[Any, ...]:
        """The row for these values."""
        row = self.begun.copy()
        for place, name, process in self.singles:
            row[place] = values[name] if process is None else process(values[name])
        for elements, name, process in self.lists:
            for places, value in zip(elements, values[name], strict=True):
                for place in places:
                    row[place] = value if process is None else process(value)
        return tuple(row)


class Compiled:
    """The statement's text for one dialect and for lists of these lengths, with what turns values to and fro."""

    def __init__(self, quick: Quick, compiler: SQLCompiler, values: Values) -> None:
        dialect = compiler.dialect
        binds = {name: bind for bind, name in compiler.bind_names.items()}
        fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        state = compiler.construct_expanded_state({**fixed, **values})
        self.text = state.statement
        self.parts = state.parameter_expansion  # the names that stand for each element of a list
        self.order = state.positiontup
        self.fixed = {name: value for name, value in fixed.items() if name not in values}
        processors = {name: to_driver(bind, dialect) for name, bind in binds.items()}
        self.single = [(name, p) for name, p in processors.items() if name not in self.parts]
        self.many = [(name, parts, processors[name]) for name, parts in self.parts.items()]
        self.row = self._row_of(values) if self.order is not None else None
        given = list(getattr(quick.statement, "exported_columns", ()))
        shape: Any = _shape(tuple(c.key for c in given)) if given else None
        self.make: Any = partial(tuple.__new__, shape) if given else None
        self.back = [
            (place, lru_cache(REMEMBERED)(made) if column.key in quick.same else made)
            for place, column in enumerate(given)
            if (made := from_driver(column, dialect))
        ]

    def _row_of(self, values: Values) -> "ParameterRow":
        """How the parameters stand in their order, for whoever brings the values that these bring."""
        order, fixed = list(self.order or ()), self.fixed
        made = self._filled({**fixed, **values})
        begun = [made[name] for name in order]
        singles = [
            (place, name, process)
            for name, process in self.single
            if name not in fixed
            for place in _places(order, name)
        ]
        lists = [
            ([_places(order, part) for part in parts], name, process)
            for name, parts, process in self.many
            if name not in fixed
        ]
        return ParameterRow(frozenset(values), begun, singles, lists)

    def parameters(self, values: Values) -> Any:
        """The values as the driver takes them: in their order, or by name."""
        if self.row is not None and values.keys() == self.row.brought:
            return self.row.of(values)
        filled = self._filled({**self.fixed, **values} if self.fixed else values)
        return filled if self.order is None else tuple([filled[name] for name in self.order])

    def _filled(self, known: Values) -> dict[str, Any]:
        """The parameters by name."""
        filled = {
            name: known[name] if process is None else process(known[name]) for name, process in self.single
        }
        for name, parts, process in self.many:
            given = known[name] if process is None else map(process, known[name])
            filled.update(zip(parts, given, strict=True))
        return filled

    def run(self, connection: Connection, values: Values) -> Rows:
        parameters = self.parameters(values)
        cursor = connection.connection.cursor()
        try:
            if connection.dispatch.before_cursor_execute:
                self._tell(connection, cursor, parameters, many=False)
            cursor.execute(self.text, parameters)
            return self._rows(cursor.fetchall()) if self.make is not None else Rows()
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._error(connection, parameters, error) from error
        finally:
            cursor.close()

    def run_many(self, connection: Connection, rows: Sequence[Values], *, together: bool = False) -> None:
        if self.order is None or self.fixed or self.many:
            filled = [self.parameters(values) for values in rows]
        else:
            processors = dict(self.single)
            cells = [_column(rows, name, processors[name]) for name in self.order]
            filled = list(zip(*cells, strict=True))
        cursor = connection.connection.cursor()
        try:
            self._tell(connection, cursor, filled, many=True)
            if together and connection.dialect.name == "sqlite":
                self._insert(cursor, filled)
            else:
                cursor.executemany(self.text, filled)
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._error(connection, filled, error) from error
        finally:
            cursor.close()

    def _insert(self, cursor: Any, filled: Sequence[tuple[Any, ...]]) -> None:
        """Many rows by one statement, as many as it may have values."""
        head, _values, marks = self.text.rpartition(" VALUES ")
        size = MOST_VALUES // len(filled[0])
        for start in range(0, len(filled), size):
            some = filled[start : start + size]
            statement = f"{head} VALUES {', '.join([marks] * len(some))}"
            cursor.execute(statement, list(chain.from_iterable(some)))

    def _tell(self, connection: Connection, cursor: Any, parameters: Any, *, many: bool) -> None:
        """Whoever listens to statements hears of this one."""
        for hear in connection.dispatch.before_cursor_execute:
            hear(connection, cursor, self.text, parameters, None, many)

    def _error(self, connection: Connection, parameters: Any, error: Any) -> BaseException:
        """The driver's error as SQLAlchemy's."""
        base = connection.dialect.loaded_dbapi.Error
        return DBAPIError.instance(self.text, parameters, error, base, dialect=connection.dialect)

    def _rows(self, found: Sequence[Sequence[Any]]) -> Rows:
        if not self.back:
            return Rows(map(self.make, found))
        rows = Rows()
        for row in found:
            cells = list(row)
            for place, process in self.back:
                cells[place] = process(cells[place])
            rows.append(self.make(cells))
        return rows


@lru_cache(REMEMBERED)
def _shape(names: tuple[str, ...]) -> Any:
    """The named tuple of these columns; many statements give the same ones."""
    return namedtuple("Row", names, rename=True)


def _column(rows: Sequence[Values], name: str, process: Processor | None) -> list[Any]:
    """One parameter of every row, as the driver takes it."""
    if process is None:
        return [row[name] for row in rows]
    return [process(row[name]) for row in rows]


NUMERIC = 1700  # PostgreSQL's number for the type of a column with decimals; other types do not ask, nor does SQLite


def to_driver(bind: BindParameter[Any], dialect: Dialect) -> Processor | None:
    """What makes a parameter's value fit for the driver; None if nothing has to be done."""
    known = bind.type.dialect_impl(dialect)
    process: Processor | None = known.bind_processor(dialect)
    if process is not None and type(known) is DATETIME and not isinstance(bind.type, DATETIME):
        return _moments(process)
    if process is not None and isinstance(known, JSON):
        return _json(process)
    return process


def _json(ordinary: Processor) -> Processor:
    """Most of what is kept as JSON is empty: that needs no encoder."""
    nothing, empty = ordinary({}), ordinary([])

    def process(value: Any) -> Any:
        if value or value is None or not isinstance(value, (dict, list)):
            return ordinary(value)
        return nothing if isinstance(value, dict) else empty

    return process


def _moments(ordinary: Processor) -> Processor:
    """A moment as SQLite keeps it, in a fifth of the time; anything but a plain moment goes the ordinary way."""

    def process(value: Any) -> Any:
        if type(value) is datetime and value.tzinfo is None:
            return value.isoformat(" ", "microseconds")
        return ordinary(value)

    return process


def from_driver(column: Any, dialect: Dialect) -> Processor | None:
    """What makes of the driver's value what the column's type promises."""
    process: Processor | None = column.type.dialect_impl(dialect).result_processor(dialect, NUMERIC)
    return process
