"""`labapp log`: the operation log as a file, and the proof that it is whole."""

from pathlib import Path

import click

from labapp.cli.shell import Failed, application


@click.group
def log() -> None:
    """Write out the operation log, or prove that it is whole."""


@log.command("export")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def export_log(name: str, file: Path) -> None:
    """Write the log of sandbox NAME to FILE; of a course, one file per sandbox into the folder FILE."""
    with application():
        from flask_babel import ngettext

        from labapp.cli.names import sandboxes_called
        from labapp.oplog.export import export

        found = sandboxes_called(name)
        into_folder = len(found) > 1 or file.is_dir()
        for sandbox in found:
            target = file / f"{sandbox.name.replace('/', '-')}.jsonl" if into_folder else file
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                count = export(sandbox, target)
            except OSError as error:
                raise Failed(f"{target}: {error.strerror}") from error
            click.echo(f"{target}: " + ngettext("%(num)s step", "%(num)s steps", count))


@log.command
@click.argument("name", metavar="SANDBOX|FILE")
def verify(name: str) -> None:
    """Check the chains of a log file; of a sandbox also that replaying the log gives its tables."""
    if Path(name).is_file():
        from labapp.cli.logfile import verify_log_file  # late: a file needs no database

        verify_log_file(name)
        return
    with application():
        from labapp.cli.names import sandboxes_called

        for sandbox in sandboxes_called(name):
            _verify(sandbox)


def _verify(sandbox: object) -> None:
    from flask_babel import gettext as _

    from labapp.lifecycle.verify import verify as first_difference
    from labapp.people.models import Sandbox

    assert isinstance(sandbox, Sandbox)
    found = first_difference(sandbox)
    if found is not None:
        raise Failed(f"{sandbox.name}: {found}")
    told = _("%(count)s steps, whole; replayed they give the tables as they stand.", count=sandbox.last_step)
    click.echo(f"{sandbox.name}: {told}")
