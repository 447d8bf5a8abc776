"""What tables alone cannot say: log and grades are append-only, and search has its index.

The statements belong to no single revision. They are renewed after every revision that is applied, so that a
table rebuilt by a migration has its triggers back before anybody can write to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect

from labapp.db import entries, floor

LOG_TABLES = ("operation", "operation_touch", "grade_run", "ledger_entry")  # each belongs to a sandbox
KEPT_TABLES = ("admin_entry", "rubric_version")  # nothing is ever taken out of these
SEARCH_TABLE = "search_entry"
SEARCH_COLUMN, SEARCH_INDEX = "search_words", "ix_search_entry_search_words"  # PostgreSQL's
FORMER_SEARCH_INDEX = "ix_search_entry_fts"
MADE_HERE = frozenset((SEARCH_COLUMN, SEARCH_INDEX, FORMER_SEARCH_INDEX, floor.TABLE))
REFUSED = "the log is append-only"

# How a row of each table is found again, for the trigger that sees a replacing INSERT.
KEYS = {
    "operation": ("sandbox_id", "id"),
    "operation_touch": ("sandbox_id", "kind", "serial", "step"),
    "grade_run": ("id",),
    "ledger_entry": ("id",),
    "admin_entry": ("id",),
    "rubric_version": ("id",),
}

LOGGED = frozenset(("operation", "operation_touch", "sandbox", "membership"))
LOG_STEP_ALONE = "/* alone */ "  # before the call of a step that is a transaction by itself
# One step at the end of the log, in one way to the server: what `oplog.append` otherwise does by five statements. Gives
# nothing where the sandbox is in none of these states. `pieces` are those of `oplog.chain`, the first two put
# together; `soon`: it need not be on the disk before the answer.
LOG_STEP = """
CREATE OR REPLACE FUNCTION log_step(
  of_sandbox integer, states text[], of_membership integer, moment timestamp, soon boolean, pieces text[],
  its_member varchar, its_at timestamp, its_kind varchar, its_verb varchar, its_record integer, its_label varchar,
  its_origin varchar, its_outcome varchar, its_answers text, its_changes text, its_request varchar,
  its_address varchar, touched_kinds text[], touched_serials integer[], its_look integer,
  OUT number integer, OUT at_lab timestamp, OUT before varchar, OUT digest varchar
) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  IF soon THEN PERFORM set_config('synchronous_commit', 'off', true); END IF;
  UPDATE sandbox SET last_step = last_step + 1, last_lab_at = greatest(last_lab_at, moment)
    WHERE id = of_sandbox AND state = ANY(states)
    RETURNING last_step, date_trunc('second', last_lab_at), null_hash INTO number, at_lab, before;
  IF NOT FOUND THEN RETURN; END IF;
  IF of_membership IS NOT NULL THEN
    SELECT last_hash INTO STRICT before FROM membership WHERE id = of_membership;
  END IF;
  digest := encode(sha256(convert_to(
    pieces[1] || number || pieces[2] || '"' || to_char(at_lab, 'YYYY-MM-DD"T"HH24:MI:SS') || '"' || pieces[3]
    || '"' || before || '"' || pieces[4], 'UTF8')), 'hex');
  INSERT INTO operation (sandbox_id, id, member, at, lab_at, kind, verb, record, label, origin, outcome, answers,
                         changes, request, address, prev, hash)
    VALUES (of_sandbox, number, its_member, its_at, at_lab, its_kind, its_verb, its_record, its_label, its_origin,
            its_outcome, its_answers::json, its_changes::json, its_request, its_address, before, digest);
  INSERT INTO operation_touch (sandbox_id, kind, serial, step, look)
    SELECT of_sandbox, touched.kind, touched.serial, number, its_look
    FROM unnest(touched_kinds, touched_serials) AS touched (kind, serial);
  IF of_membership IS NOT NULL THEN UPDATE membership SET last_hash = digest WHERE id = of_membership;
  ELSE UPDATE sandbox SET null_hash = digest WHERE id = of_sandbox; END IF;
  RETURN NEXT;
END $$"""


def renew(connection: Connection) -> None:
    """Make the triggers and the search index anew for whichever of their tables exist, and the mark of `floor`."""
    tables = set(inspect(connection).get_table_names())
    make = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    for statement in make(tables):
        connection.exec_driver_sql(statement)
    floor.keep(connection)


@contextmanager
def lifted(connection: Connection, table: str) -> Iterator[None]:
    """Let an upgrade change rows of a table of the log, inside its transaction; they are guarded again at its end.

    Nobody writes beside an upgrade. If it fails, the database undoes the lifting with everything else.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER {table}_refuses_update")
    else:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_refuses_change")
    yield
    renew(connection)


def number_entries(connection: Connection) -> None:
    """SQLite: give every search entry the number of its record, and make the index of words again from them.

    In two statements, since a number that is wanted may still be another's.
    """
    if connection.dialect.name != "sqlite":
        return
    for name, _event, _when, _body in _search_triggers():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.exec_driver_sql(f"UPDATE {SEARCH_TABLE} SET id = -{entries.said(SEARCH_TABLE)}")  # noqa: S608 (names of the program's own)
    connection.exec_driver_sql(f"UPDATE {SEARCH_TABLE} SET id = -id")  # noqa: S608 (names from this file)
    connection.exec_driver_sql("INSERT INTO search_fts(search_fts) VALUES ('rebuild')")
    renew(connection)


