"""Addresses and telephone numbers that belong to the city they are in."""

from functools import cache

from labapp.values import dataclass
from seed.draw import Draw, Weights
from seed.tables import Language, Place, places, texts

ALLOCATED = {
    "3": "0123456789",
    "4": "7",
    "5": "012356789",
    "6": "6",
    "7": "35678",
    "8": "012356789",
    "9": "189",
}
MOBILE_PREFIXES = tuple(f"1{second}{third}" for second, thirds in ALLOCATED.items() for third in thirds)


@dataclass(frozen=True)
class Address:
    """Where something is, in the words of one language."""

    place: Place
    province: str
    city: str
    street: str
    postcode: str


@cache
def _places() -> Weights[Place]:
    return Weights((place, len(place.districts) ** 2) for place in places())


def any_place(chance: Draw) -> Place:
    """A city; those that many districts are known of come more often."""
    return chance.weighted(_places())


@cache
def places_by_key() -> dict[str, Place]:
    """Every city by its name in small Latin letters: `hangzhou`, `xian`."""
    return {place.city.en.casefold().replace("'", ""): place for place in places()}


def address(chance: Draw, place: Place, language: Language) -> Address:
    """A building in a road of a district of that city."""
    district = chance.one(place.districts)
    road = chance.one(district.roads).say(language)
    floor = chance.between(2, 22)
    house = chance.one(texts("address building")).say(language)
    house = house.format(
        n=chance.between(8, 988), b=chance.between(1, 12), f=floor, r=f"{floor}{chance.between(1, 18):02d}"
    )
    province, city = place.province.say(language), place.city.say(language)
    if language == "zh":
        start = city if city == province else province + city
        street = f"{start}{district.name.zh}{road} {house}"
    else:
        street = f"{house} {road}, {district.name.en}, {city}"
    return Address(place, province, city, street, place.postcode)


def landline(chance: Draw, place: Place) -> str:
    """`0xx-xxxxxxxx` with the area code of the city and as many digits as numbers there have."""
    return f"{place.area_code}-{chance.one('2568')}{chance.digits(place.digits - 1)}"


def mobile(chance: Draw) -> str:
    """Eleven digits with a prefix that is in use."""
    return chance.one(MOBILE_PREFIXES) + chance.digits(8)
