"""The hash that chains the steps of a member (grading.md §1)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from json.encoder import encode_basestring as _text
from typing import Any

FIELDS = (
    "id member at lab_at kind verb record label origin outcome answers changes request address prev hash"
).split()

# What `json.dumps` with these settings makes, without setting up an encoder for every step, nor asking of every object
# whether it is inside itself: a third of the time.
CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def pieces(step: Mapping[str, Any], answers: str, changes: str) -> tuple[str, str, str, str, str]:
    """The canonical JSON of a step without its hash, but for what is known last: between the pieces stand the number,
    lab time and the hash before; the hash of the step itself would stand after the first.

    `step` is as the file carries it; of `answers` and `changes` the canonical texts are at hand already, and they are
    most of it.
    """
    member, record = step["member"], step["record"]
    return (
        f'{{"address":{_text(step["address"])},"answers":{answers},"at":{_text(step["at"])},"changes":{changes},',
        '"id":',
        f',"kind":{_text(step["kind"])},"lab_at":',
        f',"label":{_text(step["label"])},"member":{"null" if member is None else _text(member)},'
        f'"origin":{_text(step["origin"])},"outcome":{_text(step["outcome"])},"prev":',
        f',"record":{"null" if record is None else record},"request":{_text(step["request"])},'
        f'"verb":{_text(step["verb"])}}}',
    )


def halves(step: Mapping[str, Any], answers: str, changes: str) -> tuple[str, str]:
    """The canonical JSON of a step, cut in two where its hash would stand: what is hashed is the two together."""
    first, to_number, to_moment, to_prev, rest = pieces(step, answers, changes)
    lab_at, prev = _text(step["lab_at"]), _text(step["prev"])
    return first, f"{to_number}{step['id']}{to_moment}{lab_at}{to_prev}{prev}{rest}"


def digest_of(first: str, rest: str) -> str:
    """The hash of a step by its `halves`."""
    return hashlib.sha256((first + rest).encode("utf-8", "surrogatepass")).hexdigest()


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
