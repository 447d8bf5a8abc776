"""The filters of the log's address as a question to the log."""

from datetime import date

from flask import request

from labapp.access.actor import Actor
from labapp.oplog.life import LAST
from labapp.oplog.read import Question

FIRST_YEAR, LAST_YEAR = 1900, 2999
ASKED = ("member", "position", "kind", "verb", "record", "outcome", "origin", "since", "until", "request")


def question_of(actor: Actor) -> Question:
    """What the address asks. A filter that means nothing is left out; the number of a record needs its kind."""
    args = request.args
    return Question(
        actor.sandbox_id,
        members_asked(actor),
        args.get("kind") or None,
        args.get("verb") or None,
        whole(args.get("record", "")) if args.get("kind") else None,
        args.get("outcome") or None,
        args.get("origin") or None,
        args.get("request") or None,
        asked_day(args.get("since", "")),
        asked_day(args.get("until", "")),
    )


def members_asked(actor: Actor) -> list[str | None] | None:
    """Keys: a member (`-` is the house), the people of a position and below, or both at once. None: everybody."""
    key, place_id = request.args.get("member"), whole(request.args.get("position", ""))
    if place_id not in actor.directory.places:
        return [None if key == "-" else key] if key else None
    below = sorted(actor.directory.members[one].key for one in actor.directory.people_in(place_id or 0))
    return [one for one in below if not key or one == key]


def whole(text: str) -> int | None:
    """A number typed into an address; one that is larger than any step or record is the largest, which nothing has."""
    return min(int(text), LAST) if text.isascii() and text.isdigit() and len(text) < 16 else None


def asked_day(text: str) -> date | None:
    """A day that a sandbox can have; None for what is none, and for one at the end of the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
