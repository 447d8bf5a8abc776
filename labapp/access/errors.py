"""Why something was not done. Each carries a sentence for the person; the views turn it into a page and a step."""

from typing import Any


class NotDone(Exception):
    """Something was not done; `sentence` says why, in the reader's language when printed."""

    outcome = "refused"
    status = 403
    logged = False  # whether the attempt stands in the log already
    attempt: Any = None  # (step, lab time) of a Work that this error ended
    links: tuple[tuple[str, str], ...] = ()  # (words, address) of what helps further

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class Refused(NotDone):
    """Reachable, but not allowed: 403, and a `refused` step that names the rule."""


class NotFound(NotDone):
    """Not reachable, or not there: the same 404 for both, and a `refused` step without label."""

    status = 404


class Invalid(NotDone):
    """The answers cannot be taken. `fields` maps form fields to sentences; the form keeps what was typed."""

    outcome = "invalid"
    status = 422

    def __init__(self, sentence: Any, fields: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.fields = fields or {}


class Stale(NotDone):
    """Somebody else changed the record meanwhile (optimistic lock)."""

    outcome = "invalid"
    status = 409
