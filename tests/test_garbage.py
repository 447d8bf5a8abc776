"""What a process sets apart from Python's collector of cycles, and that nothing is set apart for ever."""

import gc
import weakref

import pytest

from labapp.cli import garbage
from labapp.cli.garbage import Watch, stays


class Ring:
    """Only the collector takes it away."""

    def __init__(self) -> None:
        self.me = self


def frozen_by(watch: Watch, generation: int) -> int:
    gc.unfreeze()
    for phase in ("start", "stop"):
        watch(phase, {"generation": generation})
    return gc.get_freeze_count()


def test_what_a_long_look_leaves_is_set_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert frozen_by(Watch(), 2) == 0
    monkeypatch.setattr(garbage, "LONG", 0.0)
    assert frozen_by(Watch(), 2) > 10_000
    assert frozen_by(Watch(), 1) == 0


def test_once_in_an_hour_all_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.callbacks.append(Watch())
    monkeypatch.setattr(garbage, "LONG", 1e9)
    ring = Ring()
    gone = weakref.ref(ring)
    gc.freeze()
    del ring
    gc.collect()
    assert gone() is not None
    monkeypatch.setattr(garbage, "RARELY", 0.0)
    gc.collect()
    assert gone() is None


def test_who_serves_watches_once() -> None:
    stays()
    stays()
    assert sum(isinstance(one, Watch) for one in gc.callbacks) == 1
    assert gc.get_threshold()[0] == garbage.YOUNG
