"""``labapp log verify FILE``: whether a log file is as it was written (grading.md 1, Chain)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click


class NoLog(ValueError):
    """The file is no log at all, or a line of it is no step; says which."""


def step_hash(step: dict[str, Any]) -> str:
    """Lower-case hex SHA-256 of a step without its own hash."""
    rest = {name: value for name, value in step.items() if name != "hash"}
    written = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def verify_file(path: str | Path) -> int | None:
    """The id of the first step whose ``hash`` or ``prev`` is wrong, or None where all are right.

    Raises NoLog where the file cannot be read, has no header, or a line is no step with an id.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="\n") as lines:
            return first_bad_step(_steps(lines))
    except UnicodeDecodeError:
        raise NoLog("not UTF-8") from None
    except OSError as error:
        raise NoLog(str(error.strerror)) from None


def first_bad_step(steps: Iterable[dict[str, Any]]) -> int | None:
    """The id of the first step that does not fit the chain of its member. Raises NoLog for one without id."""
    last: dict[str | None, str] = {}
    for step in steps:
        member = step.get("member")
        if step.get("prev") != last.get(member, "") or step.get("hash") != step_hash(step):
            found: int = step["id"]
            return found
        last[member] = step["hash"]
    return None


def verify_log_file(path: str | Path) -> None:
    """Verify a log file for the command line: silent where it is whole.

    Ends with status 1 and the first bad step's id on standard error.
    """
    try:
        bad = verify_file(path)
    except NoLog as error:
        raise click.ClickException(f"{path}: {error}") from None
    if bad is not None:
        raise click.ClickException(
            f"{path}: step {bad} is not as it was written, or does not follow the one before."
        )


def _steps(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The steps of a log, behind its header."""
    header = _object(next(lines, ""), 1)
    if header.get("log") != 1:
        raise NoLog('line 1: no header of a log of version 1 ("log": 1)')
    for count, line in enumerate(lines, start=2):
        if line.isspace():
            continue
        step = _object(line, count)
        if "id" not in step:
            raise NoLog(f"line {count}: no step: it has no id")
        yield step


def _object(line: str, count: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise NoLog(f"line {count}: no JSON: {error}") from None
    if not isinstance(value, dict):
        raise NoLog(f"line {count}: no JSON object")
    return value
