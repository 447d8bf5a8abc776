"""Sentences with their blanks filled in."""

from labapp.values import dataclass
from seed.draw import Draw
from seed.tables import Language, Words, texts

UNKNOWN = Words("对方", "the contact")


@dataclass(frozen=True)
class Blanks:
    """What the blanks of a sentence may be filled with."""

    product: str
    person: str
    company: str


def sentence(chance: Draw, where: str, language: Language, blanks: Blanks) -> str:
    """A sentence for that place, filled in; begins with a capital in English."""
    text = chance.one(texts(where)).say(language)
    text = text.format(
        product=blanks.product, person=blanks.person, company=blanks.company, count=chance.between(2, 24)
    )
    return text if language == "zh" else text[:1].upper() + text[1:]


def blanks_of(about: dict[str, object], product: str, language: Language) -> Blanks:
    """The blanks of a sentence about a lead, a customer, a contact or an opportunity."""
    name = str(about.get("name") or "")
    is_person = "title" in about
    person = name if is_person else UNKNOWN.say(language)
    company = str(about.get("company") or ("" if is_person else name)) or person
    return Blanks(product, person, company)
