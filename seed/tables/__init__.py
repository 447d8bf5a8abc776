"""The tables that invention draws from, read once from the files beside this one."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

from labapp.values import dataclass

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Words:
    """One thing said in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """The words of that language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class District:
    name: Words
    roads: tuple[Words, ...]


@dataclass(frozen=True)
class Place:
    """A city with what an address and a landline in it look like."""

    province: Words
    city: Words
    area_code: str
    digits: int
    postcode: str
    districts: tuple[District, ...]


@dataclass(frozen=True)
class Trade:
    """What a company does, as its name says it."""

    industry: str
    words: Words
    web: str
    forms: str


@dataclass(frozen=True)
class Job:
    department: Words
    title: Words
    rank: int
    weight: int


@dataclass(frozen=True)
class Ware:
    """A product with its price range and the quantity that is usually bought."""

    trade: str
    code: str
    name: Words
    unit: Words
    lowest: int
    highest: int
    quantity: int


def _rows(name: str) -> Iterator[list[str]]:
    for line in (files(__name__) / f"{name}.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _words(text: str) -> Words:
    zh, en = text.split("=", 1)
    return Words(zh, en)


def _district(text: str) -> District:
    name, roads = text.split(":", 1)
    return District(_words(name), tuple(_words(road) for road in roads.split(",")))


@cache
def places() -> tuple[Place, ...]:
    """Cities of all mainland provinces."""
    return tuple(
        Place(
            Words(province, province_en),
            Words(city, city_en),
            code,
            int(digits),
            postcode,
            tuple(_district(part) for part in districts.split(";")),
        )
        for province, province_en, city, city_en, code, digits, postcode, districts in _rows("places")
    )


@cache
def names(kind: str) -> tuple[tuple[Words, int], ...]:
    """Name parts of one kind (`family`, `male first`, `female single` …) with their weights."""
    rows = (row for row in _rows("names") if row[0] == kind)
    return tuple((Words(zh, latin), int(weight)) for _, zh, latin, weight in rows)


@cache
def trade_words() -> tuple[Words, ...]:
    """The word of its own that a company name carries."""
    return tuple(Words(zh, latin) for zh, latin in _rows("tradewords"))


@cache
def trades() -> tuple[Trade, ...]:
    """Every trade of every industry."""
    return tuple(Trade(key, Words(zh, en), web, forms) for key, zh, en, web, forms in _rows("trades"))


@cache
def industries() -> tuple[str, ...]:
    """The industry keys, in the order of the table."""
    return tuple(dict.fromkeys(trade.industry for trade in trades()))


@cache
def jobs() -> tuple[tuple[Job, int], ...]:
    """Jobs of the people one talks to, with their weights."""
    return tuple(
        (Job(Words(dz, de), Words(tz, te), int(rank), int(weight)), int(weight))
        for dz, de, tz, te, rank, weight in _rows("jobs")
    )


@cache
def wares(trade: str) -> tuple[Ware, ...]:
    """The products of one trade; none for a trade that the table does not have."""
    return tuple(
        Ware(which, code, Words(zh, en), Words(uz, ue), int(low), int(high), int(quantity))
        for which, code, zh, en, uz, ue, low, high, quantity in _rows("products")
        if which == trade
    )


@cache
def ware_trades() -> tuple[str, ...]:
    """The trades that have products."""
    return tuple(dict.fromkeys(row[0] for row in _rows("products")))


@cache
def texts(where: str) -> tuple[Words, ...]:
    """The sentences for one place, with `{placeholders}`."""
    return tuple(Words(zh, en) for place, zh, en in _rows("texts") if place == where)
