"""The application beside Django admin and Flask-Admin over the same leads, in one run by turns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count, cycle
from urllib.parse import quote_plus

from benchmarks.client import Answer, Client
from benchmarks.measure import Call, Plan, Times, by_turns
from benchmarks.parts.growth import asked
from benchmarks.parts.pages import rich_of
from benchmarks.results import Figure
from benchmarks.run import Run
from benchmarks.serve import application, module
from benchmarks.sides import LOGIN, PASSWORD
from benchmarks.visit import LEAD, Visits, full

HOW = (
    "The same 100,000 leads in a file each, the same eight columns, fifty rows a page, owners read along, search in "
    "the same columns, filters by the same three, the same indexes and pragmas, a signed-in user, forms with a token, "
    "waitress set the same way; by turns. Django admin and Flask-Admin show everything to everybody; the application "
    "asks who may see what, draws the coach's strip and logs every look. How many times longer they take; sizes are of "
    "the page without compression."
)
DJANGO = "csrfmiddlewaretoken"
REACH = {"Flask-Admin": {"list": 8.0, "create": 1.0}, "Django admin": {"list": 6.0}}


@dataclass(frozen=True)
class Side:
    """One of the three: what to call for list, detail, create and search."""

    list: Call
    detail: Call
    create: Call
    search: Call


def compared(run: Run) -> Iterator[Figure]:
    if find_spec("django") is None or find_spec("flask_admin") is None:
        raise RuntimeError(
            "pip install --require-hashes -r requirements/bench.lock brings what this part needs"
        )
    folder = run.leads(run.middle)
    names, _pair = asked(folder)
    words, rich = [name[:2] for name in names], rich_of(folder)
    plan = Plan(run.plan.rounds, max(1, run.plan.requests // 2))
    with (
        application(folder) as served,
        module("benchmarks.sides.flask_site", str(folder)) as flask,
        module("benchmarks.sides.django_site", str(folder)) as django,
    ):
        own = own_side(served.port, rich, words)
        others = {
            "Flask-Admin": flask_side(flask.port, rich, words),
            "Django admin": django_side(django.port, rich, words),
        }
        for what in ("list", "detail", "create", "search"):
            calls = {name: getattr(side, what) for name, side in others.items()}
            for name, times in by_turns(getattr(own, what), calls, plan).items():
                yield figure(what, name, times, sizes(getattr(own, what), calls[name]))


def figure(what: str, name: str, times: Times, size: str) -> Figure:
    reach = REACH[name].get(what)
    low, high = min(times.ratios), max(times.ratios)
    said = f"{times.ratio:.2f}× ({low:.2f} to {high:.2f})"
    wanted = {None: "", 1.0: "> 1×"}.get(reach, f"≥ {reach:g}×" if reach else "")
    met = None if reach is None else times.ratio >= reach
    return Figure(f"{what}: {name} against the application", said, f"{times.both}; {size}", wanted, met)


def sizes(own: Call, other: Call) -> str:
    """How large the pages are; a create has none."""
    here, there = len(own().body) / 1024, len(other().body) / 1024
    return f"{there:.0f} KiB against {here:.0f} KiB" if here > 1 else "answered by the way to the next page"


def own_side(port: int, rich: list[int], words: list[str]) -> Side:
    visits = Visits(port, rich)
    return Side(
        visits.list_of_manager, visits.detail, visits.create, asking(visits.manager, "/leads/?q={}", words)
    )


def flask_side(port: int, rich: list[int], words: list[str]) -> Side:
    client, numbers = Client(port), cycle(rich)
    client.post("/login", {"login": LOGIN, "password": PASSWORD})
    typed = {**LEAD, **token(client, "/admin/lead/new/", "csrf_token"), "owner": "2"}
    return Side(
        lambda: full(client.get("/admin/lead/")),
        lambda: full(client.get(f"/admin/lead/details/?id={next(numbers)}")),
        creating(client, "/admin/lead/new/", typed),
        asking(client, "/admin/lead/?search={}", words),
    )


def django_side(port: int, rich: list[int], words: list[str]) -> Side:
    client, numbers = Client(port), cycle(rich)
    signed = client.post(
        "/admin/login/", {**token(client, "/admin/login/", DJANGO), "username": LOGIN, "password": PASSWORD}
    )
    assert signed.status == 302, signed.text[:1000]
    add = "/admin/crm/lead/add/"
    return Side(
        lambda: full(client.get("/admin/crm/lead/")),
        lambda: full(client.get(f"/admin/crm/lead/{next(numbers)}/change/")),
        creating(client, add, {**LEAD, **token(client, add, DJANGO), "owner": "2"}),
        asking(client, "/admin/crm/lead/?q={}", words),
    )


def token(client: Client, path: str, name: str) -> dict[str, str]:
    """The token of the form there."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]+)"', client.get(path).text)
    assert found, path
    return {name: found[1]}


def creating(client: Client, path: str, typed: dict[str, str]) -> Call:
    """A valid form with another mobile number each time."""
    numbers = count(1)

    def create() -> Answer:
        answer = client.post(path, {**typed, "mobile": f"137{next(numbers):08}"})
        assert answer.status == 302, (answer.status, answer.text[:2000])
        return answer

    return create


def asking(client: Client, path: str, words: list[str]) -> Call:
    """Search for one word after another."""
    turns = cycle(words)
    return lambda: full(client.get(path.format(quote_plus(next(turns)))))
