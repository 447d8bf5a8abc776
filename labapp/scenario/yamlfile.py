"""One YAML file of a scenario: read safely, with the line of everything in it.

The values are those of the YAML 1.2 core schema, as in a rubric (`labapp.grading.nodes`): dates are text,
decimals exact. Tags, anchors and aliases are refused: no scenario needs them, and they are how YAML is made
to misbehave.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from labapp.grading.nodes import DEEPEST, Node, compose
from labapp.grading.problems import Problem as Wrong
from labapp.scenario.files import Files, as_files, decoded
from labapp.scenario.problems import Place, Problem, Problems

SUSPICIOUS = re.compile("[!&*]")  # a text without these has neither tags nor anchors, and is parsed once only
KEPT, SHORT = 12, 100_000  # files, and characters of a file that is kept; those of two scenarios
Mistake = Wrong | Problem
DEEPER = {"SequenceStartEvent": 1, "MappingStartEvent": 1, "SequenceEndEvent": -1, "MappingEndEvent": -1}


class YamlFile:
    """A file that was read: `data` are plain values; `place(path)` says where a value stands."""

    def __init__(self, name: str, root: Node) -> None:
        self.name = name
        self._root = root
        self.data = _plain(root)

    def place(self, path: Sequence[int | str]) -> Place:
        """The place of the value at this path, or of the nearest above it that exists."""
        node, line = self._root, self._root.line
        for part in path:
            if isinstance(node.value, dict) and isinstance(part, str) and part in node.value:
                line, node = node.line_of(part), node.value[part]
            elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.line
            else:
                break
        return Place(self.name, line)


def read_yaml(source: Path | Files, name: str, problems: Problems) -> YamlFile | None:
    """The file of that name; None if it cannot be read, and why is noted."""
    text = read_text(source, name, problems)
    if text is None:
        return None
    root, wrong = (_parsed if len(text) <= SHORT else _parsed.__wrapped__)(text)
    for problem in wrong:
        problems.add(Place(name, problem.line), problem.text.en, problem.text.zh)
    return YamlFile(name, root) if root is not None and not wrong else None


@lru_cache(maxsize=KEPT)
def _parsed(text: str) -> tuple[Node | None, Sequence[Mistake]]:
    """What a text says, which nobody changes, and what is wrong with it. An edit changes one file of a scenario."""
    refused = Problems()
    if SUSPICIOUS.search(text) and not _is_harmless(text, "", refused):
        return None, refused.found
    root, wrong = compose(text)
    if wrong and not _is_harmless(text, "", refused):
        return None, refused.found
    return root, wrong


def read_text(source: Path | Files, name: str, problems: Problems) -> str | None:
    """The text of a file; None, noted, if it is missing, too large, outside or not UTF-8."""
    content = as_files(source).read(name, problems)
    return decoded(content, name, problems) if content is not None else None


def _is_harmless(text: str, name: str, problems: Problems) -> bool:
    from ruamel.yaml import YAML  # late: as in labapp.grading.nodes
    from ruamel.yaml.error import YAMLError

    harmless, depth = True, 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            here = Place(name, event.start_mark.line + 1)
            depth += DEEPER.get(type(event).__name__, 0)
            if depth > DEEPEST:
                problems.add(here, f"nested deeper than {DEEPEST} levels", f"嵌套超过 {DEEPEST} 层")
                return False
            harmless &= not _is_refused(event, here, problems)
    except YAMLError:
        pass  # `compose` says what is wrong
    return harmless


def _is_refused(event: Any, here: Place, problems: Problems) -> bool:
    """Whether YAML says something here that a scenario may not; noted."""
    tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
    if tag is not None:
        problems.add(here, f"tags are not allowed: {tag}", f"不允许使用标签：{tag}")
    if anchor is not None:
        problems.add(
            here, f"anchors and aliases are not allowed: {anchor}", f"不允许使用锚点和别名：{anchor}"
        )
    return tag is not None or anchor is not None


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(value) for value in node.value]
    return node.value
