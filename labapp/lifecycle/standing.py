"""What a log adds up to, kept on disk: checking a long log must not take more memory than checking a short one."""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

KEPT = 4000
Fields = dict[str, Any]
Key = tuple[str, int]


class Shelf:
    """Records by kind and serial in a temporary file; the ones used last are at hand."""

    def __init__(self) -> None:
        self.file = sqlite3.connect("", isolation_level=None)  # a name of nothing: gone when it is closed
        self.file.execute("PRAGMA journal_mode=OFF")
        self.file.execute(
            "CREATE TABLE record (kind TEXT, serial INTEGER, fields TEXT, PRIMARY KEY (kind, serial)) WITHOUT ROWID"
        )
        self.near: OrderedDict[Key, Fields | None] = OrderedDict()
        self.counts: dict[str, int] = {}

    def get(self, key: Key) -> Fields | None:
        if key in self.near:
            self.near.move_to_end(key)
            return self.near[key]
        row = self.file.execute("SELECT fields FROM record WHERE kind = ? AND serial = ?", key).fetchone()
        found: Fields | None = json.loads(row[0]) if row else None
        self._keep(key, found)
        return found

    def put(self, key: Key, fields: Fields | None) -> None:
        """None: it is not there any more."""
        before = self.get(key)
        self.counts[key[0]] = self.counts.get(key[0], 0) + (fields is not None) - (before is not None)
        self._keep(key, fields)

    def _keep(self, key: Key, fields: Fields | None) -> None:
        self.near[key] = fields
        self.near.move_to_end(key)
        if len(self.near) > KEPT:
            self._put_away([self.near.popitem(last=False) for _each in range(KEPT // 2)])

    def _put_away(self, found: list[tuple[Key, Fields | None]]) -> None:
        gone = [key for key, fields in found if fields is None]
        rows = [(*key, json.dumps(fields, ensure_ascii=False)) for key, fields in found if fields is not None]
        self.file.executemany("DELETE FROM record WHERE kind = ? AND serial = ?", gone)
        self.file.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", rows)

    def serials(self, kind: str) -> Iterator[int]:
        """The serials of a kind in their order."""
        self._put_away(list(self.near.items()))
        for row in self.file.execute("SELECT serial FROM record WHERE kind = ? ORDER BY serial", (kind,)):
            yield row[0]

    def close(self) -> None:
        self.file.close()


class Records(Mapping[str, MutableMapping[Any, Fields]]):
    """The records of a `State` by kind, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def __getitem__(self, kind: str) -> "OfKind":
        return OfKind(self.shelf, kind)

    def __iter__(self) -> Iterator[str]:
        return iter(kind for kind, count in self.shelf.counts.items() if count)

    def __len__(self) -> int:
        return len(list(iter(self)))


class OfKind(MutableMapping[Any, Fields]):
    """The records of one kind by serial."""

    def __init__(self, shelf: Shelf, kind: str) -> None:
        self.shelf = shelf
        self.kind = kind

    def __getitem__(self, serial: Any) -> Fields:
        found = self.shelf.get((self.kind, serial))
        if found is None:
            raise KeyError(serial)
        return found

    def __setitem__(self, serial: Any, fields: Fields) -> None:
        self.shelf.put((self.kind, serial), fields)

    def __delitem__(self, serial: Any) -> None:
        self.shelf.put((self.kind, serial), None)

    def __iter__(self) -> Iterator[int]:
        return self.shelf.serials(self.kind)

    def __len__(self) -> int:
        return self.shelf.counts.get(self.kind, 0)
