"""What a word in a file means here: a value of a code table, a member, another record."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select

from labapp.access.actor import Actor
from labapp.access.rules import model_of
from labapp.db import db
from labapp.db.fields import Field
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.codes import FIXED, codes_of
from labapp.records.forms import may_start
from labapp.records.imports.targets import LOCALES, plain_word

AT_ONCE = 400
WORKS = frozenset({"student", "instructor"})
LIKE = 60


class Lookups:
    """Finds values for one actor. Codes and members are read once, records a batch at a time (`want`)."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._codes: dict[str, dict[str, str]] = {}
        self._records: dict[tuple[str, str], list[int]] = {}

    # -- codes --------------------------------------------------------------------------------------------------

    def code(self, shape: Field, text: str) -> tuple[str, str]:
        """(key, remark) of a choice, said by key or by label in either language. Raises ValueError.

        A word that is a part of one label only is taken for that one, and the remark says so.
        """
        known, word, remark = self._known(shape), plain_word(text), ""
        key = known.get(word)
        if key is None:
            key = self._part_of(known, word)
            label = self.label(shape, key)
            remark = _("“%(value)s” is taken for “%(label)s”.", value=text, label=label) if key else ""
        if key is None:
            raise ValueError(self._unknown(shape, known, text))
        if not shape.on_edit and not may_start(self.actor, shape.codes or "", key):
            raise ValueError(
                _("A new record does not begin as “%(value)s”: it gets there by its verbs.", value=text)
            )
        return key, remark

    def _part_of(self, known: Mapping[str, str], word: str) -> str | None:
        found = {key for label, key in known.items() if len(word) > 1 and word in label}
        return found.pop() if len(found) == 1 else None

    def _unknown(self, shape: Field, known: Mapping[str, str], text: str) -> str:
        from rapidfuzz import process  # late: a fiftieth of a start

        near = process.extractOne(plain_word(text), known.keys(), score_cutoff=LIKE)
        if near is None:
            return str(_("“%(value)s” is not one of the values.", value=text))
        other = self.label(shape, known[near[0]])
        return str(
            _("“%(value)s” is not one of the values. Did you mean “%(other)s”?", value=text, other=other)
        )

    def label(self, shape: Field, key: str | None) -> str:
        """The word for a key in the language that is spoken."""
        if key is None:
            return ""
        own = dict(shape.choices)
        if key in own:
            return str(own[key])
        word = "zh" if str(get_locale() or "zh").startswith("zh") else "en"
        return codes_of(self.actor.sandbox_id, self.actor.stamp).label(shape.codes or "", key, word)

    def _known(self, shape: Field) -> dict[str, str]:
        if shape.name not in self._codes:
            self._codes[shape.name] = dict(self._words(shape))
        return self._codes[shape.name]

    def _words(self, shape: Field) -> Iterable[tuple[str, str]]:
        """(plain word, key): labels first, so that a key that is also a label means what it says."""
        own = {key: (str(label.zh), str(label.en)) for key, label in shape.choices} if shape.custom else {}
        table = shape.codes or ""
        for key, label in FIXED.get(table, {}).items():
            own[key] = tuple(_in(locale, label) for locale in LOCALES)  # type: ignore[assignment]
        if not own:
            values = codes_of(self.actor.sandbox_id, self.actor.stamp).values(table)
            own = {v.key: (v.name_zh, v.name_en) for v in values if not v.retired}
        yield from ((plain_word(key), key) for key in own)
        yield from ((plain_word(label), key) for key, labels in own.items() for label in labels)

    # -- members ------------------------------------------------------------------------------------------------

    @cached_property
    def _members(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for member in self.actor.directory.members.values():
            if member.state != "active" or member.role not in WORKS:
                continue
            for word in {member.key, member.name, member.number or "", f"{member.name} ({member.key})"}:
                found.setdefault(word.casefold(), []).append(member.id)
        return found

    def member(self, text: str) -> int:
        """A member by key, number or name. Raises ValueError where there is none, or more than one."""
        found = self._members.get(text.strip().casefold(), [])
        if not found:
            raise ValueError(_("Nobody called “%(name)s” works in this sandbox.", name=text))
        if len(found) > 1:
            raise ValueError(
                _("%(count)s people are called “%(name)s”. Write the number.", count=len(found), name=text)
            )
        return found[0]

    def may_give_to(self, member_id: int) -> bool:
        """Whether the actor may make a record that this member owns: oneself, people below; an instructor anybody."""
        return self.actor.is_instructor or member_id in self.actor.commands

    # -- records ------------------------------------------------------------------------------------------------

    def want(self, kind: str, texts: Iterable[str]) -> None:
        """Look these up together; only what the actor may see is found."""
        wanted = sorted({text for text in texts if text and (kind, text) not in self._records})
        for text in wanted:
            self._records[kind, text] = []
        for start in range(0, len(wanted), AT_ONCE):
            self._read(kind, wanted[start : start + AT_ONCE])

    def _read(self, kind: str, texts: list[str]) -> None:
        record_type = catalog().get(kind)
        if record_type is None:
            return
        names = {record_type.title, *({"number", "code"} & record_type.fields.keys())}
        model: Any = model_of(kind)
        columns = [getattr(model, name) for name in sorted(names)]
        statement = select(model.id, *columns).where(or_(*(column.in_(texts) for column in columns)))
        for row_id, *said in query.answers(statement.order_by(model.id), self.actor):
            for text in {str(value) for value in said if value} & set(texts):
                self._records[kind, text].append(row_id)

    def record(self, shape: Field, text: str) -> int:
        """The record called so, or with this number. Raises ValueError where there is none, or more than one."""
        kind = shape.target or ""
        found = self._records.get((kind, text), [])
        label = catalog()[kind].label
        if not found:
            raise ValueError(_("There is no %(kind)s “%(name)s” that you can see.", kind=label, name=text))
        if len(found) > 1:
            raise ValueError(
                _(
                    "%(count)s records of the kind %(kind)s are called “%(name)s”. Write the number.",
                    count=len(found),
                    kind=label,
                    name=text,
                )
            )
        return found[0]


def twins(actor: Actor, kind: str, column: str, values: Iterable[Any]) -> Mapping[str, list[int]]:
    """The visible records with these values in a column: ids by value, oldest first."""
    model: Any = model_of(kind)
    field = getattr(model, column)
    wanted = sorted({value for value in values if value})
    found: dict[str, list[int]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        statement = select(model.id, field).where(field.in_(part)).order_by(model.id)
        for row_id, value in db.session.execute(statement, execution_options={"seen_by": actor}):
            found.setdefault(str(value), []).append(row_id)
    return found


def _in(locale: str, label: Any) -> str:
    with force_locale(locale):
        return str(label)
