"""Changing single values in a YAML text; every other byte stays as it was written."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

Path = Sequence[str]
BLOCK = ("|", ">")


def changed(text: str, path: Path, value: Any) -> str:
    """The text with this value at this path of keys, added where it was not said; None takes it away.

    The text must be good YAML, and what lies on the way a mapping. Raises KeyError where the path does not lead on.
    """
    root = YAML(typ="safe", pure=True).compose(text)
    found = _walk(root, path[:-1])
    if found is None:
        if value is None:
            return text
        return changed(text, path[:-1], {path[-1]: value})
    pair = _pair(found, path[-1])
    if value is None:
        return text if pair is None else _without(text, found, pair)
    if pair is None:
        return _with(text, found, path[-1], value)
    return _replaced(text, pair[1], written(value))


def written(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(each) for each in value) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _walk(node: Node, path: Path) -> MappingNode | None:
    """The mapping at the path; None where it is not said."""
    for key in path:
        pair = _pair(_mapping(node, key), key)
        if pair is None:
            return None
        node = pair[1]
    return _mapping(node, path[-1] if path else "")


def _mapping(node: Node, key: str) -> MappingNode:
    if not isinstance(node, MappingNode):
        raise KeyError(key)
    return node


def _pair(node: MappingNode, key: str) -> tuple[Node, Node] | None:
    for named, value in node.value:
        if named.value == key:
            return named, value
    return None


def _replaced(text: str, node: Node, said: str) -> str:
    start, end = node.start_mark.index, _end(text, node)
    more = "" if start and text[start - 1] in " \n[{,\"'" else " "
    return text[:start] + more + said + text[end:]


def _end(text: str, node: Node) -> int:
    """Where the value ends, without the blanks and line ends behind it."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, ScalarNode) and node.style in BLOCK:
        end = min(end, len(text))
    while end > start and text[end - 1] in " \r\n\t":
        end -= 1
    return int(end)


def _with(text: str, node: MappingNode, key: str, value: Any) -> str:
    """One more entry, before the first."""
    said = f"{key}: {written(value)}"
    if node.flow_style:
        at = node.start_mark.index + 1
        return f"{text[:at]}{said}{', ' if node.value else ''}{text[at:]}"
    first = node.value[0][0].start_mark
    return f"{text[: first.index]}{said}\n{' ' * first.column}{text[first.index :]}"


def _without(text: str, node: MappingNode, pair: tuple[Node, Node]) -> str:
    """One entry less; the last of a mapping leaves an empty one."""
    pairs = [named for named, _value in node.value]
    at = pairs.index(pair[0])
    if len(pairs) == 1:
        return _replaced(text, node, "{}")
    if at + 1 < len(pairs):
        return text[: pair[0].start_mark.index] + text[pairs[at + 1].start_mark.index :]
    before = _end(text, node.value[at - 1][1])
    return text[:before] + text[_end(text, pair[1]) :]
