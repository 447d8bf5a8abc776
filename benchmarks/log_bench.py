"""A sandbox of 300,000 steps: a record as it was at any moment against the floor `list`, and the heat map.

    python -m benchmarks.log_bench [STEPS ROUNDS]

Prints the medians in milliseconds and the ratio (to reach: at most 10). One process, everything by the test client,
floor and page by turns.
"""

import logging
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, update

from benchmarks.floor_list import list_app
from benchmarks.load import INSTRUCTOR, PASSWORD, START, load, own_settings
from labapp.app import create_app
from labapp.db import db
from labapp.lifecycle.taking import keep_snapshots
from labapp.oplog.models import Operation, Touch
from labapp.people.models import Sandbox

STEPS, ROUNDS, CHUNK = 300_000, 60, 10_000
LEADS, MEMBERS, DAYS = 10_000, 100, 28
RICH, OFTEN = LEADS + 1, 1_000  # this lead is touched by every thousandth step
RICHEST, OFTENEST = RICH + 1, 50  # this one by every fiftieth
FEW = RICHEST + 1  # and those from here on by about thirty each


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load(folder, LEADS)
        app = create_app(own_settings(folder))
        logging.getLogger("labapp.request").disabled = True
        with app.app_context():
            first = fill(count)
            keep_snapshots(1)  # as the steps of a class bring them along
        floor = list_app(f"sqlite:///{folder / 'labapp.sqlite'}").test_client()
        browser = app.test_client()
        sign_in(browser)
        for words, url in pages(first, count):
            bare, page = by_turns(floor, browser, url, rounds)
            print(f"{words}: {page:.2f} ms against floor `list` {bare:.2f} ms, {page / bare:.2f}×")


def pages(first: int, count: int) -> Iterator[tuple[str, str]]:
    """What is measured: words and address."""
    middle = first + count // 2
    yield "a lead as it was, touched by few steps", f"/instructor/log/was/lead/{FEW}?step={middle}"
    often = count // OFTEN
    for serial, touched in ((RICH, often), (RICHEST, count // OFTENEST - often)):
        words = f"a lead as it was, touched by {touched:,} steps"
        yield words, f"/instructor/log/was/lead/{serial}?step={middle}"
    yield "a list of 50 leads as it was", f"/instructor/log/was/lead?step={middle}"
    yield "heat map, days and members", "/instructor/log/heat"
    yield "heat map, hours of a day", f"/instructor/log/heat?day={(START + timedelta(days=3)).date()}"


def by_turns(floor: FlaskClient, browser: FlaskClient, url: str, rounds: int) -> tuple[float, float]:
    """Milliseconds of the floor and of a page, medians of so many turns."""
    for client, where in ((floor, "/"), (browser, url)):
        answer = client.get(where)
        if answer.status_code != 200:
            raise SystemExit(f"{where} answered {answer.status_code}")
    times = [(timed(lambda: floor.get("/")), timed(lambda: browser.get(url))) for _ in range(rounds)]
    return median(bare for bare, _page in times), median(page for _bare, page in times)


def timed(call: Callable[[], Any]) -> float:
    began = perf_counter()
    call().get_data()
    return (perf_counter() - began) * 1000


def sign_in(browser: FlaskClient) -> None:
    page = browser.get("/login").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    browser.post("/login", data={"login": INSTRUCTOR, "password": PASSWORD, "csrf_token": token})


def fill(count: int) -> int:
    """Put so many steps behind those of `load`, without chain; returns the number of the first."""
    chance = random.Random(4)
    with db.engine.begin() as connection:
        sandbox: Any = Sandbox.__table__
        first = int(connection.execute(sandbox.select()).one().last_step) + 1
        stands: dict[int, int] = {}
        for start in range(first, first + count, CHUNK):
            rows, touches = [], []
            for number in range(start, min(start + CHUNK, first + count)):
                serial = rich(number) or chance.randrange(FEW, FEW + LEADS)
                at = START + timedelta(days=DAYS) * (number - first) / count
                rows.append(step(number, f"s{number % MEMBERS + 1:03}", at, serial, stands))
                touches.append({"sandbox_id": 1, "kind": "lead", "serial": serial, "step": number, "look": 0})
            connection.execute(insert(Operation), rows)
            connection.execute(insert(Touch), touches)
        last = {"last_step": first + count - 1, "last_lab_at": START + timedelta(days=DAYS)}
        connection.execute(update(sandbox).values(**last))
    return first


def rich(number: int) -> int | None:
    """The lead that every so many steps touch, where this is one of them."""
    if number % OFTEN == 0:
        return RICH
    return RICHEST if number % OFTENEST == 0 else None


def step(number: int, member: str, at: datetime, serial: int, stands: dict[int, int]) -> dict[str, Any]:
    """A step that creates a lead or changes its number of employees."""
    before = stands.get(serial)
    stands[serial] = number
    change: dict[str, Any] = {"what": "changed", "kind": "lead", "id": serial}
    change |= {"before": {"employees": before}, "after": {"employees": number}}
    if before is None:
        after: dict[str, Any] = {
            "name": f"Lead {serial}",
            "company": "Hopper Ltd",
            "status": "new",
            "owner": member,
        }
        after |= {"source": "web", "mobile": "13800000000", "city": "Hangzhou", "employees": number}
        change |= {"what": "created", "before": {}, "after": after}
    verb = "create" if before is None else "edit"
    row: dict[str, Any] = {
        "sandbox_id": 1,
        "id": number,
        "member": member,
        "at": at,
        "lab_at": at,
        "kind": "lead",
    }
    row |= {"verb": verb, "record": serial, "label": f"Lead {serial}", "origin": "screen", "outcome": "done"}
    return {**row, "answers": {}, "changes": [change], "request": f"r{number}", "hash": f"{number:064}"}


if __name__ == "__main__":
    main()
