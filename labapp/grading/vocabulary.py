"""Which kinds, verbs and fields a rubric may name: this machine's, and those the log itself holds."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from labapp.grading.log import Log
from labapp.values import dataclass

BASE_VERBS = frozenset(
    ["create", "edit", "clone", "transfer", "delete", "restore", "open", "list", "report", "export"]
)
_NO_RECORDS = ("session", "setting")
_OWN_FIELD = "extra."


@dataclass(frozen=True)
class Kind:
    """The words of one kind of record."""

    verbs: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Vocabulary:
    """Every kind with its verbs and fields, as ``labapp kinds`` prints them."""

    kinds: Mapping[str, Kind]

    @classmethod
    def of(cls, catalog: Mapping[str, Mapping[str, Iterable[str]]]) -> "Vocabulary":
        """From ``{kind: {"verbs": …, "fields": …}}``."""
        return cls(
            {
                name: Kind(frozenset(words.get("verbs", ())), frozenset(words.get("fields", ())))
                for name, words in catalog.items()
            }
        )


@dataclass
class Lexicon:
    """A machine's vocabulary together with what a log holds.

    Without a vocabulary nothing can be called unknown, and every question is answered by None or yes.
    """

    vocabulary: Vocabulary | None = None
    log: Log | None = None

    def kinds(self) -> list[str]:
        """Every kind that may be named."""
        known = set(self._machine) | set(self._in_log)
        return sorted(known)

    def verbs(self, kind: str) -> list[str]:
        """Every verb that may be named of the kind; of any kind, for ``*``."""
        if kind == "*":
            return sorted({verb for one in self.kinds() for verb in self.verbs(one)})
        words = self._machine.get(kind, Kind()).verbs | self._in_log.get(kind, Kind()).verbs
        return sorted(words if kind in _NO_RECORDS else words | BASE_VERBS)

    def fields(self, kind: str) -> list[str]:
        """Every field that may be named of the kind."""
        return sorted(
            self._machine.get(kind, Kind()).fields | self._in_log.get(kind, Kind()).fields | {"owner"},
        )

    def has_kind(self, kind: str) -> bool:
        return self.vocabulary is None or kind in self._machine or kind in self._in_log

    def has_verb(self, kind: str, verb: str) -> bool:
        """Whether the kind, or for ``*`` any kind, has the verb."""
        if self.vocabulary is None or (kind not in _NO_RECORDS and verb in BASE_VERBS):
            return True
        return self._says(kind, "verbs", verb) or verb in self.verbs(kind)

    def has_field(self, kind: str, name: str) -> bool:
        """Whether records of the kind have the field. Fields of one's own (``extra.KEY``) are made
        while the lab runs, so every one of them may be named."""
        if self.vocabulary is None or (name.startswith(_OWN_FIELD) and name != _OWN_FIELD):
            return True
        return self._says(kind, "fields", name) or name in self.fields(kind)

    def _says(self, kind: str, part: str, word: str) -> bool:
        """Whether the machine's own vocabulary settles it, without a look at the log."""
        known: Collection[str] = getattr(self._machine.get(kind, Kind()), part)
        return word in known

    @property
    def _machine(self) -> Mapping[str, Kind]:
        return self.vocabulary.kinds if self.vocabulary else {}

    @cached_property
    def _in_log(self) -> dict[str, Kind]:
        return held_by(self.log) if self.log else {}


def held_by(log: Log) -> dict[str, Kind]:
    """The kinds, verbs and fields that a log holds."""
    verbs: dict[str, set[str]] = {}
    for kind, verb in {(step.kind, step.verb) for step in log.steps}:
        verbs.setdefault(kind, set()).add(verb)
    fields: dict[str, set[str]] = {}
    for step in log.steps:
        for change in step.changes:
            fields.setdefault(change.kind, set()).update(change.after)
    return {
        kind: Kind(frozenset(verbs.get(kind, ())), frozenset(fields.get(kind, ())))
        for kind in verbs.keys() | fields.keys()
    }
