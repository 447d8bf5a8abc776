"""The words a scenario may use for records: kinds, fields and verbs, as the catalog knows them."""

from collections.abc import Mapping
from typing import Protocol

from labapp.db.fields import LINKS, Field
from labapp.records.catalog import Catalog, vocabulary
from labapp.values import dataclass


class KnownWords(Protocol):
    """What the checks ask."""

    @property
    def kinds(self) -> Mapping[str, Mapping[str, Field]]:
        """The fields of every record type, by their name in the log."""

    @property
    def verbs(self) -> Mapping[str, frozenset[str]]:
        """The verbs of everything the log can name."""

    @property
    def log_fields(self) -> Mapping[str, frozenset[str]]:
        """The field names that a rubric may use."""


@dataclass(frozen=True)
class MachineWords:
    """The words of one program."""

    kinds: Mapping[str, Mapping[str, Field]]
    verbs: Mapping[str, frozenset[str]]
    log_fields: Mapping[str, frozenset[str]]


def words_of(catalog: Catalog) -> MachineWords:
    """The words of the record types of this program; needs no database."""
    known = vocabulary(catalog)
    return MachineWords(
        {name: {field.log: field for field in kind.fields.values()} for name, kind in catalog.items()},
        {kind: frozenset(words["verbs"]) for kind, words in known.items()},
        {kind: frozenset(words["fields"]) for kind, words in known.items()},
    )


def is_link(field: Field) -> bool:
    """Whether the field names another record or a member; `related` names one of any kind."""
    return field.shape in LINKS or field.shape == "related"
