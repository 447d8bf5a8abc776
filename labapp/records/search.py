"""Search that works for two Chinese characters, for pinyin initials, and for words and numbers from their start.

Tokens of our own stand in one column, indexed by FTS5 (SQLite) or a tsvector (PostgreSQL). Every token begins with
sandbox and kind, so that a query meets nothing of another sandbox. On SQLite the number of an entry says which record
it is about: what is found needs no second look, and comes newest first without being put in order.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from operator import add
from typing import Any

from sqlalchemy import (
    Index,
    Integer,
    Select,
    String,
    Text,
    bindparam,
    column,
    delete,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import instance_dict

from labapp.db import Model, Record, db, is_sqlite
from labapp.db.dialects import made_once
from labapp.db.entries import ROOM, entry_id
from labapp.db.fields import Field, fields_of
from labapp.db.quick import Quick
from labapp.db.triggers import SEARCH_COLUMN
from labapp.late import expression
from labapp.records import custom
from labapp.records.snapshot import kind_of

RUN = expression(r"[\u4e00-\u9fff]+|[^\W_]+")
DIALLED = expression(r"(\+86|0086|[01])[\d\s()（）－—-]{6,}", re.ASCII)  # what is typed like a phone number
PHONES = frozenset({"phone", "mobile"})
FIRST_HAN, LAST_HAN = "\u4e00", "\u9fff"
READINGS, LONGEST, SUFFIX = 4, 40, 4
SHORT, LONG = 500, 5_000
REMEMBERED = 4_000  # runs of Chinese characters whose words are at hand
SURNAMES = {
    "单": "s",
    "曾": "z",
    "解": "x",
    "仇": "q",
    "查": "z",
    "区": "o",
    "朴": "p",
    "尉": "y",
    "盖": "g",
    "种": "c",
}

# Characters that are read in two ways today. Dictionaries know more for many others, long out of use: with those every
# name that ends in 有限公司 has eight readings, and none is left for the character that matters.
TWO_WAYS = {
    pair[0]: pair[1:]
    for pair in (
        "重zc 长cz 行xh 会hk 乐ly 朝cz 厦sx 率ls 调dt 传cz 藏cz 系xj 降jx 校xj 解jx 盛sc 宿sx 参cs 弹dt 便bp 种zc "
        "乘cs 畜cx 给gj 壳kq 卡kq 圈qj 提td 巷xh 尾wy 贾jg 翟zd 浒hx 埔pb 番fp 铅qy 涡gw 阿ae 堡bp 泊bp 茄qj "
        "咖kg 伽jqg 折zs 识sz 车cj 单ds 曾zc 仇cq 查cz 区qo 尉wy 石sd 择zc 虹hg 暴bp 炮pb 柜gj 夹jg 屏pb 奇qj 吓xh"
    ).split()
}


class SearchEntry(Model):
    """The tokens of one record. On SQLite `id` is what `entry_id` says."""

    __tablename__ = "search_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    tokens: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "kind", "record_id", unique=True), Index(None, "sandbox_id"))


@cache
def searched(model: type[Record]) -> tuple[Field, ...]:
    """The fields of a model that search looks into."""
    return tuple(field for field in fields_of(model).values() if field.search)


def prefix(sandbox_id: int, kind: str) -> str:
    return f"{sandbox_id}{kind.replace('_', '')}0"


def tokens_of(record: Record) -> str:
    """The tokens of a record, in a text of words."""
    head = prefix(record.sandbox_id, kind_of(record))
    words: list[str] = []
    held = instance_dict(record)
    for field in searched(type(record)):
        value = held[field.name] if field.name in held else getattr(record, field.name)
        if not value:
            continue
        said = " ".join(value) if isinstance(value, list) else str(value)
        words += words_of(said, LONG if field.shape == "prose" else SHORT)
        if field.shape in PHONES:
            words += words_of(digits(said))
    for text_ in own_texts(record):
        words += words_of(text_)
    return head + f" {head}".join(dict.fromkeys(words)) if words else ""


def own_texts(record: Record) -> Iterator[str]:
    """The texts in custom fields of a record that is being written."""
    work = db.session.info.get("work") if record.extra else None
    if work is not None:
        shapes = custom.custom_in(work.actor, kind_of(record)).values()
        yield from (str(custom.value_of(s, record) or "") for s in shapes if s.shape == "text")


def words_of(value: str, most: int = SHORT) -> list[str]:
    """What a text is found by, in its first `most` characters."""
    found: list[str] = []
    for run in RUN.findall(value.casefold()[:most]):
        if FIRST_HAN <= run[0] <= LAST_HAN:
            found += _words_of_han(run)
        else:
            found.append(run[:LONGEST])
            if run.isdigit():
                found += [run[i:LONGEST] for i in range(1, len(run) - SUFFIX + 1)]
    return found


@lru_cache(REMEMBERED)
def _words_of_han(run: str) -> tuple[str, ...]:
    """The same for one run of Chinese characters; texts say the same ones again and again."""
    return (*run, *map(add, run, run[1:]), *initials(run))


def digits(number: str) -> str:
    """The digits of a phone number in one piece, without the country's code."""
    return re.sub(r"^(\+|00)86|\D", "", number)


def initials(run: str) -> set[str]:
    """The pinyin initials of a run of characters from each of its characters on, in up to four readings."""
    letters = list(map(_letters, run[:20]))
    letters[0] = [SURNAMES[run[0]], *letters[0]] if run[0] in SURNAMES else letters[0]
    found = set()
    for whole in map("".join, islice(product(*letters), READINGS)):
        found.update([whole[i:] for i in range(max(1, len(whole) - 1))])
    return found - {""}


