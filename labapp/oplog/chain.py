"""The hash that chains the steps of a member (grading.md §1)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

FIELDS = (
    "id member at lab_at kind verb record label origin outcome answers changes request address prev hash"
).split()

# What `json.dumps` with these settings makes, without setting up an encoder for every step, nor asking of every object
# whether it is inside itself: a third of the time.
CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def digest(step: Mapping[str, Any]) -> str:
    """SHA-256 of the step without its hash, as lower-case hex. `step` is as the file carries it."""
    body = dict(step)
    body.pop("hash", None)
    return hashlib.sha256(CANONICAL(body).encode("utf-8", "surrogatepass")).hexdigest()


def utc(moment: datetime) -> str:
    """Real time as the file carries it: 2026-11-21T02:30:11Z."""
    return f"{moment.isoformat(timespec='seconds')}Z"


def lab(moment: datetime) -> str:
    """Lab time as the file carries it, without zone."""
    return moment.isoformat(timespec="seconds")


def step_dict(row: Any) -> dict[str, Any]:
    """An `Operation` (or a row with its columns) as the file carries it."""
    return as_carried(getattr(row, name) for name in FIELDS)


def as_carried(values: Iterable[Any]) -> dict[str, Any]:
    """The same, of the values of FIELDS in their order."""
    step = dict(zip(FIELDS, values, strict=True))
    step["at"], step["lab_at"] = utc(step["at"]), lab(step["lab_at"])
    return step
