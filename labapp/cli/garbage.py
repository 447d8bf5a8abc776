"""Looking for garbage while pages are served: Python's collector of cycles goes through what may have become some.

Now and then it goes through everything, which stops the process: a tenth of a second with what a class keeps in memory,
and whoever asks for a page meanwhile waits. Most of what it finds stays. So what a look that took long has left is set
apart, and the next one goes only through what has been made since. Every hour one goes through all of it.
"""

import gc
import time
from typing import Any

from labapp.clock import monotonic

LONG = 0.02  # seconds of the processor
RARELY = 3600.0  # seconds
YOUNG = 5_000  # objects more than there were: a page makes and drops most of them by itself


class Watch:
    """Told by Python of the beginning and the end of each look."""

    def __init__(self) -> None:
        self.began, self.whole = 0.0, monotonic()

    def __call__(self, phase: str, info: dict[str, Any]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            self._start()
        elif time.thread_time() - self.began >= LONG:
            gc.freeze()

    def _start(self) -> None:
        if monotonic() - self.whole >= RARELY:
            self.whole = monotonic()
            gc.unfreeze()
        self.began = time.thread_time()


def stays() -> None:
    """Never look for garbage among what there is by now, and stop as briefly as can be from now on, in this process and
    those it begins: what serves calls it before its first request.
    """
    gc.freeze()
    if not any(isinstance(one, Watch) for one in gc.callbacks):
        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        gc.callbacks.append(Watch())