@cache
def _letters(character: str) -> list[str]:
    # Single characters need no table of phrases, which would hold 45 MiB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    readings = pinyin(character, style=Style.FIRST_LETTER, heteronym=True)
    usual = next((reading[0] for reading in readings[0] if reading), "") if readings else ""
    return [*dict.fromkeys(usual + TWO_WAYS.get(character, ""))] or [""]


def terms(sandbox_id: int, kind: str, question: str) -> list[tuple[str, bool]]:
    """(token, whether it is the start of a word) for each thing the question asks; all must be met."""
    head = prefix(sandbox_id, kind)
    found: list[tuple[str, bool]] = []
    asked = question.casefold()[:100].strip()
    for run in RUN.findall(digits(asked) if DIALLED.fullmatch(asked) else asked):
        if not FIRST_HAN <= run[0] <= LAST_HAN:
            found.append((head + run[:LONGEST], True))
        elif len(run) == 1:
            found.append((head + run, False))
        else:
            found += [(head + run[i : i + 2], False) for i in range(len(run) - 1)]
    return found


def asked_of(sandbox_id: int, kind: str, question: str) -> str:
    """What the index of words is asked, in the language of the database; '' where the question asks nothing."""
    asked = terms(sandbox_id, kind, question)
    if is_sqlite():
        return " ".join(f'"{token}"*' if start else f'"{token}"' for token, start in asked)
    return " & ".join(f"'{token}':*" if start else f"'{token}'" for token, start in asked)


def matching(sandbox_id: int, kind: str, question: str) -> Any:
    """A subquery of record ids that meet the question; None where it asks nothing."""
    match = asked_of(sandbox_id, kind, question)
    if not match:
        return None
    if is_sqlite():
        return select(RECORD).select_from(WORDS).where(MEETS(match))
    hit = text(f"search_entry.{SEARCH_COLUMN} @@ CAST(:match AS tsquery)").bindparams(match=match)
    return select(SearchEntry.record_id).where(SearchEntry.kind == kind, hit)


def by_words(query: Select[Any], model: Any) -> Select[Any]:
    """SQLite: the records of a query that meet what is bound as `match`, come by from the words."""
    return query.select_from(WORDS.join(model, model.id == RECORD)).where(MEETS(bindparam("match")))


def in_order(query: Select[Any], *, descending: bool, behind: int | None) -> Select[Any]:
    """What comes `by_words` by id, one after another as it is asked for: nothing that is not shown is put together
    first. `behind`: those that come after this id.
    """
    number = WORDS.c.rowid
    if behind is not None:
        query = query.where(number < behind * ROOM if descending else number >= (behind + 1) * ROOM)
    return query.order_by(number.desc() if descending else number.asc())


_entry: Any = SearchEntry.__table__
WORDS: Any = table("search_fts", column("rowid", Integer), column("search_fts", Text))
# SQLite divides whole numbers whole.
RECORD: Any = WORDS.c.rowid.op("/", return_type=Integer())(text(str(ROOM)))
MEETS = WORDS.c.search_fts.op("MATCH", is_comparison=True)


@made_once
def _keeping() -> Quick:
    own = ["id"] if is_sqlite() else []
    return Quick(insert(_entry), [*own, "sandbox_id", "kind", "record_id", "tokens"])


def keep(record: Record, moved: set[str] | None) -> None:
    """Write the tokens of a record: a new entry (`moved` None), or the old one if a searched field moved."""
    fields = searched(type(record))
    names = {field.log for field in fields}
    if not fields or not (moved is None or moved & names or any(n.startswith("extra.") for n in moved)):
        return
    if moved is not None:
        statement = update(SearchEntry).where(
            SearchEntry.kind == kind_of(record), SearchEntry.record_id == record.id
        )
        db.session.execute(
            statement.values(tokens=tokens_of(record)).execution_options(synchronize_session=False)
        )
    else:
        _keeping()(entry_of(record))


def entry_of(record: Record) -> dict[str, Any]:
    """The row of a record's entry."""
    kind = kind_of(record)
    return {
        **({"id": entry_id(kind, record.id)} if is_sqlite() else {}),
        "sandbox_id": record.sandbox_id,
        "kind": kind,
        "record_id": record.id,
        "tokens": tokens_of(record),
    }


def keep_all(entries: Iterable[dict[str, Any]]) -> None:
    """Many new entries at once, in the order of their numbers: SQLite writes the words down at every step back."""
    rows = sorted(entries, key=lambda entry: entry.get("id", 0))
    if rows:
        _keeping().together(rows)


def refresh_all(records: Sequence[Record]) -> None:
    """Put right the tokens of these records of one kind: those that have none, or not the present ones."""
    if not records or not searched(type(records[0])):
        return
    kind, wanted = kind_of(records[0]), {record.id: entry_of(record) for record in records}
    query = select(_entry.c.record_id, _entry.c.tokens).where(
        _entry.c.kind == kind, _entry.c.record_id.in_(wanted)
    )
    there = {row.record_id: row.tokens for row in db.session.connection().execute(query)}
    keep_all(entry for record_id, entry in wanted.items() if record_id not in there)
    for record_id, tokens in there.items():
        if wanted[record_id]["tokens"] != tokens:
            old = update(_entry).where(_entry.c.kind == kind, _entry.c.record_id == record_id)
            db.session.connection().execute(old.values(tokens=wanted[record_id]["tokens"]))


def drop(record: Record) -> None:
    statement = delete(SearchEntry).where(
        SearchEntry.kind == kind_of(record), SearchEntry.record_id == record.id
    )
    db.session.execute(statement.execution_options(synchronize_session=False))
