"""JSON Schemas of a scenario's files, for editors: what may stand where, said by the shapes that read them.

`labapp/scenario/schemas/*.json` are these, written by `python -m labapp.scenario.schemas`; a test keeps them current.
"""

import json
from dataclasses import MISSING
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from labapp.grading.checks import CHECKS
from labapp.modules.exams.shape import Exam
from labapp.scenario.shape import ScenarioFile
from labapp.scenario.shape_records import RecordsFile, WalkthroughFile
from labapp.scenario.shape_timeline import TimelineFile
from labapp.values import fields

FOLDER = Path(__file__).parent / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SHAPES: dict[str, type[BaseModel]] = {
    "scenario": ScenarioFile,
    "records": RecordsFile,
    "timeline": TimelineFile,
    "walkthrough": WalkthroughFile,
    "exam": Exam,
}
WORDS: dict[str, Any] = {
    "type": "object",
    "properties": {"en": {"type": "string", "minLength": 1}, "zh": {"type": "string", "minLength": 1}},
    "required": ["en", "zh"],
    "additionalProperties": False,
}
PERCENT = {"type": "number", "minimum": 0, "maximum": 100}
TEXT = {"type": "string", "minLength": 1}
ABOVE_ZERO = {"type": "number", "exclusiveMinimum": 0}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of every file by its name without `.yaml`."""
    found = {name: {"$schema": DRAFT, **shape.model_json_schema()} for name, shape in SHAPES.items()}
    return found | {"rubric": {"$schema": DRAFT, **_rubric()}}


def _rubric() -> dict[str, Any]:
    """The rubric is read by the grader, which has no pydantic: its keys and checks (grading.md §2)."""
    late = {"per_day": PERCENT, "max": PERCENT}
    return _mapping(
        {
            "rubric": {"const": 1},
            "title": {"$ref": "#/$defs/Words"},
            "pass": PERCENT,
            "due": TEXT,
            "late": _mapping(late, list(late)),
            "self_checks_per_hour": {"type": "integer", "minimum": 0},
            "tasks": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Task"}},
        },
        ["rubric", "title", "tasks"],
    ) | {"title": "Rubric", "$defs": {"Words": WORDS, "Task": _task(), "Check": _check()}}


def _task() -> dict[str, Any]:
    words = {"$ref": "#/$defs/Words"}
    return _mapping(
        {
            "key": TEXT,
            "title": words,
            "points": ABOVE_ZERO,
            "after": TEXT,
            "hidden": {"type": "boolean"},
            "hint": words,
            "checks": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Check"}},
        },
        ["key", "title", "points", "checks"],
    )


def _check() -> dict[str, Any]:
    """One mapping whose key names the check; `weight` stands beside it."""
    described = {}
    for name, check in CHECKS.items():
        settings = fields(check)
        required = [each.name for each in settings if each.default is MISSING]
        said = _mapping({each.name: {} for each in settings}, required)
        described[name] = {**said, "type": ["object", "null"], "description": (check.__doc__ or "").strip()}
    found = _mapping({"weight": ABOVE_ZERO, **described}, [])
    return {**found, "oneOf": [{"required": [name]} for name in CHECKS]}


def _mapping(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**said, "required": required} if required else said


def text_of(schema: dict[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Write every schema into its file."""
    FOLDER.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (FOLDER / f"{name}.json").write_text(text_of(schema), "utf-8")


if __name__ == "__main__":
    write()
