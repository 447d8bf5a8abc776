"""`labapp backup` and `labapp restore`."""

from pathlib import Path

import click

from labapp.cli.shell import Failed, application, bring_up_to_date, speaking


@click.command
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write database and uploads to FILE while the server runs, and read the file back."""
    with application():
        from flask_babel import ngettext

        from labapp.lifecycle.backup import CannotBackUp, back_up

        try:
            made = back_up(file.absolute())
        except CannotBackUp as error:
            raise Failed(str(error)) from error
        count = len(made.files) - 1
        told = ngettext(
            "database and %(num)s upload, read back", "database and %(num)s uploads, read back", count
        )
        click.echo(f"{file}: {told}")


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in place of the present database and uploads. The server must be stopped."""
    from flask_babel import gettext as _

    from labapp.lifecycle.restore import CannotRestore
    from labapp.lifecycle.restore import restore as put_back

    with speaking():
        try:
            made = put_back(file.absolute())
        except CannotRestore as error:
            raise Failed(str(error)) from error
        bring_up_to_date()
        click.echo(_("Restored: the state of %(time)s (UTC).", time=made.made_at.replace("T", " ")))
