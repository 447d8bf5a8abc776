"""Reads a rubric file (grading.md 2): a Rubric, or everything that is wrong with it."""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

from labapp.grading.checks import CHECKS
from labapp.grading.checks.base import read_check
from labapp.grading.log import Log
from labapp.grading.nodes import Node, compose
from labapp.grading.problems import BadRubric, Problem, options
from labapp.grading.reading import (
    Reader,
    Reading,
    above_zero,
    both_languages,
    each,
    known_keys,
    mapping,
    moment,
    percent,
    text,
    truth,
    whole,
)
from labapp.grading.rubric import Late, Line, Rubric, Task
from labapp.grading.text import Text
from labapp.grading.vocabulary import Lexicon, Vocabulary

VERSION = 1


def read_rubric(
    source: str | Path | bytes,
    name: str | None = None,
    vocabulary: Vocabulary | None = None,
    log: Log | None = None,
) -> Rubric:
    """Read a rubric from a file or its bytes.

    ``name`` is what messages call the file. Kinds, verbs and fields are held against the
    ``vocabulary`` of this machine together with what the ``log`` holds; without a vocabulary they
    are not checked. Raises BadRubric with all mistakes at once, OSError for a file that cannot be read.
    """
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    called = name or ("rubric" if isinstance(source, bytes) else str(source))
    reading = Reading(Lexicon(vocabulary, log))
    root = _root(content, reading)
    values = _rubric(root, reading) if root else None
    if values is None or reading.problems:
        raise BadRubric(called, reading.problems)
    return Rubric(name=called, digest=hashlib.sha256(content).hexdigest(), **values)


def _root(content: bytes, reading: Reading) -> Node | None:
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        reading.wrong(line, "the file is not UTF-8", "文件不是 UTF-8 编码")
        return None
    root, problems = compose(written)
    reading.problems += problems
    return root


def _values(node: Node, readers: dict[str, Reader], required: str, reading: Reading) -> dict[str, Any] | None:
    """The entries of a mapping, each read by its reader; None where it is no mapping."""
    entries = mapping(node, reading)
    if entries is None:
        return None
    known_keys(node, readers, reading, required.split())
    values = {}
    for name, read in readers.items():
        if name in entries:
            reading.setting = name
            values[name] = read(entries[name], reading)
    return values


def _rubric(root: Node, reading: Reading) -> dict[str, Any] | None:
    values = _values(root, _RUBRIC, "rubric title tasks", reading)
    if values is None:
        return None
    if isinstance(root.value.get("tasks"), Node) and isinstance(root.value["tasks"].value, list):
        _keys_fit(root.value["tasks"].value, reading)
    values.pop("rubric", None)
    values["pass_percent"] = values.pop("pass", None)
    return values


def _version(node: Node, reading: Reading) -> int | None:
    if node.value == VERSION and not isinstance(node.value, bool):
        return VERSION
    reading.unfit(node, f"version {VERSION}", f"版本 {VERSION}")
    return None


def _late(node: Node, reading: Reading) -> Late | None:
    values = _values(node, {"per_day": percent, "max": percent}, "per_day max", reading)
    if values is None or None in (values.get("per_day"), values.get("max")):
        return None
    return Late(values["per_day"], values["max"])


def _tasks(node: Node, reading: Reading) -> tuple[Task, ...] | None:
    return each(node, reading, _task)


def _task(node: Node, reading: Reading) -> Task | None:
    before = len(reading.problems)
    values = _values(node, _TASK, "key title points checks", reading)
    if values is None or len(reading.problems) > before:
        return None
    return Task(lines=values.pop("checks"), line=node.line, **values)


def _lines(node: Node, reading: Reading) -> tuple[Line, ...] | None:
    return each(node, reading, _line)


def _line(node: Node, reading: Reading) -> Line | None:
    entries = mapping(node, reading)
    if entries is None:
        return None
    reading.setting = "weight"
    weight = above_zero(entries["weight"], reading) if "weight" in entries else Fraction(1)
    names = [name for name in entries if name != "weight"]
    checks = [read_check(CHECKS[name], entries[name], reading) for name in names if name in CHECKS]
    _one_check(names, node, reading)
    check = checks[0] if len(names) == len(checks) == 1 else None
    return Line(names[0], check, weight, node.line) if check and weight else None


def _one_check(names: list[str], node: Node, reading: Reading) -> None:
    """Note checks that do not exist, and an entry that has not exactly one."""
    possible = options([*CHECKS, "weight"])
    unknown = [name for name in names if name not in CHECKS]
    for name in unknown:
        reading.wrong(
            node.line_of(name),
            f"unknown check {name!r}; possible: {possible}",
            f"未知的检查 {name!r}；可用：{possible}",
        )
    if not unknown and len(names) != 1:
        reading.wrong(
            node.line,
            f"{len(names)} checks in one entry; expected: one, and 'weight' beside it",
            f"一个条目中有 {len(names)} 个检查；应为一个，旁边可写 'weight'",
        )


def _keys_fit(tasks: list[Node], reading: Reading) -> None:
    """Note duplicate keys, an ``after`` that names no task, and cycles."""
    first: dict[str, int] = {}
    waits: dict[str, Node] = {}
    for task in tasks:
        entries = task.value if isinstance(task.value, dict) else {}
        key = entries.get("key")
        if key is None or not isinstance(key.value, str):
            continue
        if key.value in first:
            reading.problems.append(_repeated(key, first[key.value]))
            continue
        first[key.value] = key.line
        if "after" in entries and isinstance(entries["after"].value, str):
            waits[key.value] = entries["after"]
    _after_fits(waits, list(first), reading)


def _repeated(key: Node, line: int) -> Problem:
    return Problem(
        key.line,
        Text(
            f"the task key {key.value!r} is used twice, first on line {line}",
            f"任务键 {key.value!r} 重复，首次出现在第 {line} 行",
        ),
    )


def _after_fits(waits: dict[str, Node], keys: list[str], reading: Reading) -> None:
    in_cycle: set[str] = set()
    for key, node in waits.items():
        if node.value not in keys:
            possible = options(other for other in keys if other != key)
            reading.wrong(
                node.line,
                f"'after' names no task: {node.value!r}; possible: {possible}",
                f"'after' 指向不存在的任务 {node.value!r}；可用：{possible}",
            )
        elif key not in in_cycle and key in (cycle := _followed(key, waits)):
            in_cycle.update(cycle)
            path = " → ".join([key, *cycle])
            reading.wrong(node.line, f"'after' goes in a circle: {path}", f"'after' 形成循环：{path}")


def _followed(key: str, waits: dict[str, Node]) -> list[str]:
    """The keys one meets when following ``after``, up to the first that comes again."""
    met: list[str] = []
    while key in waits and waits[key].value not in met:
        key = waits[key].value
        met.append(key)
    return met


_RUBRIC: dict[str, Reader] = {
    "rubric": _version,
    "title": both_languages,
    "pass": percent,
    "due": moment,
    "late": _late,
    "self_checks_per_hour": whole(0),
    "tasks": _tasks,
}
_TASK: dict[str, Reader] = {
    "key": text,
    "title": both_languages,
    "points": above_zero,
    "after": text,
    "hidden": truth,
    "hint": both_languages,
    "checks": _lines,
}
