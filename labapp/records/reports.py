"""What a report was asked, read from the address; and the one way from its conditions to rows and to lists.

The records behind every number are described by list filters, and the number itself is counted with the
conditions that the list makes of the same filters. So a number and the list it links to cannot disagree.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_plus

from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.people.directory import Member, Place
from labapp.records import parse
from labapp.records.catalog import catalog
from labapp.records.describe import ELSEWHERE, Filters, RecordType, Report
from labapp.records.question import question_of
from labapp.values import dataclass

ONCE = frozenset({"from", "to", "days", "position"})
AT_ONCE = 100  # lines on a page


@dataclass(frozen=True, eq=False)
class Ask:
    """A reader's question to a report. `said` are the conditions given, as far as they were understood.

    `page` is the page of lines that is asked for, from 1; 0 asks for all lines, as a file has them.
    """

    actor: Actor
    record_type: RecordType
    report: Report
    said: Mapping[str, tuple[str, ...]]
    group: str
    page: int = 0

    @property
    def before(self) -> int:
        """How many lines stand on the pages before."""
        return AT_ONCE * (self.page - 1) if self.page else 0

    @property
    def by_record(self) -> bool:
        """Whether it has a line per record, and no group."""
        return "" in self.report.groups and not self.group

    @property
    def model(self) -> Any:
        return self.record_type.model

    @property
    def days(self) -> int:
        return int(self.said["days"][0]) if "days" in self.said else self.report.days

    @cached_property
    def filters(self) -> Filters:
        """The list filters of all records this report is about."""
        named = {"from": f"{self.report.dated}_from", "to": f"{self.report.dated}_to"}
        chosen = {named.get(name, name): values for name, values in self.said.items() if name != "days"}
        found = merged(self.report.base(self), chosen)
        return NOTHING if found is None else found

    def where(self, filters: Filters, *, walked: bool = False) -> tuple[Any, ...]:
        """The conditions that the list makes of these filters; `walked`: those for few records, where it has such."""
        pairs = [(name, value) for name, values in filters.items() for value in values]
        question = question_of(self.record_type, self.actor, MultiDict(pairs))
        return question.walked if walked and question.walked is not None else question.where

    def grouped_by(self, group: str) -> "Ask":
        """The same question with another grouping."""
        return Ask(self.actor, self.record_type, self.report, self.said, group)

    def address(self, filters: Filters) -> str:
        """The list of the records behind these filters."""
        pairs = ((name, value) for name, values in filters.items() if name != ELSEWHERE for value in values)
        query = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)
        (kind,) = filters.get(ELSEWHERE, (self.record_type.name,))
        slug = self.record_type.slug if kind == self.record_type.name else catalog()[kind].slug
        return f"/{slug}/?{query}" if query else f"/{slug}/"


@lru_cache(10_000)
def quoted(word: str) -> str:
    """The word as an address has it. A report says the same few words in every line."""
    return quote_plus(word)


NOTHING: Filters = {"owner": ("0",)}  # nobody's records


def ask_of(
    actor: Actor, record_type: RecordType, report: Report, args: MultiDict[str, str], *, paged: bool = False
) -> Ask:
    """Read the address of a report. What is not understood is left out: an address is no form.

    `paged`: a page of lines is asked for, the first unless the address says another.
    """
    said = {}
    for name in condition_names(report):
        values = [plain_day(v) if name in {"from", "to"} else v for v in args.getlist(name)]
        values = [value for value in values if understood(actor, name, value)]
        if values:
            said[name] = tuple(values) if name not in ONCE else (values[-1],)
    group = args.get("group", "")
    if group not in report.groups or "group" not in args:
        group = report.groups[0] if report.groups else ""
    return Ask(actor, record_type, report, said, group, page_in(args) if paged else 0)


def page_in(args: MultiDict[str, str]) -> int:
    """The number of the page in an address; 1 where there is none."""
    said = args.get("page", "")
    return int(said) if said.isascii() and said.isdigit() and 0 < len(said) < 6 and int(said) else 1


def condition_names(report: Report) -> tuple[str, ...]:
    """The conditions by their names in the address; the owner may also be said as a position."""
    pairs = (("owner", "position") if name == "owner" else (name,) for name in report.conditions)
    return tuple(name for pair in pairs for name in pair)


def understood(actor: Actor, name: str, value: str) -> bool:
    if name == "days":
        return value.isascii() and value.isdigit() and len(value) < 5 and int(value) > 0
    if name == "owner":
        return value in actor.directory.by_key
    if name == "position":
        return value in {str(place_id) for place_id in actor.directory.places}
    return bool(value)


def plain_day(value: str) -> str:
    """The day as 2026-09-30; empty where there is no such day."""
    try:
        found = parse.day(value)
    except ValueError:
        found = None
    return found.isoformat() if found else ""


def merged(filters: Filters, more: Filters) -> Filters | None:
    """Both sets of filters at once; None where no record can match both."""
    both = dict(filters)
    for name, values in more.items():
        if name not in both:
            both[name] = values
        elif name.endswith("_from"):
            both[name] = max(both[name], values)
        elif name.endswith("_to"):
            both[name] = min(both[name], values)
        else:
            both[name] = tuple(value for value in both[name] if value in values)
            if not both[name]:
                return None
    return both


def people_offered(actor: Actor, record_type: RecordType) -> list[Member]:
    """Whose records the reader may see in this kind: what the condition owner offers."""
    open_to_all = record_type.model.reach != "private" or actor.mode(record_type.model.setting) != "private"
    members = actor.directory.members.values()
    found = [m for m in members if actor.sees_all or open_to_all or m.id in actor.circle]
    return sorted(found, key=lambda member: member.key)


def places_offered(actor: Actor) -> list[Place]:
    """The positions the reader may ask about: all for those who see all, else their own and those below."""
    tree = actor.directory.tree()
    if actor.sees_all:
        return tree
    own = [actor.directory.places[i].path for i in actor.member.positions if i in actor.directory.places]
    return [place for place in tree if any(place.path.startswith(path) for path in own)]
