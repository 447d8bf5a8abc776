"""Dirt of known kinds, as it is found in the lists of real companies (003 two-3); the truth is what it was before.

Each kind takes clean values and gives those that a careless clerk would have typed. Nothing but the values, the
language and the stream of chance decides what comes out.
"""

import re
from collections.abc import Callable, Mapping

from labapp.values import dataclass
from seed.draw import Draw
from seed.tables import Language

Values = dict[str, object]
LEGAL_ZH = re.compile(r"(股份|集团)?有限公司$")
LEGAL_EN = re.compile(r",? *(Group +)?Co\., Ltd$")
BRACKET = re.compile(r" *[（(][^）)]*[）)]")
LETTERS = {"0": "O", "1": "l", "8": "B", "5": "S", "2": "Z", "6": "b", "9": "g", "4": "A", "7": "T", "3": "E"}
UNFILLED = ("industry", "level", "nature", "source", "rating")
SWAPPED = {"lead": ("name", "company"), "contact": ("name", "title"), "customer": ("province", "city")}


@dataclass(frozen=True)
class Soiling:
    """What is made dirty: the values of a record of that kind."""

    kind: str
    values: Mapping[str, object]
    language: Language
    chance: Draw

    def text(self, field: str) -> str:
        return str(self.values.get(field) or "")

    @property
    def company(self) -> str:
        """The field that has the name of a company."""
        return "company" if self.kind == "lead" else "name"

    @property
    def region(self) -> str:
        """The city as it stands in front of names."""
        return self.text("city").removesuffix("市")

    @property
    def core(self) -> str:
        """The name of the company without city and legal form."""
        name = BRACKET.sub("", self.text(self.company))
        name = (LEGAL_ZH if self.language == "zh" else LEGAL_EN).sub("", name)
        return name.removeprefix(self.region).strip()


def _short_name(soiling: Soiling) -> Values:
    """`杭州华达机电设备有限公司` as 华达机电, `Hangzhou Huada Electrical Equipment Co., Ltd` as Huada."""
    return {soiling.company: soiling.core[:4] if soiling.language == "zh" else soiling.core.split(" ")[0]}


def _near_duplicate(soiling: Soiling) -> Values:
    """The same company as somebody else wrote it; a person without what one did not ask for."""
    if soiling.kind == "contact":
        return {"title": None, "email": None, "department": None}
    core, region = soiling.core, soiling.region
    if soiling.language == "zh":
        ways = (f"{region}市{core}有限公司", f"{core}（{region}）有限公司", f"{region}{core}公司")
    else:
        ways = (f"{core} ({region}) Co., Ltd", f"{region} {core} Company", f"{region} {core} Ltd.")
    taken = [way for way in ways if way != soiling.text(soiling.company)]
    return {soiling.company: soiling.chance.one(taken), "website": None}


def _short_mobile(soiling: Soiling) -> Values:
    """The last digit is missing."""
    return {"mobile": soiling.text("mobile")[:-1]}


def _letters_in_mobile(soiling: Soiling) -> Values:
    """The letter O for the digit 0; where there is none, another that looks like a letter. The 1 in front stays."""
    mobile = soiling.text("mobile")
    rest = mobile[1:]
    digit = next((digit for digit in LETTERS if digit in rest), "")
    return {"mobile": mobile[:1] + rest.replace(digit, LETTERS[digit])} if digit else {}


def _no_area_code(soiling: Soiling) -> Values:
    return {"phone": soiling.text("phone").partition("-")[2]}


def _broken_mail(soiling: Soiling) -> Values:
    """The sign @ lost, or a comma for a full stop."""
    mail = soiling.text("email")
    return {
        "email": soiling.chance.one((mail.replace("@", "#"), mail.replace("@", ""), mail.replace(".", ",")))
    }


def _swapped_columns(soiling: Soiling) -> Values:
    """Two neighbouring columns of the list were exchanged."""
    one, other = SWAPPED[soiling.kind]
    return {one: soiling.values.get(other), other: soiling.values.get(one)}


def _unfilled(soiling: Soiling) -> Values:
    """The columns nobody filled in."""
    return {field: None for field in UNFILLED if field in soiling.values}


DIRT: dict[str, Callable[[Soiling], Values]] = {
    "short_name": _short_name,
    "near_duplicate": _near_duplicate,
    "short_mobile": _short_mobile,
    "letters_in_mobile": _letters_in_mobile,
    "no_area_code": _no_area_code,
    "broken_mail": _broken_mail,
    "swapped_columns": _swapped_columns,
    "unfilled": _unfilled,
}


def soiled(dirt: str, soiling: Soiling) -> Values:
    """The values with that dirt on them. Raises KeyError for a kind of dirt, or of record, that has none."""
    return {**soiling.values, **DIRT[dirt](soiling)}
