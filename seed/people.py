"""People: names, sex, post, birthday."""

from datetime import date, timedelta
from functools import cache

from labapp.values import dataclass
from seed.draw import Draw, Weights
from seed.places import mobile
from seed.tables import Job, Language, Words, jobs, names

SINGLE_GIVEN_NAMES = 22
OLDEST, YOUNGEST = 58, 24


@dataclass(frozen=True)
class Name:
    """A family and a given name, in characters and in Latin letters."""

    family: Words
    given: Words

    def say(self, language: Language) -> str:
        """`张志强`, or `Zhang Zhiqiang` as it stands on a Chinese card: surname first."""
        if language == "zh":
            return self.family.zh + self.given.zh
        return f"{self.family.en} {self.given.en.capitalize()}"

    @property
    def mailbox(self) -> str:
        """What stands before the @."""
        return (self.family.en + self.given.en).lower().replace("'", "")


@dataclass(frozen=True)
class Person:
    name: Name
    gender: str
    job: Job
    mobile: str
    birthday: date


@cache
def _names(kind: str) -> Weights[Words]:
    return Weights(names(kind))


@cache
def _jobs() -> Weights[Job]:
    return Weights(jobs())


def any_name(chance: Draw, gender: str) -> Name:
    """A name of today, as often as such names are."""
    family = chance.weighted(_names("family"))
    if chance.happens(SINGLE_GIVEN_NAMES):
        return Name(family, chance.weighted(_names(f"{gender} single")))
    first, second = chance.weighted(_names(f"{gender} first")), chance.weighted(_names(f"{gender} second"))
    while second.zh == first.zh:
        second = chance.weighted(_names(f"{gender} second"))
    joint = "'" if second.en[0] in "aoe" else ""
    return Name(family, Words(first.zh + second.zh, first.en + joint + second.en))


def any_person(chance: Draw, today: date) -> Person:
    """Somebody of working age on that day."""
    gender = chance.one(("male", "female"))
    name = any_name(chance, gender)
    age_in_days = chance.between(YOUNGEST * 365, OLDEST * 365)
    return Person(name, gender, chance.weighted(_jobs()), mobile(chance), today - timedelta(age_in_days))
