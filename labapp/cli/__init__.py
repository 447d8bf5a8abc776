"""The command line: `labapp COMMAND`. Exit 0: done; 1: failed, and a sentence says why; 2: wrong usage."""

from importlib import import_module

import click

COMMANDS = {
    "run": "run:run",
    "beside": "beside:beside",
    "init": "init:init",
    "scenario": "scenario:scenario",
    "sandbox": "sandbox:sandbox",
    "grade": "grade:grade_command",
    "log": "log:log",
    "user": "user:user",
    "roster": "roster:roster",
    "kinds": "kinds:kinds",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "move-database": "move:move_database",
    "tick": "tick:tick",
    "worker": "tick:worker",
}


class LateGroup(click.Group):
    """A group that imports a command when it is asked for, so that each starts as fast as it can."""

    def __init__(self, *, late: dict[str, str], package: str, help: str) -> None:
        super().__init__(help=help)
        self.late, self.package = late, package

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.late:
            return None
        module, _colon, name = self.late[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"{self.package}.{module}"), name)
        return found


labapp = LateGroup(
    late=COMMANDS, package="labapp.cli", help="A teaching lab for customer relationship management."
)


def main() -> None:
    """What the program `labapp` runs."""
    labapp(prog_name="labapp")
