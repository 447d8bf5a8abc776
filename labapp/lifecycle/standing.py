"""What a log adds up to, most of it on disk: checking a long log must not take more memory than checking a short one.

A record at hand is bare values and the names of them, which all of its kind share; of a step it costs what the step
changed. The records that were used longest ago lie in a temporary file.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from labapp.oplog.replay import State, changed_by

AT_HAND = 24 << 20  # bytes, about, of records at hand
SHAPES = 1000  # orders of fields that are remembered
A_RECORD, A_VALUE, A_TEXT = 350, 8, 50  # bytes that they take besides the letters in them
Key = tuple[str, int]


class Shape:
    """The names of a record's fields in their order, and the place of each."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.places = {name: place for place, name in enumerate(names)}


class Bare(Mapping[str, Any]):
    """The fields of a record; `size` is about how many bytes it takes."""

    __slots__ = ("places", "row", "shape", "size")

    def __init__(self, shape: Shape, values: tuple[Any, ...], size: int) -> None:
        self.shape, self.places, self.row, self.size = shape, shape.places, values, size

    def __getitem__(self, name: str) -> Any:
        return self.row[self.places[name]]

    def get(self, name: str, default: Any = None) -> Any:
        """Said once more than a mapping would say it: every step asks."""
        place = self.places.get(name)
        return default if place is None else self.row[place]

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.shape.names)

    def __len__(self) -> int:
        return len(self.row)


Fields = Mapping[str, Any]


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
        self.at_hand: OrderedDict[Key, Bare] = OrderedDict()
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self.size = 0
        self.filed = False
        self.counts: dict[str, int] = {}

    def get(self, key: Key) -> Bare | None:
        """The record; the file keeps its own until another is put there."""
        found = self.at_hand.get(key)
        if found is not None:
            self.at_hand.move_to_end(key)
            return found
        if not self.filed:
            return None
        row = self.file.execute("SELECT fields FROM record WHERE kind = ? AND serial = ?", key).fetchone()
        if row is None:
            return None
        found = self._bared(self.unpack(row[0]))
        self._keep(key, found, found.size)
        return found

    def put(self, key: Key, fields: Fields | None) -> None:
        """None: it is not there any more."""
        before = self.get(key)
        if (fields is None) != (before is None):
            self.counts[key[0]] = self.counts.get(key[0], 0) + (1 if before is None else -1)
        if fields is not None:
            bare = self._bared(fields)
            self._keep(key, bare, bare.size - (before.size if before else 0))
        elif before is not None:
            self.size -= self.at_hand.pop(key).size
            if self.filed:
                self.file.execute("DELETE FROM record WHERE kind = ? AND serial = ?", key)

    def change(self, key: Key, before: Bare, after: Fields) -> None:
        """The record that was got just now, with these fields in place of its own."""
        if not after.keys() <= before.places.keys():
            self.put(key, {**before, **after})
            return
        values, grown = list(before.row), 0
        for name, value in after.items():
            place = before.places[name]
            grown += self._size(value) - self._size(values[place])
            values[place] = value
        self._keep(key, Bare(before.shape, tuple(values), before.size + grown), grown)

    def _keep(self, key: Key, bare: Bare, grown: int) -> None:
        self.at_hand[key] = bare
        self.size += grown
        if self.size > AT_HAND:
            self._file(AT_HAND // 8 * 7)

    def _bared(self, fields: Fields) -> Bare:
        names = tuple(fields)
        shape = self.shapes.get(names)
        if shape is None:
            if len(self.shapes) > SHAPES:
                self.shapes.clear()
            shape = self.shapes[names] = Shape(names)
        values = tuple(fields.values())
        return Bare(shape, values, A_RECORD + sum(map(self._size, values)))

    def _size(self, value: Any) -> int:
        """About how many bytes a value takes."""
        if type(value) is str:
            return A_VALUE + A_TEXT + len(value)
        nested = value and type(value) in {list, dict}
        return A_VALUE + A_TEXT + 4 * len(self.pack(value)) if nested else A_VALUE

    def _file(self, rest: int) -> None:
        """Put away those that were used longest ago, until only so much is left."""
        rows = []
        while self.size > rest:
            key, bare = self.at_hand.popitem(last=False)
            self.size -= bare.size
            rows.append((*key, self.pack(dict(bare))))
        self.file.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", rows)
        self.filed = True

    def serials(self, kind: str) -> Iterator[int]:
        """The serials of a kind in their order."""
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


class Shelved(State):
    """A `State` whose records are on a shelf: what a step does not change of a record is not taken apart."""

    def __init__(self, settings: dict[str, Any], shelf: Shelf) -> None:
        records: Any = Records(shelf)
        super().__init__(settings, records)
        self.shelf = shelf

    def _put(self, existing: Any, change: Mapping[str, Any]) -> None:
        key = change["kind"], change["id"]
        if change["what"] in {"created", "deleted"}:
            self.shelf.put(key, changed_by(existing, change))
        else:
            self.shelf.change(key, existing, change["after"])
