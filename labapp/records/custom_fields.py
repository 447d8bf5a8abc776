"""Changing custom fields: add, rename, order, retire, delete; each act one step (product.md P11).

Key, kind and shape of a field stay once given: rubrics and the log speak of `extra.KEY`.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.access.everyone import EVERYONE
from labapp.access.rules import model_of, require_granted
from labapp.db import db
from labapp.records import parse
from labapp.records.catalog import catalog
from labapp.records.code_tables import KEY, in_order, names_typed
from labapp.records.custom import ENDS, KINDS, SHAPES, CustomField, expression, shape_of
from labapp.records.describe import RecordType
from labapp.records.work import Source, Work
from labapp.values import dataclass

MOST, MOST_CHOICES = 40, 60
RESERVED = frozenset({"merged_into"})  # what a merge leaves in `extra`
SHAPE_NAMES = {
    "text": _l("Text"),
    "number": _l("Whole number"),
    "date": _l("Date"),
    "choice": _l("Choice"),
    "check": _l("Check box"),
}
Form = MultiDict[str, str]


@dataclass(frozen=True)
class Asked:
    """Which custom field is meant, by whom and by which way."""

    actor: Actor
    source: Source
    kind: str

    def work(self, verb: str, answers: dict[str, Any]) -> Work:
        """A step about a custom field."""
        return Work(self.actor, f"field.{verb}", answers={"kind": self.kind, **answers}, source=self.source)


def kinds() -> list[RecordType]:
    """The record types that may have custom fields."""
    return [catalog()[kind] for kind in KINDS if kind in catalog()]


def rows_of(actor: Actor, kind: str) -> list[CustomField]:
    """The custom fields of a kind in their order."""
    query = select(CustomField).where(
        CustomField.sandbox_id == actor.sandbox_id, CustomField.record_kind == kind
    )
    return list(db.session.scalars(query.order_by(CustomField.sort, CustomField.serial)))


# -- what was typed ----------------------------------------------------------------------------------------


def typed_values(form: Form) -> dict[str, Any]:
    """Names, hints and whether it is needed. Raises Invalid."""
    names = names_typed(form)
    found: dict[str, Any] = {"name_en": names.en, "name_zh": names.zh, "required": "required" in form}
    for name in ("help_en", "help_zh"):
        try:
            found[name] = parse.text(form.get(name, ""))
        except ValueError as error:
            raise Invalid(str(error), {name: str(error)}) from error
    return found


def typed_choices(form: Form, old: list[dict[str, str]]) -> list[dict[str, str]]:
    """The choices in their order: old ones (left out where both names are empty), new ones. Raises Invalid."""
    known = {one["key"] for one in old}
    lines = zip(*(form.getlist(f"choice_{part}") for part in ("key", "zh", "en")), strict=False)
    found: list[dict[str, str]] = []
    for key, zh, en in lines:
        if not zh.strip() and not en.strip():
            continue
        try:
            said_zh, said_en = parse.text(zh) or "", parse.text(en) or ""
        except ValueError as error:
            raise Invalid(str(error), {"choices": str(error)}) from error
        taken = known | {one["key"] for one in found}
        own = key if key in known else _new_key(key.strip() or said_en, "choice", taken)
        found.append({"key": own, "en": said_en or said_zh, "zh": said_zh or said_en})
    _check_choices(found)
    return found


def _check_choices(found: list[dict[str, str]]) -> None:
    if not found:
        sentence = _("A choice needs at least one value.")
        raise Invalid(sentence, {"choices": sentence})
    if len(found) > MOST_CHOICES:
        sentence = _("A choice has at most %(most)s values.", most=MOST_CHOICES)
        raise Invalid(sentence, {"choices": sentence})
    if len({one["key"] for one in found}) < len(found):
        sentence = _("Two values have the same key.")
        raise Invalid(sentence, {"choices": sentence})


def _new_key(said: str, stem: str, taken: set[str]) -> str:
    """A key from a name: small letters, digits, underscores; a number where the name gives none."""
    made = re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_")[:40]
    if KEY.fullmatch(made) and made not in taken | RESERVED and not made.endswith(ENDS):
        return made
    return next(key for key in _numbered(stem) if key not in taken)


def _numbered(stem: str) -> Iterator[str]:
    number = 1
    while True:
        yield f"{stem}{number}"
        number += 1


def _typed_key(form: Form, rows: list[CustomField]) -> str:
    """The key that was typed, or one made from the name. Raises Invalid."""
    key = form.get("key", "").strip()
    taken = {row.key for row in rows}
    if not key:
        return _new_key(form.get("name_en", ""), "field", taken)
    sentence = ""
    if not KEY.fullmatch(key):
        sentence = _(
            "A key has small letters, digits and underscores, begins with a letter and has at most 40 signs."
        )
    elif key.endswith(ENDS):
        sentence = _("A key does not end in %(ends)s: filters speak like that.", ends=", ".join(ENDS))
    elif key in taken or key in RESERVED:
        sentence = _("There is a field with the key %(key)s already.", key=key)
    if sentence:
        raise Invalid(sentence, {"key": sentence})
    return key


# -- changing ----------------------------------------------------------------------------------------------


def add(asked: Asked, form: Form) -> None:
    """A new field, the last of its kind. Raises Invalid, Refused."""
    with asked.work("create", {"key": form.get("key", ""), "shape": form.get("shape", "")}) as work:
        work.require("create", CustomField)
        rows, shape = rows_of(asked.actor, asked.kind), form.get("shape", "")
        if len(rows) >= MOST:
            raise Invalid(_("A kind of record has at most %(most)s custom fields.", most=MOST))
        if shape not in SHAPES:
            sentence = _("Choose what is filled in.")
            raise Invalid(sentence, {"shape": sentence})
        work.create(
            CustomField,
            record_kind=asked.kind,
            key=_typed_key(form, rows),
            shape=shape,
            sort=max((row.sort for row in rows), default=0) + 1,
            retired=False,
            choices=typed_choices(form, []) if shape == "choice" else [],
            **typed_values(form),
        )


def change(asked: Asked, row_id: int, form: Form) -> None:
    """Rename; new hints, choices, whether it is needed. A choice that records have stays. Raises Invalid, Refused."""
    with asked.work("edit", {}) as work:
        row = _row(work, asked.kind, "edit", row_id)
        values = typed_values(form)
        if row.shape == "choice":
            values["choices"] = typed_choices(form, row.choices)
            kept = {one["key"] for one in values["choices"]}
            for gone in (one for one in row.choices if one["key"] not in kept):
                _check_unused_choice(asked.actor, row, gone)
        work.header.answers |= {"name_en": values["name_en"], "name_zh": values["name_zh"]}
        work.update(row, **values)


def _check_unused_choice(actor: Actor, row: CustomField, choice: dict[str, str]) -> None:
    count = used_by(actor, row, choice["key"])
    if count:
        sentence = ngettext(
            "%(num)s record has the value %(key)s, so it stays. It can be renamed.",
            "%(num)s records have the value %(key)s, so it stays. It can be renamed.",
            count,
            key=choice["key"],
        )
        raise Invalid(sentence, {"choices": sentence})


def shift(asked: Asked, row_id: int, up: bool) -> None:
    """One place up or down. Raises Invalid at the end."""
    with asked.work("edit", {"up": up}) as work:
        row = _row(work, asked.kind, "edit", row_id)
        for sort, one in in_order(rows_of(asked.actor, asked.kind), row, up):
            work.update(one, sort=sort)


def retire(asked: Asked, row_id: int, retired: bool) -> None:
    """Ask for it no more, or again; what was filled in stays readable. Raises Refused."""
    with asked.work("retire", {"retired": retired}) as work:
        work.update(_row(work, asked.kind, "retire", row_id), retired=retired)


def delete(asked: Asked, row_id: int) -> None:
    """Remove a field that no record has filled in. Raises Invalid, naming how many have; Refused."""
    with asked.work("delete", {}) as work:
        row = _row(work, asked.kind, "delete", row_id)
        count = used_by(asked.actor, row)
        if count:
            raise Invalid(
                ngettext(
                    "%(num)s record has this field filled in, so it cannot be deleted. Retire it instead.",
                    "%(num)s records have this field filled in, so it cannot be deleted. Retire it instead.",
                    count,
                )
            )
        work.delete(row)


def used_by(actor: Actor, row: CustomField, choice: str | None = None) -> int:
    """How many records of the sandbox have the field filled in, or with this choice; those in the bin too."""
    model: Any = model_of(row.record_kind)
    filled = model.extra[row.key].as_string()
    hit = filled.is_not(None) if choice is None else expression(model, shape_of(row)) == choice
    query = select(func.count(model.id)).where(model.sandbox_id == actor.sandbox_id, hit)
    return int(db.session.execute(query, execution_options={"seen_by": EVERYONE}).scalar_one())


def _row(work: Work, kind: str, verb: str, row_id: int) -> CustomField:
    """The field of this kind under the write lock. Raises NotFound, Refused."""
    require_granted(work.actor, "field", verb)
    row = work.on(CustomField, row_id)
    if row.record_kind != kind:
        raise NotFound(_l("There is no such record, or it is not visible to you."))
    return row
