"""The invention that is installed, found through the entry points `labapp.generators`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import entry_points
from random import Random
from typing import Any, Literal, Protocol

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid

GROUP = "labapp.generators"
Language = Literal["zh", "en"]
Values = dict[str, Any]


class Inventor(Protocol):
    """Invents records from a seed; the same key gives the same values."""

    def made_at(self, fewest: int, most: int, *key: int | str) -> datetime: ...
    def mobile(self, *key: int | str) -> str: ...
    def reference(self, member: str, key: int | str) -> str: ...
    def company(self, *key: int | str) -> Values: ...
    def person(self, *key: int | str) -> Values: ...
    def product_name(self, *key: int | str) -> str: ...
    def digits(self, *key: int | str) -> str: ...
    def varied(self, number: int, percent: int, *key: int | str) -> int: ...
    def soiled(self, dirt: str, kind: str, values: Values, *key: int | str) -> Values: ...
    def lead(
        self,
        member: str,
        number: int | str,
        status: str | None = None,
        place: str | None = None,
        industry: str | None = None,
    ) -> Values: ...
    def customer(
        self, member: str, number: int | str, place: str | None = None, industry: str | None = None
    ) -> Values: ...
    def contact(self, customer: Values, member: str, number: int | str) -> Values: ...
    def opportunity(
        self, customer: Values, member: str, number: int | str, closed: bool = False
    ) -> Values: ...
    def activity(self, about: Values, member: str, number: int | str) -> Values: ...
    def note(self, about: Values, member: str, number: int | str) -> Values: ...


class Generator(Protocol):
    """What an entry point of the group loads. `places` and `dirt` are the words that records.yaml may use."""

    @property
    def places(self) -> Collection[str]: ...

    @property
    def dirt(self) -> Collection[str]: ...

    def inventor(
        self,
        seed: int,
        language: Language,
        starts_at: datetime,
        trade: str = "office",
        products: tuple[tuple[str, Decimal], ...] = (),
    ) -> Inventor: ...

    def value_for(
        self,
        shape: str,
        name: str,
        required: bool,
        choices: Sequence[str],
        rng: Random,
        language: Language = "zh",
    ) -> object: ...


@cache
def generator() -> Generator:
    """The first that is installed, looked for once. Raises Invalid, with a sentence, if there is none."""
    for found in entry_points(group=GROUP):
        loaded: Generator = found.load()
        return loaded
    raise Invalid(_l("No data generator is installed; a scenario needs one to invent its records."))
