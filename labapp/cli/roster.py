"""`labapp roster`: class lists from the command line."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from labapp.records.rosters.fates import Line


@click.group
def roster() -> None:
    """Say who is expected in a course."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("sandbox")
@click.option(
    "--position", help="For rows without one: by its name, or its names from the top: 'Sales/North'."
)
@click.option("--skip-errors", is_flag=True, help="Save the rows that can be taken and leave the others out.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of the rows.")
def import_(file: Path, sandbox: str, position: str | None, skip_errors: bool, dry_run: bool) -> None:
    """Put the class list in FILE (CSV, XLSX or XLS) on the roster of SANDBOX's course.

    Who waits and is on it is let in. With an error in a row nothing is saved, unless --skip-errors.
    """
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import instructor_of, position_called
        from labapp.records.rosters import fates, keeping, letting_in
        from labapp.records.work import Source

        actor, source = instructor_of(sandbox), Source("cli")
        place = position_called(actor, position) if position else None
        upload_id = keeping.receive(actor, file.name, file.read_bytes())
        upload = keeping.upload_of(actor, upload_id)
        keeping.settle(actor, upload_id, dict(upload.columns), place)
        wrong = _told(fates.fates(keeping.upload_of(actor, upload_id), actor))
        if dry_run or (wrong and not skip_errors):
            keeping.drop(actor, upload_id)
        if dry_run:
            return
        if wrong and not skip_errors:
            raise Failed(
                _("Nothing was saved. Correct the file, or leave these rows out with --skip-errors.")
            )
        course_id = upload.course_id
        keeping.save(actor, source, upload_id)
        done = letting_in.activate_if_on(actor, source, course_id)
        if done:
            click.echo(_("Let in: %(count)s", count=done))


def _told(lines: "list[Line]") -> bool:
    """Say what becomes of the rows: how many of each, and every error. Returns whether there is one."""
    from flask_babel import gettext as _

    from labapp.records.rosters.fates import SAID, counted

    wrong = [(line.row, *problem) for line in lines for problem in line.problems]
    for row, column, sentence in wrong:
        click.echo(_("Row %(row)s, %(column)s: %(what)s", row=row, column=column, what=sentence), err=True)
    for fate, count in counted(lines).items():
        if count:
            click.echo(f"{SAID[fate][0]}: {count}")
    return bool(wrong)
