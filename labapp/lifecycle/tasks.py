"""Every kind of long work on whole sandboxes; importing this has the workers know them.

What reads scenarios is imported when it is done: it takes a tenth of the time of a start, and few need it.
"""

from labapp import jobs
from labapp.jobs import Run
from labapp.lifecycle import making, purge
from labapp.lifecycle.asking import RESET, ROLLOVER

__all__ = ["making", "purge"]


@jobs.task(RESET)
def reset_sandbox(run: Run) -> None:
    """See `reset`."""
    from labapp.lifecycle import reset

    reset.reset_sandbox(run)


@jobs.task(ROLLOVER)
def roll_over(run: Run) -> None:
    """See `rollover`."""
    from labapp.lifecycle import rollover

    rollover.roll_over(run)
