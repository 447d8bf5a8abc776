"""Every kind of long work on whole sandboxes.

What reads scenarios is imported when it is done: it takes a tenth of the time of a start, and few need it.
"""

from labapp import jobs
from labapp.jobs import Run
from labapp.lifecycle import asking, making, older, purge


def register() -> None:
    """Have the workers know them."""
    jobs.task(asking.ARCHIVE)(making.archive_sandbox)
    jobs.task(asking.CHECK)(making.check_archive)
    jobs.task(asking.RESTORE)(making.restore_archive)
    jobs.task(older.KIND)(older.fill)
    jobs.task(asking.PURGE)(purge.purge_sandbox)
    jobs.task(asking.RESET)(reset_sandbox)
    jobs.task(asking.ROLLOVER)(roll_over)


def reset_sandbox(run: Run) -> None:
    """See `reset`."""
    from labapp.lifecycle import reset

    reset.reset_sandbox(run)


def roll_over(run: Run) -> None:
    """See `rollover`."""
    from labapp.lifecycle import rollover

    rollover.roll_over(run)
