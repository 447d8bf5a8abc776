"""Looks and attempts: steps that change nothing, written in a short transaction of their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import g, has_request_context, request

from labapp.access.actor import Actor, current_viewer
from labapp.access.errors import NotDone, NotFound
from labapp.afterwards import afterwards
from labapp.oplog.append import Step, append_alone
from labapp.records.parse import CONTROL
from labapp.records.work import Source, clean, label_of

# What a refused page of the console is called that has no kind and verb of its own: only its address tells which.
UNNAMED = frozenset((("session", "request"), ("setting", "change")))


def source() -> Source:
    """By which way this request came."""
    found = g.get("source") if has_request_context() else None
    return found if isinstance(found, Source) else Source()


def looked(
    actor: Actor, kind: str, verb: str, record: Any = None, answers: dict[str, Any] | None = None
) -> None:
    """Somebody opened a record, a list or a report, or took an export. It is written once they have it."""
    serial, label = (record.serial, label_of(record)) if record is not None else (None, "")
    step = Step(actor.sandbox_id, kind, verb, record=serial, label=label, answers=clean(answers or {}))
    full, moment = _whole(actor, step), actor.lab_now
    afterwards(lambda: append_alone(full, moment))


def checked(actor: Actor, unless: Callable[[], None]) -> None:
    """Somebody had the own work checked. `unless` is asked with the step written: what it raises takes it back."""
    step = _whole(actor, Step(actor.sandbox_id, "session", "self_check"))
    append_alone(step, actor.lab_now, unless)


def attempted(
    actor: Actor,
    what: tuple[str, str],
    error: NotDone,
    record: Any = None,
    answers: dict[str, Any] | None = None,
) -> None:
    """Somebody tried what is not allowed, or gave answers that cannot be taken. Logged once per error."""
    if error.logged:
        return
    error.logged = True
    named = record is not None and not isinstance(error, NotFound)
    if what in UNNAMED and has_request_context():
        answers = {"page": page_asked(), **(answers or {})}
    step = Step(
        actor.sandbox_id,
        *what,
        record=record.serial if named else None,
        label=label_of(record) if named else "",
        outcome=error.outcome,
        answers=clean(answers or {}),
    )
    append_alone(_whole(actor, step), actor.lab_now)


def page_asked() -> str:
    """The address that was asked for, without its question; with the name of a token in the place of the token.

    Signs that no database keeps are left out.
    """
    rule = request.url_rule
    return rule.rule if rule is not None and "token" in rule.arguments else CONTROL.sub("", request.path)


def _whole(actor: Actor, step: Step) -> Step:
    """The step with who did it, and by which way."""
    way, viewer = source(), current_viewer()
    if viewer is not None:  # what a viewer sees, no student has looked at
        step = replace(step, answers={**step.answers, "viewed_as": actor.key})
        actor = viewer
    return replace(
        step,
        membership_id=actor.id,
        member=actor.key,
        origin=way.origin,
        request=way.request,
        address=way.address,
    )
