"""The operation log as the grader reads it (grading.md 1)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from sys import intern
from types import MappingProxyType
from typing import Any, NamedTuple

from labapp.grading.collector import collector_at_rest
from labapp.values import dataclass
from labapp.working_time import WorkingHours, working_hours

# A named tuple of all its values in order, without the function in Python that its own constructor is.
quick_tuple = tuple.__new__
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_decode_from = json.JSONDecoder(parse_float=Decimal).raw_decode
_PLAIN = frozenset({str, int, bool, type(None)})


def _decode(line: str) -> Any:
    """One line's value, fractions as Decimal. Raises ValueError where it is no JSON, or goes on behind it."""
    text = line.strip()
    value, end = _decode_from(text)
    if end != len(text):
        raise ValueError("the line goes on behind its value")
    return value


def _decoded(line: bytes, quickly: Callable[[bytes], Any]) -> Any:
    """The same, by the compiled reader where that gives the same: half the time, but floats for fractions."""
    with suppress(ValueError):
        value = quickly(line)
        if _is_plain(value):
            return value
    return _decode(line.decode())


def _is_plain(row: Any) -> bool:
    """Whether nothing that is taken of a row can be a fraction."""
    try:
        told = [row["answers"], *(change["after"] for change in row["changes"])]
        return float not in map(type, row.values()) and all(
            _PLAIN.issuperset(map(type, values.values())) for values in told if values
        )
    except (AttributeError, KeyError, TypeError):
        return False


class BadLog(ValueError):
    """The file is no operation log; says where and why."""


class Change(NamedTuple):
    """What a step did to one row: ``what`` is created, changed or deleted; ``after`` the fields it left.

    ``id`` is the record's serial within ``kind``, or the path of a setting.
    """

    what: str
    kind: str
    id: Any
    after: Mapping[str, Any]


class Step(NamedTuple):
    """One act of one member on one record.

    ``place`` is the step's place in the log from 0: the order of the lines is the order.
    ``lab_at`` has no zone. ``record`` is a serial within ``kind``, or None.
    """

    id: int
    member: str | None
    lab_at: datetime
    kind: str
    verb: str
    record: Any
    origin: str
    outcome: str
    answers: Mapping[str, Any]
    changes: Sequence[Change]
    place: int


@dataclass(frozen=True)
class Member:
    """Somebody of the sandbox, as the header names them."""

    member: str
    number: str = ""
    name: str = ""
    role: str = ""
    position: str | None = None


class Header:
    """The first line: the sandbox as it was before the first step."""

    def __init__(self, line: Mapping[str, Any]) -> None:
        """Take the decoded first line. Raises BadLog where it is no header of version 1."""
        if line.get("log") != 1:
            raise BadLog('the first line is no header of a log of version 1 ("log": 1)')
        try:
            self.starts_at = datetime.fromisoformat(line["starts_at"]).replace(tzinfo=None)
            self.members = tuple(_member(row) for row in line["members"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadLog(f"the header lacks or mistakes {error}") from None
        self.line = dict(line)
        self.settings: dict[str, Any] = dict(line.get("settings") or {})
        self.fiscal_year_start = int(line.get("fiscal_year_start") or 1)

    @cached_property
    def working_hours(self) -> WorkingHours:
        """Raises KeyError where the header has none."""
        return working_hours(self.line)

    @cached_property
    def students(self) -> Sequence[Member]:
        """Those who are graded, in the header's order."""
        return tuple(member for member in self.members if member.role == "student")

    @cached_property
    def by_key(self) -> Mapping[str, Member]:
        """Everybody by key."""
        return {member.member: member for member in self.members}

    @cached_property
    def by_number(self) -> Mapping[str, str]:
        """The keys of those who have a number."""
        return {member.number: member.member for member in self.members if member.number}


@dataclass(frozen=True)
class Log:
    """A header and its steps, oldest first."""

    header: Header
    steps: list[Step]

    @property
    def last_id(self) -> int | None:
        return self.steps[-1].id if self.steps else None

    @property
    def ends_at(self) -> datetime:
        """The lab time of the last step; of the start where there is none."""
        return self.steps[-1].lab_at if self.steps else self.header.starts_at


def step_of(row: Mapping[str, Any], place: int) -> Step:
    """One decoded line as a step.

    Raises KeyError, TypeError or ValueError where it lacks id, lab_at, kind or verb, or has a zone.
    """
    lab_at = datetime.fromisoformat(row["lab_at"])
    if lab_at.tzinfo is not None:
        raise ValueError("lab_at has a zone")
    get = row.get
    member = get("member")
    return quick_tuple(
        Step,
        (
            row["id"],
            member and intern(member),
            lab_at,
            intern(row["kind"]),
            intern(row["verb"]),
            get("record"),
            intern(get("origin", "screen")),
            intern(get("outcome", "done")),
            get("answers") or _NOTHING,
            _changes(get("changes") or ()),
            place,
        ),
    )


def _changes(rows: Sequence[Mapping[str, Any]]) -> Sequence[Change]:
    if not rows:
        return ()
    return [
        quick_tuple(
            Change, (intern(row["what"]), intern(row["kind"]), row["id"], row.get("after") or _NOTHING)
        )
        for row in rows
    ]


def log_of(header: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Log:
    """A log from decoded lines, as a database or a test has them."""
    return Log(Header(header), [step_of(row, place) for place, row in enumerate(rows)])


def read_log(path: str | Path) -> Log:
    """Read a JSON Lines log. Raises BadLog, naming file and line, where it is none."""
    try:
        with collector_at_rest(), open(path, "rb") as lines:
            return _read(lines)
    except UnicodeDecodeError:
        raise BadLog(f"{path}: not UTF-8") from None
    except OSError as error:
        raise BadLog(f"{path}: {error.strerror}") from None
    except BadLog as error:
        raise BadLog(f"{path}: {error}") from None


def _read(lines: Iterator[bytes]) -> Log:
    from pydantic_core import from_json  # late: it takes as long to load as ten pages, which read no file

    first = next(lines, b"").decode("utf-8-sig")
    if not first.strip():
        raise BadLog("the file is empty")
    header = Header(_object(first, 1))
    steps: list[Step] = []
    for count, line in enumerate(lines, start=2):
        if _is_blank(line):
            continue
        try:
            steps.append(step_of(_decoded(line, from_json), len(steps)))
        except UnicodeDecodeError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadLog(f"line {count}: no step: {error}") from None
    return Log(header, steps)


def _is_blank(line: bytes) -> bool:
    """Nothing but spaces, those of other scripts too."""
    return line.isspace() or (line[0] > 126 and not line.decode("utf-8", "replace").strip())


def _object(line: str, count: int) -> dict[str, Any]:
    try:
        value = _decode(line)
    except ValueError as error:
        raise BadLog(f"line {count}: no JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadLog(f"line {count}: no JSON object")
    return value


def _member(row: Mapping[str, Any]) -> Member:
    return Member(
        member=row["member"],
        number=str(row.get("number") or ""),
        name=str(row.get("name") or ""),
        role=str(row.get("role") or ""),
        position=row.get("position"),
    )
