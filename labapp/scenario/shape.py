"""What `scenario.yaml` says: the company, its positions, rules, codes, products and volumes."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Language = Literal["zh", "en"]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
FOLDER_KEY = r"^[a-z][a-z0-9-]{0,59}$"
FolderKey = Annotated[str, StringConstraints(pattern=FOLDER_KEY)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Price = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Mode = Literal["private", "read_only", "read_write"]
Volume = Annotated[int, Field(ge=0, le=500)]
STAGE_ONLY = ("probability", "meaning", "requires", "notify", "remind_after")
RELATIVE_DAY = re.compile(r"[+-]\d{1,4}d")
RELATIVE_MOMENT = re.compile(r"[+-]\d{1,4}d ([01]\d|2[0-3]):[0-5]\d")


def _without_zone(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("lab time has no zone")
    return value


class Said(BaseModel):
    """The base of everything a file says: unknown words are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Words(Said):
    """One text in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    zh: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

    def say(self, language: str) -> str:
        """The text in that language."""
        return self.zh if language == "zh" else self.en


class Hours(Said):
    """Working hours: days 1 (Monday) to 7."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="to")


class Company(Said):
    """The simulated company (004 §2.11-4)."""

    name: Words
    address: Words
    phone: Line
    fax: Line | None = None
    email: Line | None = None
    website: Line | None = None
    postcode: Line
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    working_hours: Hours
    holidays: tuple[date, ...] = ()


class Position(Said):
    """A node of the tree (004 §3.1-3) with the seats that a class of the usual size has there."""

    key: Key
    name: Words
    kind: Literal["instructor", "class", "department", "staff"]
    profile: (
        Literal["everything", "manager", "sales", "marketing", "service", "product", "configurator"] | None
    ) = None
    seats: Annotated[int, Field(ge=0, le=500)] = 0
    below: tuple["Position", ...] = ()

    def walk(self) -> Iterator["Position"]:
        """This position and all below it, parents first."""
        yield self
        for child in self.below:
            yield from child.walk()


class Sharing(Said):
    """The sharing modes at the opening (004 §2.11-6)."""

    lead: Mode = "private"
    customer: Mode = "private"
    opportunity: Mode = "private"
    document: Mode = "private"


class Group(Said):
    """A sharing group of those who are seated in these positions at the opening."""

    key: Key
    name: Words
    positions: tuple[Key, ...]


class CodeChange(Said):
    """A value added to a code table, renamed, or retired. All but `label` and `retired` are for stages only.

    `requires` are entry conditions, `notify` keys of positions, `remind_after` days without a follow-up.
    """

    table: Key
    key: Key
    label: Words | None = None
    probability: Annotated[int, Field(ge=0, le=100)] | None = None
    meaning: Words | None = None
    requires: tuple[str, ...] | None = None
    notify: tuple[Key, ...] | None = None
    remind_after: Annotated[int, Field(ge=1, le=365)] | None = None
    retired: bool = False

    @property
    def about_stages(self) -> dict[str, Any]:
        """What only stages have, as far as it is said."""
        said = {name: getattr(self, name) for name in STAGE_ONLY}
        return {name: value for name, value in said.items() if value is not None}


class Choice(Said):
    key: Key
    label: Words


class OwnField(Said):
    """A custom field: records.yaml fills it in as `extra_KEY`, rubrics name it `extra.KEY`."""

    kind: Key
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    label: Words
    shape: Literal["text", "number", "date", "choice", "check"]
    choices: tuple[Choice, ...] = ()
    required: bool = False
    help: Words | None = None


class Category(Said):
    key: Key
    name: Words
    parent: Key | None = None


class Product(Said):
    key: Key
    code: Line
    name: Words
    category: Key
    unit: Words
    list_price: Price
    floor_price: Price
    description: Words | None = None


class Volumes(Said):
    """How many invented records each seat gets besides those of records.yaml."""

    lead: Volume = 0
    customer: Volume = 0
    contact: Volume = 0
    opportunity: Volume = 0
    closed_opportunity: Volume = 0
    activity: Volume = 0
    note: Volume = 0


class History(Said):
    """How far back the invented past goes, in days."""

    days: Annotated[int, Field(ge=1, le=366)] = 14


class ScenarioFile(Said):
    """`scenario.yaml` as a whole.

    `student_position`: where the student of mode individual sits, by default where the walkthrough is played.
    `team_size`: how many students make a team, unless the opening says otherwise.
    """

    scenario: Literal[1]
    key: FolderKey
    title: Words
    summary: Words
    language: Language = "zh"
    modes: tuple[Literal["class", "team", "individual"], ...] = ("class", "team", "individual")
    trade: Key = "office"
    company: Company
    starts_at: Annotated[datetime, AfterValidator(_without_zone)]
    clock: Literal["real", "stepped"] = "real"
    pace: Annotated[int, Field(ge=0, le=1440)] = 1
    students_end_day: bool = False
    positions: Position
    student_position: Key | None = None
    team_size: Annotated[int, Field(ge=2, le=20)] = 4
    sharing: Sharing = Sharing()
    groups: tuple[Group, ...] = ()
    codes: tuple[CodeChange, ...] = ()
    fields: tuple[OwnField, ...] = ()
    categories: tuple[Category, ...] = ()
    products: tuple[Product, ...] = ()
    volumes: Volumes = Volumes()
    history: History = History()
    settings: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]*$")], Any] = Field(
        default_factory=dict
    )
