"""Free texts of two members that differ in a few letters only, or by what one has before or behind (product.md L8).

Comparing all with all would take days. Of every text some of its short runs of letters are kept, chosen so that two
texts with a long enough run in common share one; only those that do are compared letter by letter.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any
from zlib import crc32

from instructor.integrity_finding import Finding
from instructor.integrity_read import Limits, weight

LETTERS, CHARACTERS = (7, 4), (4, 3)  # length of a run and how many in a row one is kept of: Latin, Chinese
OF_ONE = 3  # texts of one member that share a run: more are that member's own way of writing
CROWD = 4  # times the members of a text given out in class: a run that more share is a common phrase
Places = Mapping[tuple[str, int, str, int | None], dict[str, Any]]


def similar(found: Mapping[str, Places], limits: Limits) -> Iterator[Finding]:
    """Texts that are alike by so many per cent but not the same, those that are alike together.

    `found`: where each text stands (member, sandbox, kind, record), by its letters alone. With 100 per cent there are
    none: the same text is another finding.
    """
    if limits.alike == 100:
        return
    for group in groups(found, limits):
        places = {place: fact for short in group for place, fact in found[short].items()}
        members = {place[0] for place in places}
        if len(members) < 2 or len({place[1:] for place in places}) < 2:
            continue
        facts = sorted(places.values(), key=lambda fact: fact["at"])
        order = tuple(dict.fromkeys(fact["member"] for fact in facts))
        kind = "common" if len(members) > limits.parties else "similar"
        yield Finding(kind, order, facts, {"text": facts[0]["text"]}, group[0])


def groups(found: Mapping[str, Places], limits: Limits) -> list[list[str]]:
    """Texts of which each is like another of the same group, in the order in which they were found."""
    texts = list(found)
    known = [runs(short) for short in texts]
    leader: dict[int, int] = {}

    def first(number: int) -> int:
        while leader.get(number, number) != number:
            number = leader[number]
        return number

    for one, other in sorted(candidates(texts, known, found, limits)):
        short, long = sorted((one, other), key=lambda number: len(texts[number]))
        if is_alike(texts[short], texts[long], known[short], known[long], limits.alike):
            low, high = sorted((first(one), first(other)))
            leader[high] = low
    made: dict[int, list[str]] = {}
    for number in sorted({*leader, *leader.values()}):
        made.setdefault(first(number), []).append(texts[number])
    return [group for group in made.values() if len(group) > 1]


def candidates(
    texts: list[str], known: list[set[int]], found: Mapping[str, Places], limits: Limits
) -> set[tuple[int, int]]:
    """The pairs of texts of different members that have a run in common. `known`: the runs of each text."""
    members = [{place[0] for place in found[short]} for short in texts]
    by_run: defaultdict[int, list[int]] = defaultdict(list)
    for number, its in enumerate(known):
        for run in its:
            by_run[run].append(number)
    return {
        (one, other)
        for numbers in by_run.values()
        for one, other in combinations(few_of_each(numbers, members, CROWD * limits.parties), 2)
        if members[one] | members[other] != members[one] & members[other]
    }


def is_alike(short: str, long: str, its: set[int], others: set[int], alike: int) -> bool:
    """Whether two texts are alike by so many per cent; where one is much longer, the short one and its like within it.

    `its`, `others`: the runs of the short and of the long one. With less than half of its runs in the long one the
    short one is not looked for there.
    """
    from rapidfuzz import fuzz  # late: a fiftieth of a start

    if as_long(short, long, alike):
        return bool(fuzz.ratio(short, long, score_cutoff=alike))
    return 2 * len(its & others) >= len(its) and bool(fuzz.partial_ratio(short, long, score_cutoff=alike))


def runs(short: str) -> set[int]:
    """The runs of letters that a text is known by: the least of every few in a row."""
    length, window = CHARACTERS if 2 * weight(short) > 3 * len(short) else LETTERS
    marks = [crc32(short[at : at + length].encode()) for at in range(max(1, len(short) - length + 1))]
    return {min(marks[at : at + window]) for at in range(max(1, len(marks) - window + 1))}


def few_of_each(numbers: list[int], members: list[set[str]], crowd: int) -> list[int]:
    """The first texts of each member among these; none where more than a crowd of members share the run."""
    counts: defaultdict[str, int] = defaultdict(int)
    kept = []
    for number in numbers:
        if min(counts[member] for member in members[number]) < OF_ONE:
            kept.append(number)
        for member in members[number]:
            counts[member] += 1
    return kept if 1 < len(counts) <= crowd else []


def as_long(one: str, other: str, alike: int) -> bool:
    """Whether two texts are near enough in length to be alike at all."""
    return 200 * min(len(one), len(other)) >= alike * (len(one) + len(other))
