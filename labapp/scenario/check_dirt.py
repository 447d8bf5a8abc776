"""Whether what a record says of place, likeness and dirt can be invented."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from labapp.access.errors import Invalid
from labapp.db.fields import Field
from labapp.scenario.check_tools import Keyed, Tools
from labapp.scenario.generators import generator
from labapp.scenario.problems import listed
from labapp.scenario.shape_records import TRUTH, Given
from labapp.scenario.yamlfile import YamlFile

PLACED = ("lead", "customer")
Path = tuple[int | str, ...]


@cache
def _known() -> tuple[Collection[str], Collection[str]] | None:
    """The places and the kinds of dirt of the generator; None where none is installed."""
    try:
        found = generator()
    except Invalid:
        return None
    return tuple(found.places), tuple(found.dirt)


class Dirtiness:
    """Checks `place`, `like`, `dirt` and the truths that texts tell."""

    def __init__(self, tools: Tools, file: YamlFile, keys: Mapping[str, Keyed]) -> None:
        self.tools = tools
        self.file = file
        self.keys = keys

    def check(self, record: Given, fields: Mapping[str, Field], path: Path) -> None:
        """Note everything that is wrong with them."""
        known = _known()
        if known is not None:
            self._words(record, known, path)
        self._needs(record, path)
        for name, value in record.values.items():
            self._truths(value, fields, (*path, "values", name))

    def _wrong(self, path: Path, en: str, zh: str) -> None:
        self.tools.problems.add(self.file.place(path), en, zh)

    def _unknown(self, path: Path, key: str, possible: Collection[str]) -> None:
        known = listed(tuple(possible))
        self._wrong(path, f"{key!r} is none of {known}", f"{key!r} 不在可选值之内：{known}")

    def _words(self, record: Given, known: tuple[Collection[str], Collection[str]], path: Path) -> None:
        places, kinds = known
        if record.place is not None and record.place not in places:
            self._unknown((*path, "place"), record.place, places)
        for index, dirt in enumerate(record.dirt):
            if dirt not in kinds:
                self._unknown((*path, "dirt", index), dirt, kinds)

    def _needs(self, record: Given, path: Path) -> None:
        for name in ("place", "like", "dirt"):
            if getattr(record, name) and not record.invent:
                self._wrong((*path, name), f"{name!r} needs invent: true", f"{name!r} 需要 invent: true")
        if record.place is not None and record.kind not in PLACED:
            self._unknown((*path, "kind"), record.kind, PLACED)
        if record.like is not None:
            alike = [
                key for key, keyed in self.keys.items() if keyed.kind == record.kind and key != record.key
            ]
            if record.like not in alike:
                self._unknown((*path, "like"), record.like, alike)

    def _truths(self, value: Any, fields: Mapping[str, Field], path: Path) -> None:
        texts = value.values() if isinstance(value, dict) else [value]
        for text in texts:
            for name in TRUTH.findall(text) if isinstance(text, str) else ():
                if name not in fields:
                    self._unknown(path, name, fields)