def is_made_here(name: str | None) -> bool:
    """Is this table, column or index made beside the models, so that migrations leave it alone?"""
    return name is not None and (name.startswith("search_fts") or name in MADE_HERE)


def _sqlite(tables: set[str]) -> Iterator[str]:
    for table in (name for name in LOG_TABLES if name in tables):
        purging = "(SELECT state FROM sandbox WHERE id = OLD.sandbox_id) = 'purging'"
        yield from _sqlite_log(table, f"NOT {purging} OR NEW.sandbox_id <> OLD.sandbox_id", f"NOT {purging}")
    for table in (name for name in KEPT_TABLES if name in tables):
        yield from _sqlite_log(table, "1", "1")
    if SEARCH_TABLE in tables:
        yield from _sqlite_search()


def _sqlite_log(table: str, refuse_update: str, refuse_delete: str) -> Iterator[str]:
    """Triggers on one table of the log. The two conditions are over OLD and NEW; null counts as refused.

    INSERT OR REPLACE fires the trigger on DELETE only with recursive_triggers=ON, which other programs do not
    set; the trigger on INSERT stands in for it there.
    """
    same = " AND ".join(f"{column} = NEW.{column}" for column in KEYS[table])
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names from this file)
    for event, condition in (("update", refuse_update), ("delete", refuse_delete), ("insert", exists)):
        name = f"{table}_refuses_{event}"
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} WHEN coalesce({condition}, 1) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )


def _sqlite_search() -> Iterator[str]:
    yield (
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts "
        f"USING fts5(tokens, content='{SEARCH_TABLE}', content_rowid='id')"
    )
    for name, event, when, body in _search_triggers():
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield f"CREATE TRIGGER {name} AFTER {event} ON {SEARCH_TABLE} {when} BEGIN {body} END"


def _search_triggers() -> list[tuple[str, str, str, str]]:
    """(name, event, condition, body) of what keeps the index of words in step with its table."""
    number = entries.said("NEW")
    out = "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens);"
    into = "INSERT INTO search_fts(rowid, tokens) VALUES (NEW.id, NEW.tokens);"
    right = f"UPDATE {SEARCH_TABLE} SET id = {number} WHERE id = NEW.id;"  # noqa: S608 (names of the program's own)
    return [
        (f"{SEARCH_TABLE}_insert", "INSERT", f"WHEN NEW.id = {number}", into),
        (
            f"{SEARCH_TABLE}_renumber",
            "INSERT",
            f"WHEN NEW.id <> {number}",
            f"{into} {right}",
        ),  # of an older program
        (f"{SEARCH_TABLE}_update", "UPDATE", "", f"{out} {into}"),
        (f"{SEARCH_TABLE}_delete", "DELETE", "", out),
    ]


def _postgresql(tables: set[str]) -> Iterator[str]:
    yield _function("log_refuses", f"RAISE EXCEPTION '{REFUSED}';")
    yield _function(
        "log_refuses_unless_purging",
        f"""IF (SELECT state FROM sandbox WHERE id = OLD.sandbox_id) IS DISTINCT FROM 'purging' THEN
              RAISE EXCEPTION '{REFUSED}';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            IF NEW.sandbox_id <> OLD.sandbox_id THEN RAISE EXCEPTION '{REFUSED}'; END IF;
            RETURN NEW;""",  # noqa: S608 (names from this file)
    )
    for table in (name for name in (*LOG_TABLES, *KEPT_TABLES) if name in tables):
        rows = "log_refuses" if table in KEPT_TABLES else "log_refuses_unless_purging"
        yield from _postgresql_trigger(table, "change", "BEFORE UPDATE OR DELETE", "ROW", rows)
        yield from _postgresql_trigger(table, "truncate", "BEFORE TRUNCATE", "STATEMENT", "log_refuses")
    if SEARCH_TABLE in tables:
        yield from _postgresql_search()
    if tables >= LOGGED:
        yield LOG_STEP


def _postgresql_search() -> Iterator[str]:
    """The words, kept beside the text they stand in.

    Making them of the text takes a thousand times a look at them, and PostgreSQL does not reckon with that where it
    walks through rows instead of the index.
    """
    words = "tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(tokens, ' '))) STORED"
    yield f"ALTER TABLE {SEARCH_TABLE} ADD COLUMN IF NOT EXISTS {SEARCH_COLUMN} {words}"
    yield f"CREATE INDEX IF NOT EXISTS {SEARCH_INDEX} ON {SEARCH_TABLE} USING gin ({SEARCH_COLUMN})"
    yield f"DROP INDEX IF EXISTS {FORMER_SEARCH_INDEX}"


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _postgresql_trigger(table: str, what: str, when: str, each: str, function: str) -> Iterator[str]:
    """ALWAYS: also where a session calls itself a replica to get round triggers."""
    name = f"{table}_refuses_{what}"
    yield f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
