"""PostgreSQL: one step at the end of the log by one statement (db.triggers.LOG_STEP), not by five.

Each statement costs a way to the server and back, while the row of the sandbox is held. The server numbers the step,
hashes what is put together here, and keeps it: the rule of the hash stays in `chain`.
"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Boolean, DateTime, Integer, String, Text, bindparam, column, text

from labapp.db.quick import Quick
from labapp.db.triggers import LOG_STEP_ALONE
from labapp.oplog.chain import pieces
from labapp.people.models import WRITTEN

TYPES: dict[str, Any] = {
    "of_sandbox": Integer(),
    "states": ARRAY(Text()),
    "of_membership": Integer(),
    "moment": DateTime(),
    "soon": Boolean(),
    "pieces": ARRAY(Text()),
    "its_member": String(),
    "its_at": DateTime(),
    "its_kind": String(),
    "its_verb": String(),
    "its_record": Integer(),
    "its_label": String(),
    "its_origin": String(),
    "its_outcome": String(),
    "its_answers": Text(),
    "its_changes": Text(),
    "its_request": String(),
    "its_address": String(),
    "touched_kinds": ARRAY(Text()),
    "touched_serials": ARRAY(Integer()),
    "its_look": Integer(),
}
CALL = f"SELECT * FROM log_step({', '.join(f':{name}' for name in TYPES)})"  # noqa: S608 (names from this file)
GIVEN: tuple[Any, ...] = (column("number"), column("at_lab"), column("before"), column("digest"))
OWN = ("member", "kind", "verb", "record", "label", "origin", "outcome", "request", "address")


class Whose(NamedTuple):
    """Where a step belongs: numbers of sandbox and membership, (kind, serial) of what it touched.

    `look` 1: it changed nothing.
    """

    sandbox_id: int
    membership_id: int | None
    touched: tuple[tuple[str, int], ...]
    look: int


def append_one(
    body: dict[str, Any],
    texts: tuple[str, str],
    whose: Whose,
    when: tuple[datetime, datetime],
    *,
    alone: bool,
) -> Any:
    """(number, at_lab, before, digest) of the step; None where the sandbox takes none.

    `body` is the step as the file carries it, but for these four; `texts` are its answers and changes, `when` its
    moment in real and in lab time. `alone`: in a transaction of its own, which need not be on the disk when this
    returns.
    """
    first, to_number, to_moment, to_prev, rest = pieces(body, *texts)
    values = {f"its_{name}": body[name] for name in OWN} | {
        "of_sandbox": whose.sandbox_id,
        "states": list(WRITTEN),
        "of_membership": whose.membership_id,
        "moment": when[1],
        "soon": alone,
        "pieces": [first + to_number, to_moment, to_prev, rest],
        "its_at": when[0],
        "its_answers": texts[0],
        "its_changes": texts[1],
        "touched_kinds": [kind for kind, _serial in whose.touched],
        "touched_serials": [serial for _kind, serial in whose.touched],
        "its_look": whose.look,
    }
    return _statement(alone)(values).first()


@cache
def _statement(alone: bool) -> Quick:
    """By its first words the cursor tells the one that needs no transaction around it (db.reading)."""
    said = f"{LOG_STEP_ALONE}{CALL}" if alone else CALL
    binds = [bindparam(name, type_=type_) for name, type_ in TYPES.items()]
    return Quick(text(said).bindparams(*binds).columns(*GIVEN))
