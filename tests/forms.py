"""Filling the forms of served pages as a person would, with invented values."""

from random import Random
from typing import Any

from flask import Flask

from labapp.records.codes import codes_of
from labapp.records.values import plain
from seed.shapes import value_for
from tests.playing import Forms
from tests.world import Person

FOUND_ELSEWHERE = frozenset({"link", "member", "related", "related_kind", "data", "auto"})


def form_on(browser: Any, url: str, name: str) -> dict[str, str]:
    """The fields, as they stand, of the form on this page that asks for `name`."""
    page = browser.get(url)
    assert page.status_code == 200, (url, page.status_code)
    forms = [fields for _action, fields in Forms(page.get_data(as_text=True)).found if name in fields]
    assert forms, f"no form on {url} asks for {name}"
    return forms[0]


def invented(app: Flask, kind: str, person: Person, chance: Random) -> dict[str, str]:
    """Values as typed for the form of this kind, links apart; now and then none where none is needed."""
    codes = codes_of(person.sandbox_id, person.actor.stamp)
    typed = {}
    for field in app.extensions["catalog"][kind].fields.values():
        if field.shape in FOUND_ELSEWHERE or not field.on_create:
            continue
        if field.shape == "choice" and not field.on_edit:
            continue
        keys = tuple(key for key, _label in field.choices or codes.choices(field.codes or "", "en"))
        value = value_for(field.shape, field.name, field.required, keys, chance, "zh")
        if value is not None:
            typed[field.name] = as_typed(value)
    return times_in_order(typed)


def times_in_order(typed: dict[str, str]) -> dict[str, str]:
    """An activity ends after it starts and reminds before."""
    if typed.keys() & {"starts_at", "ends_at", "due_at", "reminder_at"}:
        typed |= {
            "due_at": "",
            "starts_at": "2026-09-10T09:00",
            "ends_at": "2026-09-10T10:00",
            "reminder_at": "2026-09-10T08:00",
        }
    return typed


def as_typed(value: Any) -> str:
    """A value as a person types it."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "y" if value else ""
    return str(plain(value))
