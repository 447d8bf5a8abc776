"""How many steps each member took in each stretch of lab time.

The stretch is one of step numbers, so the index of a member's steps answers for every member and stretch without
reading a row.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, literal, select, union_all

from labapp.db import db
from labapp.oplog.models import Operation
from labapp.oplog.moments import first_from
from labapp.people.models import Membership


def counts(sandbox_id: int, edges: Sequence[datetime]) -> dict[tuple[str, int], int]:
    """Steps by (member's key, number of the stretch); those with none are left out.

    `edges` are lab times in order; stretch n reaches from edges[n] up to, not including, edges[n + 1].
    """
    stretches = [
        select(literal(number).label("number"), literal(first).label("first"), literal(end).label("end"))
        for number, (first, end) in enumerate(pairwise(_numbers(sandbox_id, edges)))
        if first < end
    ]
    if not stretches:
        return {}
    stretch = union_all(*stretches).subquery()
    steps = (
        select(func.count())
        .select_from(Operation)
        .where(
            Operation.sandbox_id == sandbox_id,
            Operation.member == Membership.key,
            Operation.id >= stretch.c.first,
            Operation.id < stretch.c.end,
        )
        .correlate(Membership, stretch)
        .scalar_subquery()
    )
    query = select(Membership.key, stretch.c.number, steps.label("steps")).where(
        Membership.sandbox_id == sandbox_id, Membership.key.is_not(None)
    )
    rows = db.session.execute(query.join(stretch, literal(value=True)))
    return {(row.key, row.number): row.steps for row in rows if row.steps}


def _numbers(sandbox_id: int, edges: Sequence[datetime]) -> list[int]:
    """For each moment the number of the first step from then on; one past the last where there is none."""
    firsts = [first_from(sandbox_id, edge).label(f"edge_{number}") for number, edge in enumerate(edges)]
    own = Operation.sandbox_id == sandbox_id
    beyond = select(func.coalesce(func.max(Operation.id), 0) + 1).where(own).scalar_subquery()
    row = db.session.execute(select(beyond, *firsts)).one()
    return [row[0] if found is None else found for found in row[1:]]
