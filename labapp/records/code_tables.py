"""Changing code tables and stages: add, rename, order, retire, delete; each act one step (004 §2.11-7).

Keys are fixed once given: rubrics, scenarios and the log speak of them, never of labels.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import String, cast, func, select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.access.everyone import EVERYONE
from labapp.access.rules import require_granted
from labapp.db import db
from labapp.records import parse
from labapp.records.catalog import catalog
from labapp.records.codes import Code, Stage
from labapp.records.work import Source, Work
from labapp.values import dataclass

STAGE = "stage"
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
MOST = 200
TABLES: dict[str, Any] = {
    "lead_status": _l("Lead status"),
    "source": _l("Source"),
    "rating": _l("Rating"),
    "industry": _l("Industry"),
    "customer_type": _l("Customer type"),
    "level": _l("Customer level"),
    "nature": _l("Nature of company"),
    "contact_role": _l("Role of a contact"),
    "stage": _l("Stages of a sale"),
    "opportunity_type": _l("Opportunity type"),
    "lost_reason": _l("Lost reason"),
    "threat": _l("Threat"),
    "rival_outcome": _l("Outcome against a competitor"),
    "activity_type": _l("Activity type"),
    "activity_status": _l("Activity status"),
    "priority": _l("Priority"),
    "campaign_type": _l("Campaign type"),
    "campaign_status": _l("Campaign status"),
    "campaign_response": _l("Response to a campaign"),
    "ticket_kind": _l("Ticket kind"),
    "ticket_status": _l("Ticket status"),
    "ticket_channel": _l("Ticket channel"),
    "article_category": _l("Article category"),
    "article_status": _l("Article status"),
    "relation_type": _l("Relations: what the second is to the first"),
    "relation_back": _l("Relations: what the first is to the second"),
    "title": _l("Title"),
    "department": _l("Department"),
    "unit": _l("Unit"),
}
NEEDED = {
    "lead_status": frozenset({"new", "contacted", "qualified", "unqualified", "converted"}),
    "activity_status": frozenset({"open", "done", "cancelled"}),
    "campaign_status": frozenset({"planned", "active", "completed", "cancelled"}),
    "campaign_response": frozenset({"invited", "responded", "interested"}),
    "ticket_kind": frozenset({"feedback", "complaint", "service"}),
    "ticket_status": frozenset({"new", "assigned", "in_progress", "waiting", "resolved", "closed"}),
    "rival_outcome": frozenset({"open", "beaten", "lost_to", "other_won", "undecided"}),
    "article_status": frozenset({"draft", "published"}),
    "source": frozenset({"web"}),
}


@dataclass(frozen=True)
class Names:
    """What a value is called in both languages."""

    en: str
    zh: str


def names_typed(form: Mapping[str, str]) -> Names:
    """Both names; one stands for the other where only one is given. Raises Invalid."""
    found, wrong = {}, {}
    for name in ("name_zh", "name_en"):
        try:
            found[name] = parse.text(form.get(name, "")) or ""
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)
    if not any(found.values()):
        raise Invalid(_("A value needs a name."), {"name_zh": _("This is needed.")})
    return Names(found["name_en"] or found["name_zh"], found["name_zh"] or found["name_en"])


def stage_typed(form: Mapping[str, str]) -> dict[str, Any]:
    """Probability and meaning of a stage. Raises Invalid."""
    found: dict[str, Any] = {}
    for name, parser in (
        ("probability", parse.percent),
        ("meaning_zh", parse.text),
        ("meaning_en", parse.text),
    ):
        try:
            found[name] = parser(form.get(name, ""))
        except ValueError as error:
            raise Invalid(str(error), {name: str(error)}) from error
    if found["probability"] is None:
        raise Invalid(_("A stage needs a probability from 0 to 100."), {"probability": _("This is needed.")})
    return found


def table_label(table: str) -> str:
    """What a table is called; its own name where nothing better is known."""
    return str(TABLES.get(table, table))


def model_of(table: str) -> Any:
    return Stage if table == STAGE else Code


def kind_of(table: str) -> str:
    return STAGE if table == STAGE else "code"


def values_of(actor: Actor, table: str) -> list[Any]:
    """The rows of a table in their order."""
    model = model_of(table)
    query = select(model).where(model.sandbox_id == actor.sandbox_id).order_by(model.sort, model.serial)
    if table != STAGE:
        query = query.where(Code.code_table == table)
    return list(db.session.scalars(query))


# -- changing --------------------------------------------------------------------------------------


def add(actor: Actor, source: Source, table: str, form: Mapping[str, str]) -> None:
    """A new value at the end of its table; a stage before won and lost. Raises Invalid, Refused."""
    key = form.get("key", "").strip()
    with _work(actor, source, table, "create", {"key": key}) as work:
        work.require("create", model_of(table))
        names = names_typed(form)
        more = stage_typed(form) if table == STAGE else {"code_table": table}
        rows = values_of(actor, table)
        _check_key(rows, key)
        work.create(
            model_of(table),
            key=key,
            name_en=names.en,
            name_zh=names.zh,
            sort=_make_room(work, table, rows),
            **more,
            **({"outcome": "open", "requires": []} if table == STAGE else {}),
        )


def _check_key(rows: list[Any], key: str) -> None:
    if not KEY.fullmatch(key):
        sentence = _(
            "A key has small letters, digits and underscores, begins with a letter and has at most 40 signs."
        )
        raise Invalid(sentence, {"key": sentence})
    if any(row.key == key for row in rows):
        sentence = _("There is a value with the key %(key)s already.", key=key)
        raise Invalid(sentence, {"key": sentence})
    if len(rows) >= MOST:
        raise Invalid(_("A table has at most %(most)s values.", most=MOST))


def _make_room(work: Work, table: str, rows: list[Any]) -> int:
    """The place of a new value in the order."""
    closed = [row for row in rows if table == STAGE and row.outcome != "open"]
    if not closed:
        return max((row.sort for row in rows), default=0) + 1
    place = int(closed[0].sort)
    for row in closed:
        work.update(row, sort=row.sort + 1)
    return place


def change(actor: Actor, source: Source, table: str, row_id: int, form: Mapping[str, str]) -> None:
    """Rename; for stages also probability and meaning. Won stays 100 and lost 0. Raises Invalid, Refused."""
    with _work(actor, source, table, "edit", {}) as work:
        row = _row(work, table, "edit", row_id)
        names = names_typed(form)
        more: dict[str, Any] = {}
        if table == STAGE:
            more = stage_typed(form)
            more |= {} if row.outcome == "open" else {"probability": row.probability}
        work.header.answers = {"name_en": names.en, "name_zh": names.zh, **more}
        work.update(row, name_en=names.en, name_zh=names.zh, **more)


def shift(actor: Actor, source: Source, table: str, row_id: int, up: bool) -> None:
    """One place up or down. Raises Invalid at the end."""
    with _work(actor, source, table, "edit", {"up": up}) as work:
        row = _row(work, table, "edit", row_id)
        for sort, one in in_order(values_of(actor, table), row, up):
            work.update(one, sort=sort)


def in_order(rows: list[Any], row: Any, up: bool) -> list[tuple[int, Any]]:
    """(place, row) for all of them once this one has moved up or down by one. Raises Invalid at the end."""
    at = next(place for place, other in enumerate(rows) if other.id == row.id)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(rows):
        raise Invalid(_("It stands at the end already."))
    rows[at], rows[other] = rows[other], rows[at]
    return list(zip(_places(rows), rows, strict=True))


def _places(rows: list[Any]) -> list[int]:
    """The sort numbers in their order, the old ones where they differ."""
    known = sorted(row.sort for row in rows)
    return known if len(set(known)) == len(known) else list(range(known[0], known[0] + len(known)))


def retire(actor: Actor, source: Source, table: str, row_id: int, retired: bool) -> None:
    """Offer a value no more, or again; old records keep it. Raises Invalid, Refused."""
    verb = "edit" if table == STAGE else "retire"
    with _work(actor, source, table, verb, {"retired": retired}) as work:
        row = _row(work, table, verb, row_id)
        if retired:
            _check_dispensable(actor, table, row)
        work.update(row, retired=retired)


def delete(actor: Actor, source: Source, table: str, row_id: int) -> None:
    """Remove a value that no record has. Raises Invalid, naming how many have it; Refused."""
    with _work(actor, source, table, "delete", {}) as work:
        row = _row(work, table, "delete", row_id)
        _check_dispensable(actor, table, row)
        count = used_by(actor, table, row.key)
        if count:
            raise Invalid(
                ngettext(
                    "%(num)s record has this value, so it cannot be deleted. Retire it instead.",
                    "%(num)s records have this value, so it cannot be deleted. Retire it instead.",
                    count,
                )
            )
        work.delete(row)


def _work(actor: Actor, source: Source, table: str, verb: str, answers: dict[str, Any]) -> Work:
    return Work(actor, f"{kind_of(table)}.{verb}", answers={"table": table, **answers}, source=source)


def _row(work: Work, table: str, verb: str, row_id: int) -> Any:
    """The value of this table under the write lock. Raises NotFound, Refused."""
    model = model_of(table)
    require_granted(work.actor, kind_of(table), verb)
    row = work.on(model, row_id)
    if table != STAGE and row.code_table != table:
        raise NotFound(_l("There is no such record, or it is not visible to you."))
    return row


def _check_dispensable(actor: Actor, table: str, row: Any) -> None:
    """Raises Invalid for values the program itself gives, and for the last open stage."""
    if table == STAGE and row.outcome != "open":
        raise Invalid(_("Won and lost stay: reports and completed sales count by them. They can be renamed."))
    if row.key in NEEDED.get(table, ()):
        raise Invalid(_("The program itself sets this value, so it stays. It can be renamed."))
    if row.key in defaults(table):
        raise Invalid(_("New records begin with this value, so it stays. It can be renamed."))
    if sum(not other.retired for other in values_of(actor, table) if other.id != row.id) == 0:
        raise Invalid(_("This is the last value that is offered. Add another one first."))


def defaults(table: str) -> frozenset[str]:
    """The values that new records of any kind begin with."""
    return frozenset(str(field.default) for _model, field in _fields(table) if field.default)


def used_by(actor: Actor, table: str, key: str) -> int:
    """How many records of the sandbox have this value, those in the bin and past stages of a sale too."""
    total = 0
    for model, field in _fields(table):
        column = getattr(model, field.name)
        hit = column == key
        if table == STAGE and hasattr(model, "stage_history"):
            hit = hit | cast(model.stage_history, String).contains(f'"{key}"', autoescape=True)
        query = select(func.count(model.id)).where(model.sandbox_id == actor.sandbox_id, hit)
        total += int(db.session.execute(query, execution_options={"seen_by": EVERYONE}).scalar_one())
    return total


def _fields(table: str) -> Iterator[tuple[Any, Any]]:
    """(model, field) of every choice from this table."""
    for record_type in catalog().values():
        for field in record_type.fields.values():
            if field.shape == "choice" and field.codes == table:
                yield record_type.model, field
