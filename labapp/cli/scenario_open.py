"""`labapp scenario list` and `open`: from a folder to a class that can be joined."""

import sys
from typing import TYPE_CHECKING, Any

import click

from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from labapp.jobs import Job
    from labapp.scenario.read import Scenario


@click.command("list")
def list_scenarios() -> None:
    """Print the scenarios that are there, the copies of instructors among them: key and title."""
    from labapp.cli.shell import locale
    from labapp.scenario.library import scenarios
    from labapp.scenario.problems import BadScenario
    from labapp.scenario.read import read_scenario

    with application():
        known = scenarios()
    for key, files in known.items():
        try:
            title = read_scenario(files).title
        except BadScenario as bad:
            click.echo(f"{key}  !  {bad.problems[0]}")
            continue
        click.echo(f"{key}  {title.zh if locale().startswith('zh') else title.en}")


@click.command("open")
@click.argument("key")
@click.option("--name", required=True, help="The course's name in commands and addresses.")
@click.option("--seed", required=True, type=click.IntRange(0), help="The same seed invents the same class.")
@click.option(
    "--students", type=click.IntRange(0), help="How many seats; else as many as the scenario plans."
)
@click.option(
    "--mode", type=click.Choice(["class", "team", "individual"]), default="class", show_default=True
)
@click.option("--instructor", metavar="LOGIN", help="Whose course it is; else the only instructor's.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), help="Of the invented data; else the scenario's."
)
@click.option("--title", help="The course's title; else the scenario's.")
@click.option("--team-size", type=click.IntRange(2, 20), help="In mode team; else the scenario's.")
@click.option("--term", default="", help="The term it is taught in.")
def open_scenario(key: str, name: str, instructor: str | None, **asked: Any) -> None:
    """Open a course from scenario KEY: one sandbox, or with --mode one for each team or student.

    A course whose opening was broken off is finished by the same command, by `labapp tick` or by a running server.
    """
    with application():
        from flask_babel import gettext as _

        from labapp import jobs
        from labapp.cli.shell import locale
        from labapp.db import db
        from labapp.people.directory import sandboxes_of
        from labapp.people.models import Course
        from labapp.scenario import task

        _scenario(key)
        args = {**task.as_asked(name=name, **asked), "scenario": key, "locale": locale()}
        job = _finished(args) or _opened(args, instructor_called(instructor))
        if job.state != jobs.DONE:
            raise Failed(job.sentence)
        course = db.session.get_one(Course, job.result["course_id"])
        boxes = sandboxes_of(course.id)
        steps = sum(sandbox.last_step for sandbox in boxes)
        click.echo(
            _(
                "%(name)s is open, with %(steps)s steps of its past. The join code is %(code)s.",
                name=course.name,
                steps=steps,
                code=course.join_code,
            )
        )
        if len(boxes) > 1:
            click.echo(
                _(
                    "It has %(num)s sandboxes, from %(first)s to %(last)s.",
                    num=len(boxes),
                    first=boxes[0].name,
                    last=boxes[-1].name,
                )
            )


def _opened(args: dict[str, Any], account_id: int | None) -> "Job":
    """Open it here, as a job that others take up if this process is killed."""
    from labapp import jobs
    from labapp.records.work import writing
    from labapp.scenario import task

    with writing():
        task.free_name(args["name"])
    return jobs.do_now(task.KIND, args, _tell, account_id=account_id)


def _finished(args: dict[str, Any]) -> "Job | None":
    """Go on with an opening of this name that was broken off; None where there is none. Raises Failed."""
    from flask_babel import gettext as _

    from labapp import jobs
    from labapp.db import db
    from labapp.scenario import task

    jobs.requeue()
    job = task.unfinished(args["name"])
    if job is None:
        return None
    asked, job_id = {**job.args, "locale": args["locale"]}, job.id
    if asked != args or job.state != jobs.QUEUED or jobs.take(job_id, _tell) is None:
        raise Failed(_("%(name)s is being opened already. Wait until that is done.", name=args["name"]))
    return db.session.get_one(jobs.Job, job_id, populate_existing=True)


def _tell(done: int, total: int) -> None:
    """Progress on standard error, where somebody looks on."""
    if sys.stderr.isatty():
        click.echo(f"\r{done}/{total}", nl=done >= total, err=True)


def _scenario(key: str) -> "Scenario":
    """Raises Failed where there is none, or where it has mistakes: all of them are named."""
    from flask_babel import gettext as _

    from labapp.scenario.library import scenarios
    from labapp.scenario.problems import BadScenario
    from labapp.scenario.read import read_scenario

    known = scenarios()
    if key not in known:
        raise Failed(_("There is no scenario %(key)s. There are: %(known)s", key=key, known=", ".join(known)))
    try:
        return read_scenario(known[key])
    except BadScenario as bad:
        raise Failed("\n".join(map(str, bad.problems))) from bad


def instructor_called(login: str | None) -> int | None:
    """Whose course it will be; None where this machine has no instructor yet. Raises Failed, UsageError."""
    from flask_babel import gettext as _
    from sqlalchemy import select

    from labapp.db import db
    from labapp.people.enrol import account_by_login
    from labapp.people.models import Account

    if login is not None:
        account = account_by_login(login)
        if account is None or not account.instructor:
            raise Failed(_("There is no instructor with the login %(login)s.", login=login))
        return account.id
    query = select(Account).where(Account.instructor, ~Account.disabled).order_by(Account.id)
    found = list(db.session.scalars(query))
    if len(found) > 1:
        logins = " ".join(str(account.number or account.email) for account in found)
        raise click.UsageError(_("Say whose course it is with --instructor: %(logins)s", logins=logins))
    return found[0].id if found else None
