"""`labapp run`: the whole site, with all that is done beside its pages."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labapp.cli.garbage import stays
from labapp.cli.shell import Failed, bring_up_to_date, building, plain_failures, speaking
from labapp.cli.siblings import Idle, Siblings, fitting

if TYPE_CHECKING:
    from flask import Flask

TRIED = 20  # ports, from the one that was asked for
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SENT_AT_ONCE = 256 * 1024  # bytes: a page in one piece, not in three
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (asked for by name)


@click.command
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for a whole classroom.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--demo", is_flag=True, help="The demo class, in a folder of its own.")
@click.option("--fresh", is_flag=True, help="With --demo: throw the old demo class away first.")
@click.option("--demo-for-all", is_flag=True, help="With --demo: let its sign-ins in from other machines.")
@click.option(
    "--processes",
    type=click.IntRange(1, 2),
    help="How many serve: two where there are two cores, one for the demo and where the system is not Linux.",
)
def run(host: str, port: int, demo: bool, fresh: bool, demo_for_all: bool, processes: int | None) -> None:
    """Start the site. Makes the database where there is none and brings an old one up to date."""
    if (fresh or demo_for_all) and not demo:
        raise click.UsageError("--fresh and --demo-for-all go with --demo.")
    with speaking(demo_settings(demo_for_all) if demo else None, served=True) as app:
        if fresh:
            forget_demo(app)
        bring_up_to_date()
        if demo and is_half_made():
            forget_demo(app)
            bring_up_to_date()
        taken = listen(host, port)
        with plain_failures():
            lines = open_demo() if demo else []
        say(app, taken, host, lines)
    serve(app, taken, processes or (1 if demo else fitting()))


def demo_settings(for_all: bool) -> dict[str, Any]:
    """The settings with the demo's own folder and database, whatever the environment names."""
    from labapp.config import data_folder, settings

    folder = data_folder() / "demo"
    database = f"sqlite:///{folder / 'labapp.sqlite'}"
    return {**settings(folder), "SQLALCHEMY_DATABASE_URI": database, "DEMO": True, "DEMO_FOR_ALL": for_all}


def is_half_made() -> bool:
    """Was the demo class broken off while it was being opened? Then nobody has worked in it."""
    from labapp.people.models import OPENING, READY
    from labapp.scenario.guests import demo_state

    return demo_state() in {OPENING, READY}


def forget_demo(app: "Flask") -> None:
    from labapp.lifecycle.restore import CannotRestore
    from labapp.lifecycle.restore import forget_demo as forget

    try:
        forget(Path(app.config["DATA"]))
    except CannotRestore as error:
        raise Failed(str(error)) from error


def open_demo() -> list[str]:
    """Open the demo class, where it is not there already; returns its sign-ins as lines."""
    from labapp.scenario.guests import demo_state, sign_ins

    if demo_state() is None:
        from labapp.scenario.demo import make_demo

        make_demo()
    return list(sign_ins())


def listen(host: str, port: int) -> socket.socket:
    """A socket on this port, or on the next that is free. Raises Failed."""
    from flask_babel import gettext as _

    for number in range(port, min(port + TRIED, 65536)):
        try:
            found = bound(host, number)
        except PermissionError as error:
            raise Failed(_("Port %(port)s needs more rights than this program has.", port=number)) from error
        except socket.gaierror as error:
            raise Failed(_("%(host)s is no address of this machine.", host=host)) from error
        except OSError as error:
            if not _is_taken(error):
                raise Failed(f"{host}:{number}: {error.strerror}") from error
            click.echo(_("Port %(port)s is in use, trying the next.", port=number), err=True)
            continue
        return found
    raise Failed(_("No port from %(first)s to %(last)s is free.", first=port, last=port + TRIED - 1))


def _is_taken(error: OSError) -> bool:
    import errno

    return error.errno in {errno.EADDRINUSE, errno.EACCES}


def bound(host: str, port: int) -> socket.socket:
    """A socket bound to this address. Raises OSError where another program has it."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    if os.name != "nt":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(address)
        made.listen(1024)
    except OSError:
        made.close()
        raise
    return made


def say(app: "Flask", taken: socket.socket, host: str, lines: list[str]) -> None:
    """What a person needs to know to go on: addresses, sign-ins, the way to the first administrator."""
    from flask_babel import gettext as _

    from labapp.people.addresses import first_admin_token

    port = taken.getsockname()[1]
    found = list(addresses(host, port))
    for line in lines:
        click.echo(line)
    token = None if app.config["DEMO"] else first_admin_token(app)
    if token:
        click.echo(_("Nobody is here yet. Make the first administrator, once, at:"))
        click.echo(f"  {found[0]}/setup/{token}")
    click.echo(_("The site is at:"))
    for address in found:
        click.echo(f"  {address}/")
    if host in EVERYWHERE:
        click.echo(_("Students type one of these addresses; the first is for this machine only."))
    click.echo(_("Stop it with Ctrl-C."))


def addresses(host: str, port: int) -> Iterator[str]:
    """The addresses at which a browser finds the site."""
    if host not in EVERYWHERE:
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
        return
    yield f"http://127.0.0.1:{port}"
    for own in own_addresses():
        yield f"http://{own}:{port}"


def own_addresses() -> list[str]:
    """The IPv4 addresses of this machine in its networks, the one it goes out by first."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.254.254.254", 9))  # a datagram socket sends nothing by connecting
            found.append(probe.getsockname()[0])
        except OSError:
            pass
    try:
        named = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        named = []
    found += [str(entry[4][0]) for entry in named]
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "0."))]


def serve(app: "Flask", taken: socket.socket, processes: int = 1, siblings: Siblings | None = None) -> None:
    """Serve until stopped; jobs and ticks run beside the first process. A class holds more connections than waitress
    allows. `siblings`: of whom this is one; without them they are made.

    Of eight threads one computes at a time (`labapp.admission`): the others are for what takes long.
    """
    from waitress.server import create_server

    from labapp.app import complete
    from labapp.cli.large import channel_of
    from labapp.jobs import Worker
    from labapp.web.growing import Growing

    def rest(app: "Flask") -> None:
        with building(for_good=True):
            complete(app)

    stays()
    signal.signal(signal.SIGTERM, _stop)
    siblings = siblings or Siblings(app, processes - 1, taken)
    site = Growing(app, rest)
    server = create_server(
        site,
        sockets=[taken],
        threads=8,
        connection_limit=2000,
        asyncore_use_poll=True,
        send_bytes=SENT_AT_ONCE,
        channel_timeout=20,
        cleanup_interval=5,
        ident=None,
        clear_untrusted_proxy_headers=not app.config["PROXIES"],
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 65536,
    )
    server.channel_class = channel_of(site)
    siblings.listen()
    worker = Worker(app, site.grow) if siblings.first else Idle(site.grow)
    worker.start()
    try:
        server.run()
    finally:
        worker.stop()
        server.close()
        siblings.stop()


def _stop(*_: object) -> None:
    raise SystemExit(0)
