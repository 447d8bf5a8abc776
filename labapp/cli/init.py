"""`labapp init`: the database, made or brought up to date."""

import click

from labapp.cli.shell import bring_up_to_date, speaking


@click.command
def init() -> None:
    """Create the database, or bring it up to date after a backup."""
    from flask_babel import gettext as _

    with speaking():
        done = bring_up_to_date()
        click.echo(_("The database is ready.") if done else _("The database was up to date already."))
