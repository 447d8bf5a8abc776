"""A believable value for any field, known by its shape and its name alone."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from labapp.values import dataclass
from seed.companies import any_company
from seed.draw import Draw
from seed.people import any_name
from seed.phrases import Blanks, sentence
from seed.places import any_place, landline, mobile
from seed.tables import Language, texts, trade_words
from seed.times import coming

FIRST_DAY = date(2026, 9, 7)
FIRST_DAY_AT_NINE = datetime.combine(FIRST_DAY, time(9))
EMPTY_WHEN_OPTIONAL = 20
SCALES = frozenset({"satisfaction", "product_quality", "service_quality", "recommend"})  # marks from 1 to 5


@dataclass(frozen=True)
class Wanted:
    """What is known of the field."""

    name: str
    language: Language
    choices: tuple[str, ...]


def _text(chance: Draw, wanted: Wanted) -> str:
    if wanted.name in ("company", "customer"):
        return any_company(chance, wanted.language).name
    if wanted.name in ("name", "person"):
        return any_name(chance, chance.one(("male", "female"))).say(wanted.language)
    if wanted.name in ("province", "city"):
        place = any_place(chance)
        return (place.province if wanted.name == "province" else place.city).say(wanted.language)
    words = chance.one(trade_words()).say(wanted.language), chance.one(texts("word")).say(wanted.language)
    return ("" if wanted.language == "zh" else " ").join(words)


def _prose(chance: Draw, wanted: Wanted) -> str:
    who = any_name(chance, chance.one(("male", "female"))).say(wanted.language)
    product = chance.one(texts("word")).say(wanted.language)
    company = any_company(chance, wanted.language).name
    return sentence(chance, "note", wanted.language, Blanks(product, who, company))


def _email(chance: Draw, wanted: Wanted) -> str:
    name = any_name(chance, chance.one(("male", "female")))
    return f"{name.mailbox}@{any_company(chance, wanted.language).domain}"


def _url(chance: Draw, wanted: Wanted) -> str:
    return f"https://www.{any_company(chance, wanted.language).domain}"


def _choice(chance: Draw, wanted: Wanted) -> str:
    if not wanted.choices:
        raise ValueError(f"the choice {wanted.name!r} has nothing to choose from")
    return chance.one(wanted.choices)


def _money(chance: Draw, wanted: Wanted) -> Decimal:
    fewest, most = (9_000, 18_000) if wanted.name == "best_case_amount" else (10, 9_000)
    return Decimal(chance.between(fewest, most) * 100).quantize(Decimal("0.01"))


def _number(chance: Draw, wanted: Wanted) -> int:
    if wanted.name == "year":  # of a fiscal quarter that lies ahead: one may still submit a forecast for it
        return chance.between(FIRST_DAY.year + 1, FIRST_DAY.year + 9)
    most = {"quarter": 4, **dict.fromkeys(SCALES, 5)}.get(wanted.name, 500)
    return chance.between(1, most)


BY_SHAPE: dict[str, Callable[[Draw, Wanted], object]] = {
    "text": _text,
    "prose": _prose,
    "email": _email,
    "phone": lambda chance, wanted: landline(chance, any_place(chance)),
    "mobile": lambda chance, wanted: mobile(chance),
    "url": _url,
    "money": _money,
    "number": _number,
    "percent": lambda chance, wanted: chance.between(0, 100),
    "day": lambda chance, wanted: FIRST_DAY + timedelta(days=chance.between(-300, 120)),
    "moment": lambda chance, wanted: coming(chance, FIRST_DAY_AT_NINE, 1, 60),
    "choice": _choice,
    "check": lambda chance, wanted: chance.happens(50),
    "tags": lambda chance, wanted: [chance.one(texts("tag")).say(wanted.language)],
}


def value_for(
    shape: str, name: str, required: bool, choices: Sequence[str], rng: Random, language: Language = "zh"
) -> object:
    """A value that a form would accept for a field of that shape; None now and then where it is optional.

    Raises ValueError for a shape that is not known (`link` among them: the caller links).
    """
    if shape not in BY_SHAPE:
        raise ValueError(f"no values are known for the shape {shape!r}")
    chance = Draw(rng)
    if not required and chance.happens(EMPTY_WHEN_OPTIONAL):
        return None
    return BY_SHAPE[shape](chance, Wanted(name, language, tuple(choices)))
