"""For other servers: `gunicorn 'labapp.cli.wsgi:site()'`, with `labapp worker` beside it."""

import sys
from typing import TYPE_CHECKING

from labapp.cli.garbage import stays
from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from flask import Flask


def site() -> "Flask":
    """The application. Ends the process with a sentence where the database is of another version."""
    try:
        with application() as app:
            stays()
            return app
    except Failed as error:
        sys.exit(error.format_message())
