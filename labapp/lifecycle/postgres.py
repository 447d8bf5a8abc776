"""PostgreSQL's own tools, which dump and load a whole database."""

import os
import shutil
import subprocess
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import URL

BEFORE = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


class Trouble(Exception):
    """A tool is missing or failed; says so in a sentence."""


def dump(url: URL, target: Path) -> None:
    """Write the database as SQL. Reads a snapshot, so nobody has to wait. Raises Trouble."""
    _run("pg_dump", url, "--no-owner", "--no-privileges", "--format=plain", "--file", str(target))


def load(url: URL, source: Path) -> None:
    """Put the SQL in place of all there is, in one transaction: all of it or nothing. Raises Trouble."""
    clear = [part for statement in BEFORE for part in ("--command", statement)]
    options = (
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set",
        "ON_ERROR_STOP=1",
        "--output",
        os.devnull,
    )
    _run("psql", url, *options, *clear, "--file", str(source))


def _run(tool: str, url: URL, *options: str) -> None:
    program = find(tool)
    if program is None:
        raise Trouble(_("%(tool)s of PostgreSQL is not installed here.", tool=tool))
    done = subprocess.run(  # noqa: S603 (a program found on this machine, no shell, nothing typed by a visitor)
        [program, *options], env=os.environ | _where(url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Trouble(done.stderr.strip().partition("\n")[0] or tool)


def find(tool: str) -> str | None:
    """The newest of this tool: on the path, or where Debian keeps it."""
    kept = Path("/usr/lib/postgresql").glob(f"*/bin/{tool}")
    newest = sorted(kept, key=lambda file: int(file.parent.parent.name), reverse=True)
    return str(newest[0]) if newest else shutil.which(tool)


def _where(url: URL) -> dict[str, str]:
    """The database by environment, so that no password stands in the list of processes."""
    named = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": str(url.port) if url.port else url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
        "PGOPTIONS": "-c client_min_messages=warning",
    }
    return {name: str(value) for name, value in named.items() if value}
