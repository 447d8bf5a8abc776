"""What `timeline.yaml` says: what happens by itself while a sandbox runs (product.md L2).

An event names one thing that happens, and may tell people of it:

    - {key: lift_stuck, at: "+0d 10:20", kind: ticket, values: {…}, links: {customer: hotel}}   a record arrives
    - {key: price_cut, at: "+2d 09:00", per: once, changes: rival, values: {threat: high}}      a record changes
    - {key: silence, at: "+3d 00:00", quiet: hotel}                                            a customer goes quiet
    - {key: quarter_end, at: "+24d 00:00", per: once, quarter_ends: 2026Q3}                     a fiscal quarter is over
    - {key: news, at: "+1d 08:30", per: once, tell: {en: …, zh: …}}                             only words
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from labapp.scenario.shape import RELATIVE_MOMENT, Key, Said, Words
from labapp.scenario.shape_records import Given

Moment = Annotated[str, StringConstraints(pattern=f"^{RELATIVE_MOMENT.pattern}$")]
Quarter = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\dQ[1-4]$")]
WAYS = ("kind", "changes", "quiet", "quarter_ends")
ONE_WAY = "exactly one of kind, changes, quiet and quarter_ends, or tell alone"
ITS_OWN = "owner, links and invent go with what arrives, values with what arrives or changes"


class Event(Said):
    """Something that happens at a moment counted from the start, to every seat (of some positions) or once.

    `kind`: a record arrives, as in records.yaml; texts may also say {customer} and {contact}, the names of what it
    links to. `changes`: the record of that key gets these `values`. `quiet`: the customer of that key does not answer
    any more: what was planned with it is cancelled. `quarter_ends`: everybody hears how the quarter went for them.
    `tell`: a notice, to the seat, or to everybody (of the positions `only`) where it happens once.
    """

    key: Key
    at: Moment
    per: Literal["seat", "once"] = "seat"
    only: tuple[Key, ...] = ()
    owner: Key | None = None
    kind: Key | None = None
    changes: Key | None = None
    quiet: Key | None = None
    quarter_ends: Quarter | None = None
    invent: bool = False
    values: dict[Key, Any] = Field(default_factory=dict)
    links: dict[Key, Key] = Field(default_factory=dict)
    tell: Words | None = None

    @model_validator(mode="after")
    def one_way(self) -> Self:
        ways = sum(getattr(self, name) is not None for name in WAYS)
        if ways > 1 or (ways == 0 and self.tell is None):
            raise ValueError(ONE_WAY)
        arrives = self.invent or self.links or self.owner is not None
        if (arrives and self.kind is None) or (self.values and self.kind is None and self.changes is None):
            raise ValueError(ITS_OWN)
        return self

    @property
    def given(self) -> Given | None:
        """The record that arrives, said as records.yaml says it; None for other events."""
        if self.kind is None:
            return None
        return Given(
            key=self.key,
            kind=self.kind,
            per=self.per,
            only=self.only if self.per == "seat" else (),
            owner=self.owner,
            at=self.at,
            invent=self.invent,
            values=self.values,
            links=self.links,
        )


class TimelineFile(Said):
    """`timeline.yaml` as a whole."""

    events: tuple[Event, ...]
