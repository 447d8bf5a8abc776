"""What a log adds up to, most of it on disk: checking a long log must not take more memory than checking a short one.

The records used last are at hand as they are, those before them as packed text, the rest lie in a temporary file.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

KEPT = 2000
PACKED = 24 << 20  # bytes of packed text
Fields = dict[str, Any]
Key = tuple[str, int]


class Shelf:
    """Records by kind and serial; whatever is put on it is got from it again."""

    def __init__(self) -> None:
        from labapp.oplog import swift

        self.pack, self.unpack = swift.packed, swift.loads
        self.file = sqlite3.connect("", isolation_level=None)  # a name of nothing: gone when it is closed
        self.file.execute("PRAGMA journal_mode=OFF")
        self.file.execute(
            "CREATE TABLE record (kind TEXT, serial INTEGER, fields BLOB, PRIMARY KEY (kind, serial)) WITHOUT ROWID"
        )
        self.near: OrderedDict[Key, Fields | None] = OrderedDict()
        self.packed: OrderedDict[Key, bytes] = OrderedDict()
        self.size = 0
        self.filed = False
        self.counts: dict[str, int] = {}

    def get(self, key: Key) -> Fields | None:
        near = self.near
        if key in near:
            near.move_to_end(key)
            return near[key]
        text = self._taken_out(key)
        found: Fields | None = self.unpack(text) if text is not None else None
        self._keep(key, found)
        return found

    def put(self, key: Key, fields: Fields | None) -> None:
        """None: it is not there any more."""
        before = self.near[key] if key in self.near else self.get(key)
        if (fields is None) != (before is None):
            self.counts[key[0]] = self.counts.get(key[0], 0) + (1 if before is None else -1)
        self.near[key] = fields

    def _taken_out(self, key: Key) -> bytes | None:
        """The text of a record that is not at hand; the file keeps its own until another is put there."""
        text = self.packed.pop(key, None)
        if text is not None:
            self.size -= len(text)
            return text
        if not self.filed:
            return None
        row = self.file.execute("SELECT fields FROM record WHERE kind = ? AND serial = ?", key).fetchone()
        return row[0] if row else None

    def _keep(self, key: Key, fields: Fields | None) -> None:
        self.near[key] = fields
        if len(self.near) > KEPT:
            self._pack(self.near.popitem(last=False) for _each in range(KEPT // 2))

    def _pack(self, found: Iterable[tuple[Key, Fields | None]]) -> None:
        gone = []
        for key, fields in found:
            if fields is None:
                gone.append(key)
            else:
                self.packed[key] = text = self.pack(fields)
                self.size += len(text)
        if self.filed and gone:
            self.file.executemany("DELETE FROM record WHERE kind = ? AND serial = ?", gone)
        if self.size > PACKED:
            self._file(PACKED // 2)

    def _file(self, rest: int) -> None:
        """Put away the texts that were used longest ago, until only so much is left."""
        rows = []
        while self.size > rest:
            key, text = self.packed.popitem(last=False)
            self.size -= len(text)
            rows.append((*key, text))
        self.file.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", rows)
        self.filed = True

    def serials(self, kind: str) -> Iterator[int]:
        """The serials of a kind in their order."""
        self._pack([(key, self.near.pop(key)) for key in list(self.near)])
        self._file(0)
        for row in self.file.execute("SELECT serial FROM record WHERE kind = ? ORDER BY serial", (kind,)):
            yield row[0]

    def close(self) -> None:
        self.file.close()


class Records(Mapping[str, MutableMapping[Any, Fields]]):
    """The records of a `State` by kind, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.kinds: dict[str, OfKind] = {}

    def __getitem__(self, kind: str) -> "OfKind":
        if kind not in self.kinds:
            self.kinds[kind] = OfKind(self.shelf, kind)
        return self.kinds[kind]

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

    def get(self, serial: Any, default: Any = None) -> Any:
        """Said once more than the mapping would say it: every step asks."""
        found = self.shelf.get((self.kind, serial))
        return default if found is None else found

    def __setitem__(self, serial: Any, fields: Fields) -> None:
        self.shelf.put((self.kind, serial), fields)

    def __delitem__(self, serial: Any) -> None:
        self.shelf.put((self.kind, serial), None)

    def __iter__(self) -> Iterator[int]:
        return self.shelf.serials(self.kind)

    def __len__(self) -> int:
        return self.shelf.counts.get(self.kind, 0)
