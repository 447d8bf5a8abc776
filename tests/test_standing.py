"""What a log adds up to, kept partly on disk: as if it were all in one dictionary."""

from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest

from labapp.lifecycle import standing
from labapp.lifecycle.standing import Records, Shelf


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setattr(standing, "KEPT", 6)
    monkeypatch.setattr(standing, "PACKED", 300)
    with closing(Shelf()) as shelf:
        yield shelf


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_put_on_it_is_got_from_it(shelf: Shelf, seed: int) -> None:
    chance, records = Random(seed), Records(shelf)
    plain: dict[str, dict[int, Any]] = {"lead": {}, "note": {}}
    for turn in range(600):
        kind, serial = chance.choice(("lead", "note")), chance.randrange(40)
        assert records[kind].get(serial) == plain[kind].get(serial)
        if serial in plain[kind] and chance.random() < 0.3:
            del records[kind][serial]
            del plain[kind][serial]
        else:
            records[kind][serial] = plain[kind][serial] = {"name": f"杭州 {turn}", "tags": ["x", None, turn]}
        assert len(records[kind]) == len(plain[kind])
        assert len(shelf.near) <= 6
        assert sum(map(len, shelf.packed.values())) == shelf.size <= 300
    for kind, found in plain.items():
        assert list(records[kind]) == sorted(found)
        assert {serial: records[kind][serial] for serial in found} == found
