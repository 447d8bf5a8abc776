"""Which column of a class list is which: guessed from the titles in both languages, corrected by the person."""

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.records.imports.heads import Heads, find_heads
from labapp.records.imports.tables import Table
from labapp.records.imports.targets import plain_word

WANTED = ("number", "name", "email", "class_name", "position")
LABELS: Mapping[str, Any] = MappingProxyType(
    {
        "number": _l("Student number"),
        "name": _l("Name"),
        "email": _l("E-mail"),
        "class_name": _l("Class"),
        "position": _l("Position"),
    }
)
WORDS = {
    "number": "学号 学生学号 学籍号 编号 号码 工号 number no studentnumber studentno studentid id matriculation",
    "name": "姓名 学生姓名 学生 名字 中文姓名 name fullname student studentname",
    "email": "邮箱 电子邮箱 邮件 电子邮件 电子邮件地址 邮箱地址 email mail emailaddress",
    "class_name": "班级 班级名称 行政班 行政班级 教学班 所在班级 班 class classname group section",
    "position": "岗位 工作岗位 职位 职务 岗位名称 部门 position post job department role",
}
NAMES = {plain_word(word): name for name, words in WORDS.items() for word in words.split()}


def heads_of(table: Table) -> Heads:
    """Where the titles stand."""
    return find_heads(table, NAMES)


def guess(titles: Sequence[str]) -> dict[str, int]:
    """The column of each thing wanted, by title; what is not recognised is left out. The first of two counts."""
    found: dict[str, int] = {}
    for place, title in enumerate(titles):
        name = NAMES.get(plain_word(title)) or _begins(title)
        if name is not None:
            found.setdefault(name, place)
    return found


def _begins(title: str) -> str | None:
    """A title that says more than the word: '学号（必填）', 'Class (2026)'."""
    head = unicodedata.normalize("NFKC", title).partition("(")[0].partition("\n")[0]
    return NAMES.get(plain_word(head))


def letter(place: int) -> str:
    """The column as a spreadsheet names it: A, B … AA."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
