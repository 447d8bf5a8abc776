"""PostgreSQL: what only reads needs no transaction around it.

Each statement sees the database as it is when it begins, inside a transaction and outside (READ COMMITTED). So the
connection is in autocommit, and a transaction begins with the first statement that changes or locks something, or is
read in portions: a page is spared two ways to the server and back.
"""

import re
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

from labapp.db.triggers import LOG_STEP_ALONE

REMEMBERED = 2_000
PREPARED = (
    300  # statements that a connection keeps prepared; psycopg keeps 100, which the kinds of records exceed
)
# Any of these words anywhere, be it in a text, is taken for more than reading.
MORE = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|FOR|INTO|pg_\w*advisory\w*|set_config|log_step|(next|set|curr)val)\b",
    re.I,
)
OUTSIDE = re.compile(r"\s*(VACUUM|CHECKPOINT|(CREATE|DROP) DATABASE|ALTER SYSTEM)\b", re.I)  # stand in none
READS = re.compile(r"\s*(SELECT|WITH|VALUES|SHOW)\b", re.I)


@lru_cache(REMEMBERED)
def only_reads(statement: str) -> bool:
    """Whether this statement needs no transaction around it: it reads, or is one by itself."""
    if statement.startswith(LOG_STEP_ALONE) or OUTSIDE.match(statement):
        return True
    return READS.match(statement) is not None and MORE.search(statement) is None


def begin(connection: "psycopg.Connection[Any]") -> None:
    """Begin a transaction, where there is none. Raises psycopg.Error."""
    server = connection.pgconn
    if connection.autocommit and server.transaction_status == TransactionStatus.IDLE:
        answer = server.exec_(b"BEGIN")
        if answer.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(server.get_error_message())


class Asking(psycopg.Cursor[Any]):
    """A cursor that begins a transaction before the first statement that needs one."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> "Asking":
        if not (isinstance(query, str) and only_reads(query)):
            begin(self.connection)
        return super().execute(query, params, **more)

    def executemany(self, query: Any, params_seq: Any, **more: Any) -> None:
        begin(self.connection)
        super().executemany(query, params_seq, **more)

    def copy(self, *arguments: Any, **more: Any) -> Any:
        begin(self.connection)
        return super().copy(*arguments, **more)


class AskingInPortions(psycopg.ServerCursor[Any]):
    """A cursor that the server keeps, which it does in a transaction only."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> "AskingInPortions":
        begin(self.connection)
        return super().execute(query, params, **more)


def set_up(connection: "psycopg.Connection[Any]") -> None:
    """Have a new connection read without transactions, unless it was made for something stricter."""
    if connection.isolation_level is None:
        connection.autocommit = True
    connection.prepared_max = PREPARED
    connection.cursor_factory = Asking
    connection.server_cursor_factory = AskingInPortions


def back(connection: "psycopg.Connection[Any]") -> None:
    """A connection that comes back from a stricter use is as it was."""
    if not connection.autocommit and not connection.closed:
        connection.isolation_level = None
        connection.autocommit = True
