"""`labapp sandbox archive | restore | rollover | reset | freeze | purge`: the life of whole sandboxes (product.md L9).

Each is a job: if this process is killed, whoever serves (or the same command again) brings it to its end.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from labapp.jobs import Job
    from labapp.people.models import Sandbox


@click.command
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def archive(name: str, file: Path) -> None:
    """Write sandbox NAME into the archive FILE and read it back; of a course, one file each into the folder FILE."""
    with application():
        from labapp.cli.names import one_sandbox, sandboxes_called
        from labapp.lifecycle.asking import ARCHIVE

        into_folder = file.is_dir()
        found = sandboxes_called(name) if into_folder else [one_sandbox(name)]
        for number in [sandbox.id for sandbox in found]:
            sandbox = _again(number)
            target = file / f"{sandbox.name.replace('/', '-')}.zip" if into_folder else file
            if not target.absolute().parent.is_dir():
                raise Failed(f"{target}: {_words('There is no such folder.')}")
            _job(ARCHIVE, sandbox, {"file": str(target.absolute())})
            click.echo(f"{target}: {_steps(_again(number).last_step)}")


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--instructor", metavar="LOGIN", help="Whose it becomes; by default the only instructor's.")
@click.option("--match", is_flag=True, help="Give members the accounts here with the same number or e-mail.")
def restore(file: Path, instructor: str | None, match: bool) -> None:
    """Restore the archive FILE into a new sandbox that is read and graded, not changed."""
    with application():
        from flask_babel import gettext as _

        from labapp.cli.scenario_open import instructor_called
        from labapp.db import db
        from labapp.lifecycle.asking import RESTORE
        from labapp.people.models import Sandbox

        job = _job(
            RESTORE, None, {"file": str(file.absolute()), "match": match}, instructor_called(instructor)
        )
        sandbox = db.session.get_one(Sandbox, job.result["sandbox_id"])
        click.echo(_("%(name)s is restored: %(steps)s.", name=sandbox.name, steps=_steps(sandbox.last_step)))


@click.command
@click.argument("name")
@click.option("--to", required=True, metavar="NAME", help="What the new course is called.")
@click.option("--with-members", is_flag=True, help="The same people in the same positions.")
@click.option(
    "--as-edited/--as-shipped",
    default=True,
    help="Rubric and question bank as they were edited (the default), or as the scenario has them.",
)
@click.option("--seed", type=click.IntRange(min=0), help="The seed of the new data; by default another one.")
def rollover(name: str, to: str, with_members: bool, as_edited: bool, seed: int | None) -> None:
    """Freeze and archive course NAME, then open a fresh one from the same scenario with a new seed."""
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import sandboxes_called
        from labapp.db import db
        from labapp.lifecycle.asking import ROLLOVER
        from labapp.lifecycle.states import name_taken, seed_for
        from labapp.people.models import Course

        sandbox = sandboxes_called(name)[0]
        args = {"to": to, "with_members": with_members, "as_edited": as_edited}
        known = _unfinished(ROLLOVER, sandbox, args)
        if known is None and name_taken(to):
            raise Failed(_("There is a course or sandbox called %(name)s already.", name=to))
        given = {"seed": seed if seed is not None else seed_for(sandbox.course_id)} if known is None else {}
        job = _job(ROLLOVER, sandbox, {**args, **given})
        course = db.session.get_one(Course, job.result["course_id"])
        click.echo(
            _(
                "%(old)s is frozen and archived. %(name)s is open. The join code is %(code)s.",
                old=name,
                name=course.name,
                code=course.join_code,
            )
        )


@click.command
@click.argument("name")
@click.option("--member", metavar="LOGIN", help="Only this one of a class: by login, or the key of the seat.")
def reset(name: str, member: str | None) -> None:
    """Archive sandbox NAME, put it aside and open a fresh one in its place.

    With --member only the records of that member of a class go to the bin, and their seat is dealt anew; where each
    student or team has a sandbox, theirs begins anew.
    """
    if member is not None:
        _reset_member(name, member)
        return
    with application():
        from labapp.cli.names import one_sandbox

        _begin_anew(one_sandbox(name))


def _begin_anew(sandbox: "Sandbox") -> None:
    """Archive a sandbox and have a fresh one take its place."""
    from flask_babel import gettext as _

    from labapp.lifecycle.asking import RESET
    from labapp.lifecycle.making import name_of_file

    called = sandbox.name
    _job(RESET, sandbox, {"file": name_of_file(sandbox)})
    click.echo(_("%(name)s is archived; a fresh sandbox stands in its place.", name=called))


def _reset_member(name: str, member: str) -> None:
    """In a class, one member's records; else the sandbox of the student or team begins anew."""
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import instructor_of, member_called, one_sandbox, sandbox_of_member
        from labapp.records.work import Source
        from labapp.scenario.reset import reset_member

        own = sandbox_of_member(name, member)
        if own is not None:
            _begin_anew(own)
            return
        sandbox = one_sandbox(name)
        found = member_called(sandbox, member)
        gone, dealt = reset_member(instructor_of(sandbox.name), found.id, Source("cli"))
        click.echo(
            _(
                "%(name)s begins anew: %(gone)s records went to the bin, %(dealt)s were dealt.",
                name=found.name,
                gone=gone,
                dealt=dealt,
            )
        )


