"""What stands in the tables, to see whether anything moved. For tests only."""

from sqlalchemy import select

from labapp.db import Model, db

OF_THE_LOG = frozenset({"operation", "operation_touch"})
ON_THE_SIDE = frozenset({"notice", "sign_in_attempt", "device"})
# What follows from the log alone and is made again when it is missing: what coach and wall know of it.
FOLLOWS = frozenset({"coach_result", "grade_state", "grade_state_record", "grade_state_acts"})
MOVING = {
    "sandbox": {"last_step", "last_lab_at", "null_hash"},
    "membership": {"last_hash"},
    "account": {"last_membership_id"},
}


def everything() -> dict[str, list[str]]:
    """Every row of every table as text, but the log, what follows from it, notices and the log of sign-ins."""
    db.session.remove()
    with db.engine.connect() as connection:
        return {
            name: [
                repr(row)
                for row in connection.execute(select(*columns_of(table)).order_by(*table.primary_key))
            ]
            for name, table in Model.metadata.tables.items()
            if name not in OF_THE_LOG | ON_THE_SIDE | FOLLOWS
        }


def columns_of(table):  # type: ignore[no-untyped-def]
    return [column for column in table.columns if column.name not in MOVING.get(table.name, set())]


def moved(before: dict[str, list[str]]) -> list[str]:
    """The tables that are not as they were."""
    now = everything()
    return [name for name in now if now[name] != before[name]]
