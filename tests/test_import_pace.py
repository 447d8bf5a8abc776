"""Parts of an import hold the write lock for a tenth of a second, however quick or slow the machine is."""

import pytest

from labapp import clock
from labapp.records.imports import pace
from labapp.records.imports.pace import Pace

ALONE = 0.01  # seconds that a batch takes whatever its size


@pytest.fixture
def watch(monkeypatch):
    """A watch that goes on only when told."""
    now = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    return now


def parts_of(watch, rows: int, each: float) -> list[tuple[float, int]]:
    """(seconds, rows) of every part of so many rows, of which each takes so long."""
    left, found, paces, more = rows, [], Pace(), True

    def batch(count: int) -> bool:
        nonlocal left
        done = min(count, left)
        left -= done
        watch[0] += ALONE + done * each
        return left > 0

    while more:
        began, before = watch[0], left
        more = paces.part(batch, whole=False)
        found.append((watch[0] - began, before - left))
    assert left == 0
    return found


@pytest.mark.parametrize("each", [0.000_05, 0.000_3, 0.001, 0.003])
def test_a_part_ends_in_time(watch, each):
    """As long as the least batch is in time itself, no part is longer, and no batch is larger than the most."""
    parts = parts_of(watch, 50_000, each)
    longest = max(pace.HOLD, ALONE + pace.LEAST * each) + 1e-9
    assert max(seconds for seconds, _rows in parts) <= longest
    assert sum(rows for _seconds, rows in parts) == 50_000


def test_a_machine_that_slows_down_gets_smaller_batches(watch):
    slow = parts_of(watch, 1_000, 0.02)
    assert max(rows for _seconds, rows in slow) == pace.LEAST


def test_a_quick_machine_is_not_held_up(watch):
    """A thousand rows a part where a row takes a twentieth of a millisecond."""
    quick = parts_of(watch, 50_000, 0.000_05)
    assert len(quick) < 50_000 / 500
