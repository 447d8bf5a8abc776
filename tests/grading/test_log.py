"""A log file is read as it stands: fractions exactly, and what is no step is told with its line."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labapp.grading import BadLog, log_of, read_log
from tests.grading.builder import HEADER

STEP = {
    "id": 1,
    "member": "ben",
    "lab_at": "2026-09-07T09:00:00",
    "kind": "lead",
    "verb": "edit",
    "record": 1,
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6
)
FIELDS = st.dictionaries(st.text(), VALUES, max_size=4)


def change(after: dict[str, Any]) -> dict[str, Any]:
    return {"what": "changed", "kind": "lead", "id": 1, "before": {}, "after": after}


def write(path: Path, *lines: str | bytes) -> Path:
    raw = [line.encode() if isinstance(line, str) else line for line in lines]
    path.write_bytes(b"\n".join(raw))
    return path


@given(st.lists(st.tuples(SCALARS, FIELDS, st.lists(FIELDS, max_size=2)), max_size=4), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_gives_what_its_lines_say(tmp_path: Path, drawn: list[Any], escaped: bool) -> None:
    rows = [
        {**STEP, "record": record, "answers": answers, "changes": [change(after) for after in changes]}
        for record, answers, changes in drawn
    ]
    lines = [json.dumps(row, ensure_ascii=escaped) for row in (HEADER, *rows)]
    read = read_log(write(tmp_path / "a.jsonl", *lines))
    expected = log_of(HEADER, [json.loads(line, parse_float=Decimal) for line in lines[1:]])
    assert read.steps == expected.steps
    assert repr(read.steps) == repr(expected.steps), "a Decimal is no float, though they may be equal"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"id": 1', "line 2: no step: Expecting"),
        ("[1]", "line 2: no step: "),
        ("7", "line 2: no step: "),
        ('{"id": 1} {}', "line 2: no step: the line goes on behind its value"),
        (json.dumps({**STEP, "lab_at": "2026-09-07T09:00:00Z"}), "line 2: no step: lab_at has a zone"),
        (json.dumps({**STEP, "changes": [{"what": "changed"}]}), "line 2: no step: 'kind'"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_line_that_is_no_step_is_told(tmp_path: Path, line: str | bytes, what: str) -> None:
    with pytest.raises(BadLog) as raised:
        read_log(write(tmp_path / "a.jsonl", json.dumps(HEADER), line))
    assert what in str(raised.value)


def test_a_mark_before_the_file_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.jsonl",
        b"\xef\xbb\xbf" + json.dumps(HEADER).encode(),
        "",
        " ",
        "\u3000",
        json.dumps(STEP),
        "",
    )
    assert [step.id for step in read_log(file).steps] == [1]
