"""`labapp sandbox`: what runs there are."""

from collections.abc import Sequence

import click

from labapp.cli import clock, semester
from labapp.cli.shell import application


@click.group
def sandbox() -> None:
    """Look at sandboxes, and see them through their life."""


for command in (*clock.COMMANDS, *semester.COMMANDS):
    sandbox.add_command(command)


@sandbox.command("list")
def list_sandboxes() -> None:
    """Print every sandbox with its course, mode, state, members, steps and lab time."""
    with application():
        from sqlalchemy import func, select

        from labapp.clock import lab_now
        from labapp.db import db
        from labapp.people.models import SIMULATED, Course, Membership, Sandbox

        members = (
            select(func.count())
            .where(Membership.sandbox_id == Sandbox.id, Membership.state != SIMULATED)
            .correlate(Sandbox)
            .scalar_subquery()
        )
        query = select(Sandbox, Course, members).join(Course).order_by(Sandbox.id)
        rows = [("NAME", "COURSE", "MODE", "STATE", "MEMBERS", "STEPS", "LAB TIME")]
        for box, course, count in db.session.execute(query):
            at = f"{lab_now(box):%Y-%m-%d %H:%M}"
            rows.append((box.name, course.name, course.mode, box.state, str(count), str(box.last_step), at))
        for line in aligned(rows):
            click.echo(line)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
