"""What the commands share: the application behind them, and how they fail."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from labapp.cli.garbage import stays

if TYPE_CHECKING:
    from flask import Flask


class Failed(click.ClickException):
    """The command could not be done: a sentence on standard error, exit 1."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.format_message(), err=file is None, file=file)


def locale() -> str:
    """The language of the terminal: Chinese where its locale says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh_Hans_CN" if os.environ[name].startswith("zh") else "en"
    return "en"


def assembled(settings: dict[str, Any] | None = None, *, served: bool = False) -> "Flask":
    """The application, imported and put together.

    `served`: the process is there for nothing else, and it is only begun (`labapp.web.growing`).
    """
    with building(for_good=served):
        from labapp.app import begun, create_app

        return begun(settings) if served else create_app(settings)


@contextmanager
def building(*, for_good: bool) -> Iterator[None]:
    """All that is made here stays, so no garbage is looked for: a sixth of the time of a start.

    `for_good`: nor does a later look go through it. The first one, which would, takes a tenth of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            stays()
        gc.enable()


@contextmanager
def speaking(settings: dict[str, Any] | None = None, *, served: bool = False) -> Iterator["Flask"]:
    """The application, in a context that speaks the language of the terminal."""
    app = assembled(settings, served=served)
    from flask_babel import force_locale

    from labapp.db import db

    with app.app_context(), force_locale(locale()):
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def application(settings: dict[str, Any] | None = None) -> Iterator["Flask"]:
    """The application with its database, which is made where there is none. Raises Failed for an old one."""
    with speaking(settings) as app:
        require_database()
        with plain_failures():
            yield app


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn what the rules refuse into a sentence and exit 1."""
    from labapp.access.errors import NotDone

    try:
        yield
    except NotDone as error:
        raise Failed(str(error.sentence)) from error


def require_database() -> None:
    """Make the database where it is absent. Raises Failed where it is older than the program, or newer and not for it.

    A newer one that only adds serves this program as well: so servers are renewed one by one while people work.
    """
    from flask_babel import gettext as _

    from labapp.db import db, floor, migrate

    with db.engine.connect() as connection:
        found = migrate.current(connection)
        served = found is not None and found > migrate.head() and floor.serves(connection, migrate.head())
    if found is None:
        migrate.upgrade()
    elif served:
        return
    elif found > migrate.head():
        raise Failed(_("This database was made by a newer version of the program."))
    elif found != migrate.head():
        raise Failed(_("The database is of an older version. `labapp init` brings it up to date."))


def bring_up_to_date() -> bool:
    """Create or migrate the database, after a backup. Returns whether anything was done. Raises Failed."""
    from flask_babel import gettext as _

    from labapp.db import db, migrate

    with db.engine.connect() as connection:
        found = migrate.current(connection)
    if found == migrate.head():
        return False
    if found is not None and found > migrate.head():
        raise Failed(_("This database was made by a newer version of the program."))
    from labapp.lifecycle.backup import CannotBackUp, before_migration
    from labapp.lifecycle.older import complete
    from labapp.modules.opportunities.models import fill_stays

    try:
        done = migrate.upgrade(before_migration, complete)
    except CannotBackUp as error:
        raise Failed(
            _("Nothing was changed, as no backup could be made first: %(why)s", why=str(error))
        ) from error
    if done and found is not None:
        fill_stays()
    return done


def data_of(app: "Flask") -> Path:
    return Path(app.config["DATA"])
