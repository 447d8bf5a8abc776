"""Companies: a full legal name, a place, a size, and how to reach them."""

from decimal import Decimal
from functools import cache

from labapp.values import dataclass
from seed.draw import Draw, Weights
from seed.places import Address, address, any_place, landline
from seed.tables import Language, Place, Trade, Words, industries, trade_words, trades

LEGAL_FORMS = {
    "c": Words("有限公司", "Co., Ltd"),
    "j": Words("股份有限公司", "Co., Ltd"),
    "g": Words("集团有限公司", "Group Co., Ltd"),
}
FORM_WEIGHTS = {"c": 16, "j": 3, "g": 2}
SIZES = {"c": (12, 420), "j": (180, 2600), "g": (500, 6800)}
NATURES = {
    "c": Weights((("private", 76), ("joint", 9), ("foreign", 6), ("state", 9))),
    "j": Weights((("listed", 55), ("private", 30), ("state", 15))),
    "g": Weights((("state", 45), ("private", 45), ("joint", 10))),
}
INDUSTRY_WEIGHTS = {"manufacturing": 22, "software": 14, "retail": 12, "medical": 10, "construction": 10}
USUAL_WEIGHT = 6
BUYERS = {
    "medical": (("medical", 90), ("education", 6), ("property", 4)),
    "food": (("retail", 50), ("food", 22), ("hospitality", 28)),
    "machinery": (("manufacturing", 72), ("food", 10), ("logistics", 10), ("energy", 8)),
    "training": (
        ("manufacturing", 52),
        ("retail", 14),
        ("construction", 10),
        ("logistics", 12),
        ("finance", 12),
    ),
}
REVENUE_PER_HEAD = (180_000, 920_000)
REGION_IN_BRACKETS = 8


@dataclass(frozen=True)
class Company:
    name: str
    word: Words
    trade: Trade
    form: str
    address: Address
    phone: str
    fax: str
    domain: str
    employees: int
    annual_revenue: Decimal
    nature: str


@cache
def _industries() -> Weights[str]:
    return Weights((key, INDUSTRY_WEIGHTS.get(key, USUAL_WEIGHT)) for key in industries())


@cache
def _trades_of(industry: str) -> tuple[Trade, ...]:
    return tuple(trade for trade in trades() if trade.industry == industry)


@cache
def _forms(letters: str) -> Weights[str]:
    return Weights((letter, FORM_WEIGHTS[letter]) for letter in letters)


def any_trade(chance: Draw, buyers: Weights[str] | None = None) -> Trade:
    """A trade: first an industry, as common as it is (among `buyers`, if they are said), then what it does there."""
    return chance.one(_trades_of(chance.weighted(buyers or _industries())))


@cache
def buyers_of(ware_trade: str) -> Weights[str] | None:
    """The industries that buy what such a company sells; None: all of them, as common as they are."""
    known = BUYERS.get(ware_trade)
    return Weights(known) if known else None


@cache
def industry_alone(industry: str) -> Weights[str] | None:
    """That industry and no other; None for one whose trades are not known."""
    return Weights([(industry, 1)]) if industry in industries() else None


@dataclass(frozen=True)
class Style:
    """What the name of a company is made of."""

    city: Words
    word: Words
    trade: Trade
    form: str
    bracket: bool


def _name(style: Style, language: Language) -> str:
    city, word, trade = style.city, style.word, style.trade
    legal, bracket = LEGAL_FORMS[style.form].say(language), style.bracket
    if language == "en":
        middle = f"{word.en} {trade.words.en}"
        return f"{middle} ({city.en}) {legal}" if bracket else f"{city.en} {middle} {legal}"
    region = city.zh.removesuffix("市")
    middle = word.zh + trade.words.zh
    return f"{middle}（{region}）{legal}" if bracket else f"{region}{middle}{legal}"


def any_company(
    chance: Draw, language: Language, at: Place | None = None, buyers: Weights[str] | None = None
) -> Company:
    """A company whose name, nature, size, place and numbers go together; `at` says where, its name begins with that.

    `buyers` are the industries it may be of. The same stream of chance gives the same business at another place: a
    sister company.
    """
    place, word, trade = any_place(chance), chance.one(trade_words()), any_trade(chance, buyers)
    place = at or place
    form = chance.weighted(_forms(trade.forms))
    employees = chance.between(*SIZES[form])
    revenue = employees * chance.between(*REVENUE_PER_HEAD) // 10_000 * 10_000
    where = address(chance, place, language)
    bracket = form == "c" and chance.happens(REGION_IN_BRACKETS)
    return Company(
        name=_name(Style(place.city, word, trade, form, bracket and at is None), language),
        word=word,
        trade=trade,
        form=form,
        address=where,
        phone=landline(chance, place),
        fax=landline(chance, place),
        domain=f"{word.en.lower()}-{trade.web}.example",
        employees=employees,
        annual_revenue=Decimal(revenue).quantize(Decimal("0.01")),
        nature=chance.weighted(NATURES[form]),
    )
