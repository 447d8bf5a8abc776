"""What the life of the installation adds to every tick."""

from labapp import jobs
from labapp.lifecycle.backup import CannotBackUp, daily


def register() -> None:
    """Have the daily backup made."""
    jobs.chore("backup")(_backup)


def _backup() -> str | None:
    try:
        return daily()
    except CannotBackUp as error:
        return str(error)
