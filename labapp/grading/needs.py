"""What a rubric asks of the log about one member, so that a live page need not hold the rest of it."""

from functools import reduce

from labapp.values import dataclass, fields

LOOKS = frozenset(("open", "list", "report", "export", "sign_in", "sign_out"))

Act = tuple[str, str]
Names = frozenset[str]


@dataclass(frozen=True)
class Needs:
    """Records of these kinds that are the member's to answer for, or everybody's.

    ``acts``: of the member's own steps these; ``*`` stands for any. ``values``: kinds and fields whose values are
    counted over all records. ``chains``: acts whose chains are asked for. ``trails``: acts of anyone that are looked up
    by the record they were done on.
    """

    mine: Names = frozenset()
    everybody: Names = frozenset()
    values: frozenset[Act] = frozenset()
    chains: frozenset[Act] = frozenset()
    trails: frozenset[Act] = frozenset()
    acts: frozenset[Act] = frozenset()

    def __or__(self, other: "Needs") -> "Needs":
        return Needs(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(self)))

    @property
    def kinds(self) -> Names:
        """The kinds of which the member's own records are asked for."""
        return self.mine - self.everybody

    def asks_for(self, kind: str, verb: str) -> bool:
        """Whether the member's own steps of this kind and verb are asked for, one by one."""
        words = {(kind, verb), (kind, "*"), ("*", verb), ("*", "*")}
        return not (words.isdisjoint(self.acts) and words.isdisjoint(self.chains | self.trails))

    @property
    def looks(self) -> bool:
        """Whether it matters who looked at a record when."""
        return any(verb in LOOKS for _kind, verb in self.trails)


def together(needs: list[Needs]) -> Needs:
    """What all of them ask."""
    return reduce(Needs.__or__, needs, Needs())


def records_of(kind: str, owner: str) -> Needs:
    """The member's own records of a kind, or anyone's."""
    return Needs(mine=frozenset([kind])) if owner == "me" else Needs(everybody=frozenset([kind]))
