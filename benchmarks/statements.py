"""SQL statements of a request, counted in this process; a look is what a GET writes, from the number of its step on.

    python -m benchmarks.statements FOLDER

prints them as JSON.
"""

import json
import re
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks.load import MANAGER, PASSWORD, own_settings, rich
from benchmarks.visit import LEAD
from labapp.app import create_app
from labapp.db import db

TURNS = ("BEGIN", "COMMIT", "ROLLBACK")


def counted(folder: Path) -> dict[str, int]:
    """Statements of list, detail and create, and how many related lists the detail page has."""
    seen: list[str] = []
    calls = calls_in_process(folder, seen)
    numbers = {}
    for name in ("list", "detail", "create"):
        for _ in range(3):  # the last one: what is kept is there
            seen.clear()
            answer = calls[name]()
        numbers[name] = len(page_statements(seen, writes=name == "create"))
        if name == "detail":
            numbers["related lists"] = answer.text.count('class="card related"')
    return numbers


def calls_in_process(folder: Path, seen: list[str] | None = None) -> dict[str, Callable[[], Any]]:
    """A manager's pages by the test client; every statement of them goes to `seen`."""
    app = create_app({**own_settings(folder), "TESTING": True})
    with app.app_context():
        if seen is not None:
            event.listen(db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
        with db.engine.connect() as connection:
            record = rich(connection)[0]
    client = signed_in(app.test_client())
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/leads/new").text)
    assert found
    typed, numbers = {"csrf_token": found[1], **LEAD}, count(1)
    calls: dict[str, Callable[[], Any]] = {
        "list": lambda: client.get("/leads/"),
        "detail": lambda: client.get(f"/leads/{record}"),
        "create": lambda: client.post("/leads/new", data={**typed, "mobile": f"136{next(numbers):08}"}),
        "search": lambda: client.get("/leads/?q=上海"),
        "report": lambda: client.get("/leads/reports/source"),
    }
    return {name: answered(call) for name, call in calls.items()}


def answered(call: Callable[[], Any]) -> Callable[[], Any]:
    """The call, if a page or the way to one comes back."""

    def ask() -> Any:
        answer = call()
        assert answer.status_code in {200, 302}, answer.text[:1000]
        return answer

    return ask


def signed_in(client: FlaskClient) -> FlaskClient:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found
    client.post("/login", data={"csrf_token": found[1], "login": MANAGER, "password": PASSWORD})
    return client


def page_statements(seen: list[str], *, writes: bool) -> list[str]:
    """Those that are no look and no turn of a transaction."""
    starts = [
        i for i, statement in enumerate(seen) if statement.upper().startswith("UPDATE SANDBOX SET LAST_STEP")
    ]
    if not writes and starts:
        seen = seen[: starts[-1]]
    return [statement for statement in seen if statement.split()[0] not in TURNS]


if __name__ == "__main__":
    print(json.dumps(counted(Path(sys.argv[1]))))
