"""The database: engine settings, and the bases of every table."""

import sqlite3
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Connection, Engine, ForeignKey, Index, MetaData, Pool, event, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler, SQLiteDialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    declared_attr,
    mapped_column,
)

from labapp.db.dialects import before_making, partial
from labapp.db.turns import Orderly, orderly

LARGE = (
    8_000  # pages of writes that are not in the file yet: beyond them it is done within a commit (`turns`)
)
RUNNING = "labapp_running"  # where a session keeps the connection of its transaction
REPORTING = "+owner_id > 0"  # true of every record and looked up in no index: the password to that of reports

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    event.listen(metadata, "before_create", before_making)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base  # what Flask-SQLAlchemy makes of it, for the type checker
else:
    Model = db.Model


class Row(Model):
    """A row of one sandbox that the log can name: by kind and serial."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[int]

    @declared_attr
    def sandbox_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("sandbox.id"))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "sandbox_id", "serial", unique=True),)


class Reference(Row):
    """A row without owner that everybody in the sandbox reads: a position, a code, a stage, a group."""

    __abstract__ = True


class Record(Row):
    """A row with an owner inside a sandbox: a lead, a customer, a product.

    `created_at` and `updated_at` are lab time. `reach` says which rule of `access` decides who reaches it;
    `setting` names the sharing mode that opens it, if it has one. `kept_by` says who alone changes it, whoever
    reads it: `owner`, or `superior` for what is given to its owner from above. `same_by` says by what two of a kind may
    be the same thing entered twice: (what, fields) as `records.matching` knows them. `ends` are the link columns of
    what lies between two records, those of each end together. `reported` are the columns that reports ask, kept in an
    index behind the owner, so that they need not read the rows. `counted` are the kinds that reports of this kind also
    count, each with its column that says with which record of this one.
    """

    __abstract__ = True
    reach: ClassVar[str] = "private"
    setting: ClassVar[str | None] = None
    follows: ClassVar[str | None] = None
    kept_by: ClassVar[str] = ""
    ends: ClassVar[tuple[tuple[str, ...], ...]] = ()
    same_by: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()
    reported: ClassVar[tuple[str, ...]] = ()
    counted: ClassVar[Mapping[str, str]] = {}

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("membership.id"))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "sandbox_id", "serial", unique=True),
            Index(None, "sandbox_id", "id"),
            Index(None, "sandbox_id", "owner_id", "id"),
            *((cls._for_reports(),) if cls.reported else ()),
            *cls.more_indexes(),
        )

    @classmethod
    def _for_reports(cls) -> Index:
        """Only who says `REPORTING` goes by it: no list prefers it to the index of its order.

        No column of JSON, such as tags: PostgreSQL has no order for it.
        """
        name, columns = f"ix_{cls.__tablename__}_reports", ("owner_id", "deleted_at", *cls.reported)
        return partial(name, "sandbox_id", *columns, where=text(REPORTING))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        """Indexes behind the columns this list can be sorted by: (sandbox_id, column, id)."""
        return ()

    def written(self, moved: Container[str] | None) -> None:
        """Keep what follows from this row, in the step that made it (None) or moved these fields (by log name)."""

    @classmethod
    def all_written(cls, rows: Sequence[Any]) -> None:
        """The same for many new rows at once."""
        for row in rows:
            row.written(None)

    @property
    def kind(self) -> str:
        """The word for it in the log and in rubrics."""
        return self.__tablename__

    def number_prefix(self) -> str | None:
        """The prefix of the running number that records of this kind carry: C -> C202609001."""
        return None


def begin_write() -> None:
    """End the reading transaction and take the database's write lock (SQLite: BEGIN IMMEDIATE)."""
    session = db.session()
    has_rows = session.identity_map or session.new or session.in_nested_transaction()
    if RUNNING in session.info and not has_rows:  # it has nothing to read again: the driver alone can do it
        _begin_anew(connection(), writing=True)
        return
    db.session.rollback()
    db.session.connection(execution_options={"labapp_write": True})


def connection() -> Connection:
    """The connection of the running transaction, begun if there is none. Asking the session takes ten times as long."""
    found: Connection | None = db.session.info.get(RUNNING)
    return found if found is not None else db.session.connection()


@event.listens_for(Session, "after_begin")
def _begun(session: Session, _transaction: Any, connection: Connection) -> None:
    session.info[RUNNING] = connection


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(RUNNING, None)


class Hinting(SQLiteCompiler):
    """SQLite's compiler, which also says the hints of a statement: INDEXED BY (SQLAlchemy leaves them out)."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


SQLiteDialect.statement_compiler = Hinting


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Any, _record: Any, arguments: Any, more: Any) -> Any:
    """A connection to a file of SQLite takes its turn to write; others are made as ever."""
    return orderly(*arguments, **more) if dialect.name == "sqlite" else None


@event.listens_for(Engine, "connect")
def _set_up_connection(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return _reading().set_up(connection)
    if not isinstance(connection, Orderly):
        return None  # it was made by hand, and whoever did it sets it up
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "recursive_triggers=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA wal_autocheckpoint={LARGE}")
    connection.busy = 10.0
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
    return None


@event.listens_for(Pool, "checkin")
def _given_back(connection: Any, _record: Any) -> None:
    if connection is not None and not isinstance(connection, sqlite3.Connection):
        _reading().back(connection)


@cache
def _reading() -> Any:
    """How PostgreSQL is read: its driver is loaded where it is used."""
    from labapp.db import reading

    return reading


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("labapp_write")
        _begin_sqlite(connection, writing=bool(writing))


def _driver(held: Connection) -> Any:
    """The driver's own connection."""
    return held.connection.driver_connection


def _begin_sqlite(connection: Connection, *, writing: bool) -> None:
    """Said to the driver itself: every page does it, and by SQLAlchemy it takes as long as a query."""
    try:
        driver = _driver(connection)
        if writing:
            driver.begin_writing()
        else:
            driver.execute("BEGIN")
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance("BEGIN", None, error, base, dialect=connection.dialect) from error


@contextmanager
def apart() -> Iterator[None]:
    """A short write transaction in place of the reading one of a page that is finished: all of it, or nothing.

    The driver ends the session's transaction and begins this one, then another for whatever comes: for a session that
    only reads, one is as good as the other, and having it do so itself takes ten times as long. Inside, only
    statements on `connection()`. What the session has not written is dropped, as `begin_write` drops it.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        session.rollback()
    held = connection()
    _begin_anew(held, writing=True)
    try:
        yield
    except BaseException:
        _begin_anew(held, writing=False)
        raise
    _end(held, "commit")
    if held.dialect.name == "sqlite":
        _begin_sqlite(held, writing=False)


def _end(held: Connection, how: str) -> None:
    """COMMIT or ROLLBACK, said to the driver itself; its errors are SQLAlchemy's."""
    try:
        getattr(_driver(held), how)()
    except held.dialect.loaded_dbapi.Error as error:
        base = held.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(how.upper(), None, error, base, dialect=held.dialect) from error


def _begin_anew(held: Connection, *, writing: bool) -> None:
    _end(held, "rollback")
    if held.dialect.name == "sqlite":
        _begin_sqlite(held, writing=writing)
