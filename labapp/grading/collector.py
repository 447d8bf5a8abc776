"""Lets Python's collector of cycles rest while millions of small objects are made that have none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No collection inside; it goes on afterwards if it was going on before.

    Reading and replaying a log makes no cycles, but every so many new objects the collector would
    walk all of them again, which takes longer than the work itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect_young() -> None:
    """Inside a long rest: take away the cycles that whoever else runs in this process has made since the last time."""
    gc.collect(0)
