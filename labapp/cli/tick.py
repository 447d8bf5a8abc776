"""`labapp tick` and `labapp worker`: what has to be done now and then, and long work."""

import signal
from types import FrameType

import click

from labapp.cli.shell import application


@click.command
def tick() -> None:
    """Put back unfinished jobs, do what is due (backup, timeline, reminders) and work off waiting jobs.

    `labapp run` does this by itself; beside gunicorn let cron call it every minute.
    """
    with application():
        from labapp import jobs

        for line in jobs.tick():
            click.echo(line)
        jobs.work_off()


@click.command
def worker() -> None:
    """Do long work and whatever is due, until stopped: beside gunicorn, in place of `labapp tick`."""
    with application() as app:
        from labapp import jobs

        found = jobs.Worker(app)

        def stop(_number: int, _frame: FrameType | None) -> None:
            found.stop()

        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, stop)
        found.start()
        found.ended.wait()
