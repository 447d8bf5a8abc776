"""`labapp move-database`: the whole installation into another database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from labapp.cli.shell import Failed, speaking

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from labapp.lifecycle.transfer import Moved

BACKENDS = ("postgresql", "sqlite")


@click.command("move-database")
@click.argument("url")
def move_database(url: str) -> None:
    """Copy everything into the empty database at URL, compare row by row, and say what to set.

    The server must be stopped. The present database is not changed, and uploads stay where they are. Interrupted, it
    leaves the target empty, to be called again.
    """
    target = _address(url)
    with speaking() as app:
        from flask_babel import gettext as _

        if str(target) == str(_address(app.config["SQLALCHEMY_DATABASE_URI"])):
            raise click.BadParameter(_("This is the present database."))
        _require_present()
        with _sentences():
            moved = _move(target)
            broken = _disagreeing(target)
        click.echo(_told(moved, target))
        for line in broken:
            click.echo(line, err=True)
        if broken:
            raise Failed(_("It was copied as it is; look into this before you go on."))


def _address(url: str) -> "URL":
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        found = make_url(url)
    except ArgumentError as error:
        raise click.BadParameter(f"{url!r} is no address like postgresql://labapp@/labapp.") from error
    if found.get_backend_name() not in BACKENDS:
        raise click.BadParameter(f"{found.drivername} is not one of {', '.join(BACKENDS)}.")
    return found


def _require_present() -> None:
    """Raises Failed where there is nothing to move, or where it is not of this version."""
    from flask_babel import gettext as _

    from labapp.db import db, migrate

    with db.engine.connect() as connection:
        found = migrate.current(connection)
    if found is None:
        raise Failed(_("There is no database here yet, so there is nothing to move."))
    if found != migrate.head():
        raise Failed(_("The database is not of this version. `labapp init` brings an older one up to date."))


@contextmanager
def _sentences() -> Iterator[None]:
    """Whatever stands in the way is a sentence and exit 1."""
    from flask_babel import gettext as _
    from sqlalchemy.exc import DBAPIError

    from labapp.lifecycle.standstill import InUse
    from labapp.lifecycle.transfer import CannotMove

    try:
        yield
    except ModuleNotFoundError as error:
        raise Failed(_("PostgreSQL needs a library more: pip install 'labapp[postgres]'.")) from error
    except DBAPIError as error:
        why = str(error.orig).strip().partition("\n")[0]
        raise Failed(_("Nothing was moved: %(why)s", why=why)) from error
    except (CannotMove, InUse) as error:
        raise Failed(str(error)) from error


def _move(url: "URL") -> "Moved":
    """All in one transaction of the target's: it has everything, compared, or nothing."""
    from labapp.db import migrate
    from labapp.lifecycle.standstill import standing_still
    from labapp.lifecycle.transfer import move, require_empty

    with standing_still() as source, speaking(_settings(url)):
        with migrate.making(require_empty) as target:
            moved = move(source, target, _say)
        migrate.analyze()
    return moved


def _settings(url: "URL") -> dict[str, str]:
    return {"SQLALCHEMY_DATABASE_URI": url.render_as_string(hide_password=False)}


def _say(table: str, rows: int) -> None:
    if rows:
        click.echo(f"  {table}: {rows:,}", err=True)


def _disagreeing(url: "URL") -> list[str]:
    """Lines about the sandboxes in the new database whose log does not give their tables."""
    with speaking(_settings(url)):
        from sqlalchemy import select

        from labapp.db import db
        from labapp.lifecycle.verify import verify
        from labapp.people.models import OPENING, PURGING, RESTORING, Sandbox

        whole = Sandbox.state.not_in((OPENING, RESTORING, PURGING))
        found = []
        for sandbox in db.session.scalars(select(Sandbox).where(whole).order_by(Sandbox.id)).all():
            difference = verify(sandbox)
            if difference is not None:
                found.append(f"{sandbox.name}: {difference}")
        return found


def _told(moved: "Moved", url: "URL") -> str:
    from flask_babel import gettext as _

    lines = [
        f"{name:<22} {total.rows:>12,}  {total.short}" for name, total in moved.totals.items() if total.rows
    ]
    lines += [_("%(table)s is no table of this program, and was left.", table=name) for name in moved.foreign]
    rows = sum(total.rows for total in moved.totals.values())
    lines += [
        _(
            "%(rows)s rows in %(tables)s tables were copied, and each was compared.",
            rows=f"{rows:,}",
            tables=len(moved.totals),
        ),
        _("Set LABAPP_DATABASE_URL=%(url)s and start the server.", url=url.render_as_string()),
        _("The old database stands as it was."),
    ]
    return "\n".join(lines)
