"""`labapp sandbox advance` and `clock`: how the clock of a sandbox goes on (product.md L2)."""

import sys
from typing import TYPE_CHECKING

import click

from labapp.cli.shell import Failed, application

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from labapp.people.models import Sandbox

BACK = {"ignore_unknown_options": True}  # so that -1d is answered by a sentence


@click.command(context_settings=BACK)
@click.argument("name")
@click.argument("length")
@click.option("--all", "everywhere", is_flag=True, help="In a course of several sandboxes: in all of them.")
def advance(name: str, length: str, everywhere: bool) -> None:
    """Move the clock of sandbox NAME on by LENGTH: 8d, 3h, 30m, 1d12h.

    What falls due on the way happens at its time: the timeline, reminders, deadlines. The clock never goes back.
    """
    with application():
        from labapp.cli.names import one_sandbox, sandboxes_called
        from labapp.lifecycle.moving import length_of

        far = length_of(length)
        names = [box.name for box in (sandboxes_called(name) if everywhere else [one_sandbox(name)])]
        for one in names:
            click.echo(_advance(one, far))


def _advance(name: str, far: "timedelta") -> str:
    """Send one sandbox on and walk with it. Returns what to print. Raises Failed, NotDone."""
    from flask_babel import gettext as _

    from labapp.cli.names import instructor_of, one_sandbox
    from labapp.db import db
    from labapp.lifecycle.clockwork import Walk
    from labapp.lifecycle.moving import send
    from labapp.lifecycle.passed import counted, passed
    from labapp.records.work import Source

    _finish(one_sandbox(name))
    actor = instructor_of(name)
    moved = send(actor, actor.lab_now + far, Source("cli"))
    db.session.remove()
    Walk(moved.sandbox_id, _told(moved.goal)).go()
    happened = passed(moved.goal - moved.left, counted(moved.sandbox_id, moved.last_step))
    at = f"{moved.goal:%Y-%m-%d %H:%M}"
    return _("%(name)s: it is %(at)s. %(happened)s", name=name, at=at, happened=happened)


def _finish(sandbox: "Sandbox") -> None:
    """A clock that somebody left on its way is taken there first. Raises Failed, as nothing is added to that."""
    from flask_babel import gettext as _

    from labapp.lifecycle.clockwork import Walk

    goal, name = sandbox.clock_goal, sandbox.name
    if goal is None:
        return
    Walk(sandbox.id, _told(goal)).go()
    at = f"{goal:%Y-%m-%d %H:%M}"
    raise Failed(
        _(
            "The clock of %(name)s was still on its way to %(at)s and stands there now. Nothing was added to that.",
            name=name,
            at=at,
        )
    )


def _told(goal: "datetime") -> "Callable[[datetime], None]":
    """Progress on standard error, where somebody looks on."""

    def tell(at: "datetime") -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{at:%Y-%m-%d %H:%M}", nl=at >= goal, err=True)

    return tell


@click.command
@click.argument("name")
@click.option("--mode", type=click.Choice(["real", "stepped"]), help="By itself, or day by day.")
@click.option("--pace", type=click.IntRange(0, 1440), help="Lab seconds in a real second; 0 stands still.")
def clock(name: str, mode: str | None, pace: int | None) -> None:
    """Print the clock of sandbox NAME, or change how it runs. Lab time itself does not jump."""
    with application():
        from flask_babel import gettext as _

        from labapp.cli.names import instructor_of, one_sandbox
        from labapp.clock import lab_now
        from labapp.db import db
        from labapp.lifecycle.moving import change
        from labapp.people.models import Sandbox
        from labapp.records.work import Source

        box = one_sandbox(name)
        number, wanted = box.id, (mode or box.clock_mode, box.clock_pace if pace is None else pace)
        if wanted != (box.clock_mode, box.clock_pace):
            change(instructor_of(name), Source("cli"), *wanted)
        box = db.session.get_one(Sandbox, number, populate_existing=True)
        words = {"at": f"{lab_now(box):%Y-%m-%d %H:%M}", "mode": box.clock_mode, "pace": box.clock_pace}
        click.echo(_("It is %(at)s; the clock is %(mode)s at pace %(pace)s.", **words))


COMMANDS = (advance, clock)