@click.command
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let work go on.")
def freeze(name: str, undo: bool) -> None:
    """Have sandbox NAME, or every sandbox of a course, only read; its clock stands."""
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import sandboxes_called
        from labapp.lifecycle.states import freeze as stop
        from labapp.lifecycle.states import unfreeze
        from labapp.oplog.append import Act

        done = _("%(name)s is open again.") if undo else _("%(name)s is frozen.")
        for number, called in [(sandbox.id, sandbox.name) for sandbox in sandboxes_called(name)]:
            (unfreeze if undo else stop)(number, Act("sandbox.freeze"))
            click.echo(done % {"name": called})


@click.command
@click.argument("name")
@click.option("--yes", "typed", required=True, metavar="NAME", help="The name once more.")
@click.option("--without-archive", is_flag=True, help="No archive is wanted.")
def purge(name: str, typed: str, without_archive: bool) -> None:
    """Take everything of sandbox NAME out for good; where no whole archive of it is there, one is made first."""
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import one_sandbox
        from labapp.lifecycle.asking import PURGE

        sandbox = one_sandbox(name)
        if typed not in {name, sandbox.name}:
            raise Failed(_("The name typed in is another one. Nothing was purged."))
        said = {"name": sandbox.name, "without_archive": without_archive}
        _job(PURGE, sandbox, {**said, "sandbox_id": sandbox.id, "course_id": sandbox.course_id})
        click.echo(_("%(name)s is purged.", name=name))


COMMANDS = (archive, restore, rollover, reset, freeze, purge)


def _job(kind: str, sandbox: "Sandbox | None", args: dict[str, Any], account_id: int | None = None) -> "Job":
    """Ask for the work, or take up what was asked for and broken off; see it to its end. Raises Failed."""
    from labapp import jobs
    from labapp.cli.shell import locale
    from labapp.lifecycle.asking import Asker, ask, ask_alone

    jobs.requeue()
    asker = Asker(account_id, "labapp", locale="en" if locale() == "en" else "zh")
    asked = ask(kind, sandbox, args, asker) if sandbox is not None else ask_alone(kind, args, asker)
    job = jobs.see_through(asked.id, _tell)
    if sys.stderr.isatty():
        click.echo(err=True)
    if job.state == jobs.FAILED:
        raise Failed(job.sentence)
    return job


def _unfinished(kind: str, sandbox: "Sandbox", args: dict[str, Any]) -> "Job | None":
    from labapp.lifecycle.asking import is_same, unfinished

    return next(
        (job for job in unfinished(sandbox.course_id) if job.kind == kind and is_same(job, sandbox.id, args)),
        None,
    )


def _tell(job: "Job") -> None:
    """Progress on standard error, where somebody looks on."""
    if sys.stderr.isatty() and job.total:
        click.echo(f"\r{job.message} {job.progress}/{job.total} ", nl=False, err=True)


def _again(number: int) -> "Sandbox":
    from labapp.db import db
    from labapp.people.models import Sandbox

    return db.session.get_one(Sandbox, number, populate_existing=True)


def _steps(count: int) -> str:
    from flask_babel import ngettext

    return ngettext("%(num)s step", "%(num)s steps", count)


def _words(sentence: str) -> str:
    from flask_babel import gettext as _

    return str(_(sentence))
