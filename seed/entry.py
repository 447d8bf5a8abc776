"""What the product loads through the entry point group `labapp.generators`."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from random import Random

from labapp.values import dataclass
from seed.dirt import DIRT
from seed.invent import Inventor
from seed.places import places_by_key
from seed.shapes import value_for
from seed.tables import Language


@dataclass(frozen=True)
class Generator:
    """The invention that ships with the product."""

    name: str

    @property
    def places(self) -> tuple[str, ...]:
        """The cities that records may be placed in."""
        return tuple(places_by_key())

    @property
    def dirt(self) -> tuple[str, ...]:
        """The kinds of dirt that are known."""
        return tuple(DIRT)

    def inventor(
        self,
        seed: int,
        language: Language,
        starts_at: datetime,
        trade: str = "office",
        products: tuple[tuple[str, Decimal], ...] = (),
    ) -> Inventor:
        """An inventor of records; see `seed.invent`."""
        return Inventor(seed, language, starts_at, trade, products)

    def value_for(
        self,
        shape: str,
        name: str,
        required: bool,
        choices: Sequence[str],
        rng: Random,
        language: Language = "zh",
    ) -> object:
        """A value for any field; see `seed.shapes.value_for`."""
        return value_for(shape, name, required, choices, rng, language)


generator = Generator("seed")
