"""The hash that chains the steps of a member (grading.md §1)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

FIELDS = (
    "id member at lab_at kind verb record label origin outcome answers changes request address prev hash"
).split()


def digest(step: Mapping[str, Any]) -> str:
    """SHA-256 of the step without its hash, as lower-case hex. `step` is as the file carries it."""
    body = {name: value for name, value in step.items() if name != "hash"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def utc(moment: datetime) -> str:
    """Real time as the file carries it: 2026-11-21T02:30:11Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def lab(moment: datetime) -> str:
    """Lab time as the file carries it, without zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def step_dict(row: Any) -> dict[str, Any]:
    """An `Operation` (or a row with its columns) as the file carries it."""
    step = {name: getattr(row, name) for name in FIELDS}
    step["at"], step["lab_at"] = utc(row.at), lab(row.lab_at)
    return step
