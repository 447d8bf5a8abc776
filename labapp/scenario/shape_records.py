"""What `records.yaml` and `walkthrough.yaml` say."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from labapp.scenario.shape import RELATIVE_MOMENT, Key, Said

TRUTH = re.compile(r"{right\.(\w+)}")
Moment = Annotated[str, StringConstraints(pattern=f"^{RELATIVE_MOMENT.pattern}$")]
Verb = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]


class Given(Said):
    """A record that everybody of some seats gets, or that exists once.

    `values` are by field name: code keys, numbers, texts in both languages, `+3d` for a day and `+3d 10:00`
    for a moment counted from the start. What they leave out is invented where `invent` says so. `links` name
    records by key: of the same seat, or products and categories of scenario.yaml. `at` is when it was made.
    `vary` says by how many per cent a number may differ from seat to seat, in whole hundreds.
    An invented company lies in the city `place`, and is that of another record `like` which it is. `dirt` is done to
    the values in the end; `{right.FIELD}` in a text is what the value was before.
    """

    key: Key
    kind: Key
    per: Literal["seat", "once"] = "seat"
    only: tuple[Key, ...] = ()
    owner: Key | None = None
    at: Moment | None = None
    invent: bool = False
    place: Key | None = None
    like: Key | None = None
    dirt: tuple[Key, ...] = ()
    values: dict[Key, Any] = Field(default_factory=dict)
    vary: dict[Key, Annotated[int, Field(ge=1, le=90)]] = Field(default_factory=dict)
    links: dict[Key, Key] = Field(default_factory=dict)


class RecordsFile(Said):
    records: tuple[Given, ...]


class Target(Said):
    """Which record an act is about: one of records.yaml, one with such fields, or the newest of the kind."""

    kind: Key
    key: Key | None = None
    find: dict[Key, Any] | None = None
    last: bool = False

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if sum((self.key is not None, self.find is not None, self.last)) != 1:
            raise ValueError("exactly one of key, find and last")
        return self


class Act(Said):
    """One thing the perfect student does: a verb with its answers, a look at a record or a page, or a wait.

    `advance` is the lab time until which the clock is moved on. `look` is the address of a page, with `{id}` for what
    `on` names; `form` is the id of a form on it, or the address it goes to, which is then filled in and sent.

    An answer is a value, a list (boxes that are ticked), a text in both languages, `{ref: key}` (a record of
    records.yaml or a product), `{last: kind}` (the newest record of the kind), `{right: field}` (what the field of the
    record was before it got dirty), `{id_of: {kind: …, find: …}}` (of a position, a stage, a member …), or a day or
    moment counted from the start.
    """

    do: Verb | None = None
    open: Target | None = None
    look: Annotated[str, StringConstraints(pattern=r"^/[\w/.?=&{}-]*$")] | None = None
    form: Annotated[str, StringConstraints(min_length=1)] | None = None
    advance: Moment | None = None
    on: Target | None = None
    answers: dict[Key, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        if sum(one is not None for one in (self.do, self.open, self.look, self.advance)) != 1:
            raise ValueError("exactly one of do, open, look and advance")
        if self.form is not None and self.look is None:
            raise ValueError("a form needs the page it is on: look")
        return self


class WalkthroughFile(Said):
    """What the suite plays as the first student of a position; it must earn every point."""

    position: Key
    acts: tuple[Act, ...]
