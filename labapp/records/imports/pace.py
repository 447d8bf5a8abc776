"""How many rows are done between two looks at the watch, so that a part holds the write lock for a short time."""

from collections.abc import Callable

from labapp import clock
from labapp.values import dataclass

FIRST, LEAST, MOST = 25, 25, 200  # rows of a batch
BATCH = 0.05  # seconds that a batch should take
HOLD = 0.1  # seconds after which a part ends


@dataclass
class Pace:
    """Learns from each batch how large the next may be; lives as long as the work on one run."""

    rows: int = 0

    def __post_init__(self) -> None:
        self.rows = self.rows or FIRST

    def part(self, batch: Callable[[int], bool], *, whole: bool) -> bool:
        """Do batches until the next would hold the lock too long; `whole`: all of them. Returns whether there are more.

        `batch(rows)` does so many, and says whether there may be more.
        """
        began, longest = clock.monotonic(), 0.0
        while whole or longest == 0.0 or clock.monotonic() - began + longest < HOLD:
            batch_began, rows = clock.monotonic(), self.rows
            if not batch(rows):
                return False
            took = max(clock.monotonic() - batch_began, 1e-6)
            longest = max(longest, took)
            self.rows = max(LEAST, min(MOST, 2 * rows, int(rows * BATCH / took)))
        return True
