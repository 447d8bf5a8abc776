"""The custom fields of a scenario as the checks know them."""

from collections.abc import Iterable

from labapp.db.fields import Field
from labapp.modules.opportunities.conditions import FIELD, standard_keys
from labapp.records.custom import PREFIX, SHAPES
from labapp.scenario.shape import OwnField, ScenarioFile


def own_fields(said: ScenarioFile, kind: str) -> dict[str, Field]:
    """The custom fields of a kind by the names that records.yaml uses: `extra_KEY`."""
    return {PREFIX + own.key: _field(own) for own in said.fields if own.kind == kind}


def _field(own: OwnField) -> Field:
    choices = tuple((choice.key, choice.label) for choice in own.choices)
    return Field(PREFIX + own.key, SHAPES[own.shape], own.label, custom=True, choices=choices)


def known_requirements(fields: Iterable[OwnField]) -> list[str]:
    """What a stage of this scenario may ask for on entry."""
    return [*standard_keys(), *(f"{FIELD}extra.{own.key}" for own in fields if own.kind == "opportunity")]
