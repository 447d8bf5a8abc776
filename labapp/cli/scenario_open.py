"""`labapp scenario list` and `open`: from a folder to a class that can be joined."""

import sys
from typing import TYPE_CHECKING

import click

from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from labapp.scenario.read import Scenario


@click.command("list")
def list_scenarios() -> None:
    """Print the scenarios that are there: key and title."""
    from labapp.cli.shell import locale
    from labapp.scenario.library import scenarios
    from labapp.scenario.problems import BadScenario
    from labapp.scenario.read import read_scenario

    for key, folder in scenarios().items():
        try:
            title = read_scenario(folder).title
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
def open_scenario(  # noqa: PLR0913 (one for each option)
    key: str,
    name: str,
    seed: int,
    students: int | None,
    mode: str,
    instructor: str | None,
    language: str | None,
    title: str | None,
) -> None:
    """Open a course from scenario KEY."""
    with application():
        from flask_babel import gettext as _

        from labapp.db import db
        from labapp.db.migrate import analyze
        from labapp.people.models import Course
        from labapp.scenario.open import Opening, open_sandbox

        scenario = _scenario(key)
        opening = Opening(
            name=name,
            seed=seed,
            students=students,
            mode=mode,
            language=language,  # type: ignore[arg-type]
            instructor_account_id=instructor_called(instructor),
            title=title,
        )
        sandbox = open_sandbox(scenario, opening, _tell)
        analyze()
        course = db.session.get_one(Course, sandbox.course_id)
        click.echo(
            _(
                "%(name)s is open, with %(steps)s steps of its past. The join code is %(code)s.",
                name=sandbox.name,
                steps=sandbox.last_step,
                code=course.join_code,
            )
        )


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
