"""`labapp beside`: what `labapp run` starts in the place of a process that served beside it and has ended.

It gets the socket of the site and a line to the first by their numbers, and says nothing.
"""

import socket

import click


@click.command(hidden=True)
@click.argument("taken", type=int)
@click.argument("line", type=int)
@click.option("--demo", is_flag=True, help="The demo class.")
@click.option("--demo-for-all", is_flag=True, help="With its sign-ins for other machines.")
def beside(taken: int, line: int, demo: bool, demo_for_all: bool) -> None:
    """Serve beside `labapp run`, which starts this by itself."""
    from labapp.cli.run import demo_settings, serve
    from labapp.cli.shell import require_database, speaking
    from labapp.cli.siblings import Siblings

    with speaking(demo_settings(demo_for_all) if demo else None, served=True) as app:
        require_database()
    site = socket.socket(fileno=taken)
    serve(app, site, siblings=Siblings.second(app, site, socket.socket(fileno=line)))
