"""YAML 1.2 by the core schema, with a line for every value.

The core schema knows null, true and false, whole numbers and decimals; all else is text, so ``on``
and ``2026-09-07`` are. Decimals are read exactly.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from decimal import Decimal
from typing import Any

from labapp.grading.no_yaml import broken
from labapp.grading.problems import Problem
from labapp.grading.text import Text
from labapp.values import dataclass

LARGEST = 100_000
DEEPEST = 50

_LITERALS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"[-+]?[0-9]{1,4000}"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?"), Decimal),
)


@dataclass
class Node:
    """A value and its line, from 1.

    ``value`` is None, bool, int, Decimal or str; a list of nodes; or a dict of nodes by text key,
    whose keys stand on ``key_lines``.
    """

    value: Any
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping where it has no such key."""
        return self.key_lines.get(key, self.line)


@dataclass
class _Reader:
    """Builds nodes from the parser's events, collecting what is wrong on the way."""

    events: Iterator[Any]
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    count: int = 0
    depth: int = 0

    def wrong(self, line: int, en: str, zh: str) -> None:
        self.problems.append(Problem(line, Text(en, zh)))

    def next(self) -> Any:
        return next(self.events)

    def node(self, event: Any) -> Node:
        name = type(event).__name__
        line = event.start_mark.line + 1
        if name == "AliasEvent":
            return self._alias(event.anchor, line)
        self._grow(line)
        node = _BUILDERS[name](self, event, line)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _grow(self, line: int) -> None:
        self.count += 1
        if self.count > LARGEST or self.depth > DEEPEST:
            raise _TooLarge(line)

    def _alias(self, anchor: str, line: int) -> Node:
        node = self.anchors.get(anchor)
        if node is None:
            self.wrong(line, f"*{anchor} stands for nothing before it", f"*{anchor} 在此之前没有定义")
            return Node(None, line)
        self.count += _size(node)
        self._grow(line)
        return node

    def scalar(self, event: Any, line: int) -> Node:
        if event.style or not event.implicit[0]:
            return Node(event.value, line)
        return Node(core(event.value), line)

    def sequence(self, _event: Any, line: int) -> Node:
        items: list[Node] = []
        self.depth += 1
        while type(event := self.next()).__name__ != "SequenceEndEvent":
            items.append(self.node(event))
        self.depth -= 1
        return Node(items, line)

    def mapping(self, _event: Any, line: int) -> Node:
        found = Node({}, line)
        self.depth += 1
        while type(event := self.next()).__name__ != "MappingEndEvent":
            key = self.node(event)
            value = self.node(self.next())
            self._put(found, key, value)
        self.depth -= 1
        return found

    def _put(self, found: Node, key: Node, value: Node) -> None:
        if not isinstance(key.value, str):
            self.wrong(key.line, "a key must be text", "键必须是文本")
        elif key.value in found.value:
            first = found.key_lines[key.value]
            self.wrong(
                key.line,
                f"the key {key.value!r} is written twice, first on line {first}",
                f"键 {key.value!r} 重复，首次出现在第 {first} 行",
            )
        else:
            found.value[key.value] = value
            found.key_lines[key.value] = key.line


class _TooLarge(Exception):
    """More values than any rubric has."""


_BUILDERS = {
    "ScalarEvent": _Reader.scalar,
    "SequenceStartEvent": _Reader.sequence,
    "MappingStartEvent": _Reader.mapping,
}


def core(text: str) -> Any:
    """What a plain scalar means in the core schema."""
    if text in _LITERALS:
        return _LITERALS[text]
    for pattern, make in _NUMBERS:
        if pattern.fullmatch(text):
            return make(text)
    return text


def compose(text: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document: its root, or None where it is no YAML, and what is wrong with it."""
    from ruamel.yaml import YAML  # late: a fiftieth of a start, and rubrics are kept once they are read
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="safe", pure=True)
    reader = _Reader(iter(()))
    try:
        reader.events = (
            event
            for event in yaml.parse(text)
            if type(event).__name__ not in ("StreamStartEvent", "StreamEndEvent")
        )
        return _document(reader), reader.problems
    except _TooLarge as error:
        reader.wrong(int(str(error)), "too much or too deep for a rubric", "内容过多或嵌套过深")
    except YAMLError as error:
        reader.problems.append(broken(error, text))
    return None, reader.problems


def _document(reader: _Reader) -> Node:
    if next(reader.events, None) is None:
        return Node(None, 1)
    root = reader.node(reader.next())
    reader.next()
    second = next(reader.events, None)
    if second is not None:
        line = second.start_mark.line + 1
        reader.wrong(line, "a second document; a rubric is one", "出现第二个文档；评分规则只能有一个文档")
    return root


def _size(node: Node) -> int:
    if isinstance(node.value, dict):
        return 1 + sum(_size(one) for one in node.value.values())
    if isinstance(node.value, list):
        return 1 + sum(_size(one) for one in node.value)
    return 1
