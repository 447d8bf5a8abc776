"""Which records may be the same thing entered twice: keys of each record, kept beside it and indexed (003 two-3).

A kind says in `same_by` which of its fields make which keys. A key is the value without what people write
differently: legal form, width, spaces and signs of a name; separators and country code of a phone number.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Integer, String, and_, bindparam, delete, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import instance_dict

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.db import Model, Record, db
from labapp.db.quick import Quick
from labapp.late import expression
from labapp.records.snapshot import kind_of

LEGAL_FORM = expression(
    r"(股份有限|有限责任|股份|有限|责任)*(总|分)?公司|集团|(事务所|工作室|研究院)$"
    r"|\b(co|ltd|limited|inc|llc|plc|gmbh|corp|corporation|company|group)\b"
)
SIGNS = expression(r"[\W_]+")
BETWEEN_HAN = expression(r"(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])")
NOT_DIGITS = expression(r"\D+")
SHORTEST_NUMBER, LONGEST = 7, 120
BACKWARDS, SHORTEST = (
    "eman",
    3,
)  # a name from its end: those that begin differently stand side by side in the index
KEPT = ("sandbox_id", "kind", "record_id", "what", "key")
FREE_MAIL = frozenset(
    "qq.com foxmail.com 163.com 126.com yeah.net 139.com 189.cn sina.com sina.cn sohu.com aliyun.com gmail.com "
    "outlook.com hotmail.com live.com yahoo.com icloud.com".split()
)
REASONS = {
    "name": _l("same name"),
    "phone": _l("same phone number"),
    "domain": _l("same web or e-mail domain"),
    "email": _l("same e-mail address"),
}


class MatchKey(Model):
    """One key of one record."""

    __tablename__ = "match_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(LONGEST))

    __table_args__ = (Index(None, "sandbox_id", "kind", "what", "key"), Index(None, "kind", "record_id"))


def name_key(value: str) -> str:
    """A name without legal form, spaces and signs, all of half width and in small letters."""
    plain = BETWEEN_HAN.sub("", SIGNS.sub(" ", unicodedata.normalize("NFKC", value).casefold()))
    return LEGAL_FORM.sub(" ", plain).replace(" ", "") or plain.replace(" ", "")


def phone_key(value: str) -> str:
    """The digits of a number without country code and leading noughts; nothing where there are too few."""
    digits = NOT_DIGITS.sub("", unicodedata.normalize("NFKC", value)).lstrip("0")
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:].lstrip("0")
    return digits if len(digits) >= SHORTEST_NUMBER else ""


def domain_key(value: str) -> str:
    """The domain of an address of the web or of mail; nothing for one that everybody uses."""
    host = value.strip().casefold().rpartition("@")[2].partition("//")
    found = (host[2] or host[0]).partition("/")[0].partition(":")[0].removeprefix("www.")
    return found if "." in found and found not in FREE_MAIL else ""


def email_key(value: str) -> str:
    return value.strip().casefold() if "@" in value else ""


def normal(what: str, field: str) -> Callable[[str], str]:
    """How a field is written in a key of this sort."""
    if what in {"domain", "email"}:
        return domain_key if what == "domain" else email_key
    return phone_key if field in {"phone", "mobile"} else name_key


def keys_of(model: Any, values: Any) -> set[tuple[str, str]]:
    """(what, key) of a record, or of what was typed: `values(field)` gives the value of a field."""
    found = set()
    for what, fields in model.same_by:
        parts = [normal(what, field)(str(values(field) or "")) for field in fields]
        if all(parts):
            found.add((what, " ".join(parts)[:LONGEST]))
    return found


# -- kept beside the records -----------------------------------------------------------------------------------------


_key: Any = MatchKey.__table__
KEEP = Quick(insert(_key), KEPT)


@cache
def _keeping(count: int) -> Quick:
    """The insert of so many keys by one statement."""
    rows: list[dict[str, Any]] = [
        {name: bindparam(f"{name}_{place}") for name in KEPT} for place in range(count)
    ]
    return Quick(insert(MatchKey).values(rows))


def keep(record: Record, moved: set[str] | None) -> None:
    """Write the keys of a record: all of a new one (`moved` None), anew where a field that makes keys moved."""
    makers = {field for _what, fields in record.same_by for field in fields}
    if not makers or (moved is not None and not moved & makers):
        return
    if moved is not None:
        drop(record)
    entries = list(entries_of(record))
    if entries:
        values = {f"{name}_{place}": entry[name] for place, entry in enumerate(entries) for name in KEPT}
        _keeping(len(entries))(values)


def entries_of(record: Record) -> Iterator[dict[str, Any]]:
    """The rows of a record."""
    named = {"sandbox_id": record.sandbox_id, "kind": kind_of(record), "record_id": record.id}
    held = instance_dict(record)
    for what, key in sorted(
        keys_of(type(record), lambda name: held[name] if name in held else getattr(record, name))
    ):
        yield {**named, "what": what, "key": key}
        if what == "name" and len(key) >= SHORTEST:
            yield {**named, "what": BACKWARDS, "key": key[::-1]}


def keep_all(entries: Iterable[dict[str, Any]]) -> None:
    """Many new keys at once."""
    rows = list(entries)
    if rows:
        KEEP.many(rows)


def refresh_all(records: Sequence[Record]) -> None:
    """Put right the keys of these records of one kind: those that have others than the present ones."""
    if not records or not records[0].same_by:
        return
    kind, ids = kind_of(records[0]), [record.id for record in records]
    columns = _key.c.record_id, _key.c.what, _key.c.key
    query = select(*columns).where(_key.c.kind == kind, _key.c.record_id.in_(ids))
    there = set(map(tuple, db.session.connection().execute(query)))
    entries = [entry for record in records for entry in entries_of(record)]
    wanted = {(entry["record_id"], entry["what"], entry["key"]) for entry in entries}
    wrong = {entry[0] for entry in there ^ wanted}
    if wrong:
        old = delete(_key).where(_key.c.kind == kind, _key.c.record_id.in_(wrong))
        db.session.connection().execute(old)
        keep_all(entry for entry in entries if entry["record_id"] in wrong)


def drop(record: Record) -> None:
    if record.same_by:
        where = MatchKey.kind == kind_of(record), MatchKey.record_id == record.id
        db.session.execute(delete(MatchKey).where(*where).execution_options(synchronize_session=False))


# -- asked for somebody ----------------------------------------------------------------------------------------------


def same_as(actor: Actor, model: Any, values: Any, but: int | None = None, most: int = 5) -> list[int]:
    """The ids of the visible records of this kind that share a key with these values, oldest first."""
    keys = sorted(keys_of(model, values))
    if not keys:
        return []
    sorts = tuple(what for what, _key in keys)
    said = {f"key_{place}": key for place, (_what, key) in enumerate(keys)}
    found = read(
        actor, ("same", model.__tablename__, sorts), _same(model, sorts), but=but or 0, most=most, **said
    )
    return [row.id for row in found]


def _same(model: Any, sorts: Sequence[str]) -> Builder:
    """The records with one of the keys `key_0`, `key_1`, … of these sorts."""

    def build(visible: Visible) -> Any:
        theirs = (
            and_(MatchKey.what == what, MatchKey.key == bindparam(f"key_{place}"))
            for place, what in enumerate(sorts)
        )
        here = MatchKey.sandbox_id == bindparam("sandbox"), MatchKey.kind == kind_of(model)
        sharing = select(MatchKey.record_id).where(*here, or_(*theirs))
        other = model.id.in_(sharing), model.id != bindparam("but")
        return (
            select(model.id)
            .where(*other, visible(model))
            .order_by(model.id)
            .limit(bindparam("most", type_=Integer))
        )

    return build
