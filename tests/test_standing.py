"""What a log adds up to, kept partly on disk: as if it were all in one dictionary."""

from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest

from labapp.lifecycle import standing
from labapp.lifecycle.standing import Records, Shelf, Shelved
from labapp.oplog.replay import Impossible, State


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setattr(standing, "AT_HAND", 4000)
    monkeypatch.setattr(standing, "SHAPES", 1)
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
        assert sum(bare.size for bare in shelf.at_hand.values()) == shelf.size <= 4000
        assert len(shelf.at_hand) < 12
    for kind, found in plain.items():
        assert list(records[kind]) == sorted(found)
        assert {serial: records[kind][serial] for serial in found} == found


TEXTS = ("杭州", "Grace", "", None, 7, ["x"], {"a": {"b": 1}}, [])


@pytest.mark.parametrize("seed", range(5))
def test_a_log_adds_up_to_the_same_on_it_and_in_memory(shelf: Shelf, seed: int) -> None:
    chance, kept, plain = Random(seed), Shelved({}, shelf), State()
    for number in range(1, 800):
        step = {"id": number, "outcome": "done", "changes": [change(chance, plain)]}
        kept.feed(step)
        plain.feed(step)
        assert sum(bare.size for bare in shelf.at_hand.values()) == shelf.size <= 4000
    assert {serial: dict(found) for serial, found in kept.records["lead"].items()} == plain.records["lead"]


def change(chance: Random, plain: State) -> dict[str, Any]:
    """What somebody might do to a lead: make it, change it, also in a field that it had not, or delete it."""
    serial = chance.randrange(30)
    stands = plain.records["lead"].get(serial)
    about = {"kind": "lead", "id": serial}
    if stands is None:
        return {**about, "what": "created", "before": {}, "after": {"name": "Grace", "city": None}}
    if chance.random() < 0.2:
        return {**about, "what": "deleted", "before": dict(stands), "after": {}}
    names = chance.sample(("name", "city", "extra.a", "extra.b"), 2)
    before = {name: stands.get(name) for name in names}
    return {**about, "what": "changed", "before": before, "after": {n: chance.choice(TEXTS) for n in names}}


@pytest.mark.parametrize(
    ("what", "before"),
    [("created", {}), ("changed", {"name": "Ada"}), ("changed", {"city": "x"}), ("deleted", {"name": "Ada"})],
)
def test_a_change_of_what_is_not_so_is_found(shelf: Shelf, what: str, before: dict[str, Any]) -> None:
    kept = Shelved({}, shelf)
    made = {"kind": "lead", "id": 1, "what": "created", "before": {}, "after": {"name": "Grace"}}
    kept.feed({"id": 1, "outcome": "done", "changes": [made]})
    wrong = {"kind": "lead", "id": 1, "what": what, "before": before, "after": {"name": "x"}}
    with pytest.raises(Impossible):
        kept.feed({"id": 2, "outcome": "done", "changes": [wrong]})
    with pytest.raises(Impossible):
        kept.feed({"id": 3, "outcome": "done", "changes": [{**made, "id": 2, "what": "deleted"}]})
