"""Code tables and stages: the values of choices, with labels in both languages (004 §2.11-7)."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp.db import Reference, db
from labapp.db.fields import check, data, number, percent, text
from labapp.people.models import MODES, POSITION_KINDS, PROFILES, ROLES, STATES, Sandbox
from labapp.values import dataclass

KEPT = 64


class Code(Reference):
    """One value of a code table. A retired code stays readable and is not offered on new records."""

    __tablename__ = "code"

    code_table: Mapped[str] = text(_l("Code table"), required=True)
    key: Mapped[str] = text(_l("Key"), required=True)
    name_en: Mapped[str] = text(_l("Name (English)"), required=True)
    name_zh: Mapped[str] = text(_l("Name (Chinese)"), required=True)
    sort: Mapped[int] = number(_l("Order"), default=0, required=True)
    retired: Mapped[bool] = check(_l("Retired"))

    __table_args__ = (
        Index(None, "sandbox_id", "serial", unique=True),
        Index(None, "sandbox_id", "code_table", "key", unique=True),
    )


class Stage(Reference):
    """A stage of a sale: its probability and meaning (001 five-4), what it asks for on entry, whom it tells (003).

    `requires` are keys of entry conditions (modules/opportunities/conditions); `notify` says `position:SERIAL` and
    `member:KEY`; after `remind_after` days without a follow-up the owner is reminded.
    """

    __tablename__ = "stage"

    key: Mapped[str] = text(_l("Key"), required=True)
    name_en: Mapped[str] = text(_l("Name (English)"), required=True)
    name_zh: Mapped[str] = text(_l("Name (Chinese)"), required=True)
    probability: Mapped[int] = percent(_l("Probability"), required=True, default=0)
    outcome: Mapped[str] = mapped_column(
        String(8), default="open", info={"shape": "text", "label": _l("Outcome"), "required": True}
    )
    meaning_en: Mapped[str | None] = text(_l("Meaning (English)"))
    meaning_zh: Mapped[str | None] = text(_l("Meaning (Chinese)"))
    requires: Mapped[list[str]] = data(_l("Requires"), default=list)
    notify: Mapped[list[str]] = data(_l("Told on entry"), default=list)
    remind_after: Mapped[int | None] = number(_l("Reminder after days"))
    sort: Mapped[int] = number(_l("Order"), default=0, required=True)
    retired: Mapped[bool] = check(_l("Retired"))


@dataclass(frozen=True)
class Value:
    """A value of a choice. `probability` and `outcome` only for stages."""

    key: str
    name_en: str
    name_zh: str
    retired: bool = False
    serial: int = 0
    probability: int = 0
    outcome: str = "open"
    meaning_en: str = ""
    meaning_zh: str = ""
    requires: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    remind_after: int | None = None

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en

    def meaning(self, language: str) -> str:
        """What a stage means, in the other language where it is said in one only."""
        said = self.meaning_zh, self.meaning_en
        first, second = said if language == "zh" else said[::-1]
        return first or second


FIXED: dict[str, dict[str, Any]] = {
    "role": dict(zip(ROLES, (_l("Instructor"), _l("Assistant"), _l("Student"), _l("Observer")), strict=True)),
    "member_state": dict(
        zip(
            STATES,
            (_l("Pending"), _l("Active"), _l("Rejected"), _l("Left"), _l("Simulated")),
            strict=True,
        )
    ),
    "position_kind": dict(
        zip(POSITION_KINDS, (_l("Instructor"), _l("Class"), _l("Department"), _l("Staff")), strict=True)
    ),
    "profile": dict(
        zip(
            PROFILES,
            (
                _l("Everything"),
                _l("Manager"),
                _l("Sales"),
                _l("Marketing"),
                _l("Service"),
                _l("Product"),
                _l("Configurator"),
            ),
            strict=True,
        )
    ),
    "mode": dict(zip(MODES, (_l("Class"), _l("Team"), _l("Individual")), strict=True)),
    "gender": {"male": _l("Male"), "female": _l("Female")},
    "channel": {
        "phone": _l("Phone"),
        "mobile": _l("Mobile"),
        "email": _l("E-mail"),
        "message": _l("Message"),
        "visit": _l("Visit"),
    },
    "yes_no": {"yes": _l("Yes"), "no": _l("No")},
}


class CodeBook:
    """The code tables of one sandbox at one stamp."""

    def __init__(self, codes: Iterable[Code], stages: Iterable[Stage]) -> None:
        self.tables: dict[str, dict[str, Value]] = {}
        for code in codes:
            value = Value(code.key, code.name_en, code.name_zh, code.retired, code.serial)
            self.tables.setdefault(code.code_table, {})[code.key] = value
        self.tables["stage"] = {stage.key: _stage(stage) for stage in stages}

    def values(self, table: str) -> list[Value]:
        """The values of a table in their order, retired ones too."""
        return list(self.tables.get(table, {}).values())

    def get(self, table: str, key: str | None) -> Value | None:
        return self.tables.get(table, {}).get(key or "")

    def label(self, table: str, key: str | None, language: str) -> str:
        """The word for a key, in the reader's language; the key itself where nothing is known."""
        if key is None:
            return ""
        value = self.get(table, key)
        if value is not None:
            return value.name(language)
        fixed = FIXED.get(table, {}).get(key)
        return str(fixed) if fixed is not None else key

    def choices(self, table: str, language: str, keep: str | None = None) -> list[tuple[str, str]]:
        """(key, label) of what is offered: no retired codes, but always the one that stands."""
        if table in FIXED:
            return [(key, str(label)) for key, label in FIXED[table].items()]
        return [(v.key, v.name(language)) for v in self.values(table) if not v.retired or v.key == keep]

    def probability(self, stage: str | None) -> int:
        found = self.get("stage", stage)
        return found.probability if found else 0

    def outcome(self, stage: str | None) -> str:
        """open, won or lost."""
        found = self.get("stage", stage)
        return found.outcome if found else "open"


def _stage(s: Stage) -> Value:
    return Value(
        s.key,
        s.name_en,
        s.name_zh,
        s.retired,
        s.serial,
        s.probability,
        s.outcome,
        s.meaning_en or "",
        s.meaning_zh or "",
        tuple(s.requires or ()),
        tuple(s.notify or ()),
        s.remind_after,
    )


_kept: OrderedDict[tuple[int, str], CodeBook] = OrderedDict()


def codes_of(sandbox_id: int, stamp: str) -> CodeBook:
    """The code book of this sandbox as it stands. Kept per stamp."""
    key = (sandbox_id, stamp)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = read_codes(sandbox_id)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def codes_in(sandbox: Sandbox) -> CodeBook:
    return codes_of(sandbox.id, sandbox.stamp)


def read_codes(sandbox_id: int) -> CodeBook:
    """The code book straight from the tables, two statements."""
    codes = (
        select(Code).where(Code.sandbox_id == sandbox_id).order_by(Code.code_table, Code.sort, Code.serial)
    )
    stages = select(Stage).where(Stage.sandbox_id == sandbox_id).order_by(Stage.sort, Stage.serial)
    return CodeBook(db.session.scalars(codes), db.session.scalars(stages))
