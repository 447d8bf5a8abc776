"""Every record type in the program, found by looking in labapp/modules."""

from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from flask import Blueprint, current_app

from labapp.db.fields import Field
from labapp.people.models import Membership, Position, SharingGroup
from labapp.records.agenda import Agenda
from labapp.records.cards import HomeCard, TeamFigure
from labapp.records.codes import Code, Stage
from labapp.records.custom import CustomField
from labapp.records.describe import Action, Addition, RecordType
from labapp.records.snapshot import fields_by_model, kind_of
from labapp.records.standard import STANDARD, VERBS
from labapp.records.sweeps import Sweep


class Catalog(dict[str, RecordType]):
    """Record types by name, with their verbs and what points at what.

    `blueprints` are the modules' own pages, `sweeps` what they do when the sandbox clock has gone on; `agendas` are
    in the calendar, `cards` on the first page, `figures` on the page of a team.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blueprints: list[Blueprint] = []
        self.sweeps: list[Sweep] = []
        self.agendas: list[Agenda] = []
        self.cards: list[HomeCard] = []
        self.figures: list[TeamFigure] = []

    @cached_property
    def slugs(self) -> dict[str, RecordType]:
        return {record_type.slug: record_type for record_type in self.values()}

    @cached_property
    def by_model(self) -> dict[type, RecordType]:
        return {record_type.model: record_type for record_type in self.values()}

    def verbs(self, record_type: RecordType) -> dict[str, Action]:
        """The verbs that have a button: the module's own first, then the standard ones that make sense for the kind.

        Nothing to edit, no Edit; what no form can fill (an attachment's file), no Clone; what
        is one person's for good, neither Clone nor Transfer.
        """
        fields = record_type.fields.values()
        senseless = set() if any(f.on_edit for f in fields) else {"edit"}
        if any(f.required and not f.on_create for f in fields):
            senseless.add("clone")
        if record_type.model.kept_by:
            senseless |= {"clone", "transfer"}
        known = (*record_type.actions, *(verb for verb in STANDARD if verb.name not in senseless))
        return {verb.name: verb for verb in known}

    def pointing_at(self, record_type: RecordType) -> list[tuple[RecordType, Field]]:
        """(other type, field) for every link that ends here: the related lists of a page."""
        return self._pointing.get(record_type.name, [])

    @cached_property
    def _pointing(self) -> dict[str, list[tuple[RecordType, Field]]]:
        found: dict[str, list[tuple[RecordType, Field]]] = {}
        for other in self.values():
            for field in other.fields.values():
                if field.target:
                    found.setdefault(field.target, []).append((other, field))
        return found


def catalog_of(package: ModuleType) -> Catalog:
    """The catalog of a package of modules, in the order of their names. Raises ValueError for two of one name.

    A module may export `ADDITIONS`, by kind: what it adds to kinds that other modules keep.
    """
    catalog = Catalog()
    additions: list[tuple[str, Addition]] = []
    for found in iter_modules(package.__path__, f"{package.__name__}."):
        package_ = import_module(found.name)
        catalog.blueprints += [
            blueprint for blueprint in (getattr(package_, "BLUEPRINT", None),) if blueprint
        ]
        catalog.sweeps += getattr(package_, "SWEEPS", ())
        catalog.agendas += getattr(package_, "AGENDAS", ())
        catalog.cards += getattr(package_, "HOME_CARDS", ())
        catalog.figures += getattr(package_, "TEAM_FIGURES", ())
        additions += getattr(package_, "ADDITIONS", {}).items()
        for record_type in getattr(package_, "RECORD_TYPES", ()):
            if record_type.name in catalog:
                raise ValueError(f"two record types are called {record_type.name}")
            catalog[record_type.name] = record_type
    for kind, addition in additions:
        catalog[kind] = added(catalog[kind], addition)
    return catalog


def added(record_type: RecordType, addition: Addition) -> RecordType:
    """The record type with the verbs and reports of another module behind its own."""
    actions = (*record_type.actions, *addition.actions)
    return replace(record_type, actions=actions, reports=(*record_type.reports, *addition.reports))


def catalog() -> Catalog:
    """The catalog of the running application."""
    found: Catalog = current_app.extensions["catalog"]
    return found


REFERENCE_VERBS: dict[str, tuple[str, ...]] = {
    "position": ("create", "edit", "move", "delete"),
    "group": ("create", "edit", "delete"),
    "code": ("create", "edit", "retire", "delete"),
    "field": ("create", "edit", "retire", "delete"),
    "stage": ("create", "edit", "delete"),
    "membership": ("create", "edit", "approve", "move", "deactivate", "reset", "leave"),
    "setting": ("change",),
    "session": ("sign_in", "sign_out", "self_check"),
    "attempt": ("start", "submit"),
    "timeline": ("tell", "quarter_end"),
}


def vocabulary(known: Catalog) -> dict[str, dict[str, Any]]:
    """Every kind with its verbs and log fields: {kind: {"verbs": set, "fields": {name: shape}}}. Needs no database."""
    words: dict[str, dict[str, Any]] = {}
    for name, record_type in known.items():
        fields = {field.log: field.shape for field in record_type.fields.values()}
        verbs = set(VERBS) | {action.name for action in record_type.actions}
        words[name] = {"verbs": verbs, "fields": {**fields, "owner": "member", "created_at": "moment"}}
    for kind, named in REFERENCE_VERBS.items():
        words[kind] = {"verbs": set(named), "fields": {}}
    for model in (Position, SharingGroup, Code, Stage, CustomField, Membership):
        words[kind_of(model)]["fields"] = {f.log: f.shape for f in fields_by_model(model).values()}
    return words
