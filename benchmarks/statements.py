"""SQL statements of a request, counted in this process; a look is what a GET writes, from the number of its step on.

    python -m benchmarks.statements FOLDER

prints them as JSON.
"""

import json
import re
import sys
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
    app = create_app({**own_settings(folder), "TESTING": True})
    seen: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
        with db.engine.connect() as connection:
            record = rich(connection)[0]
    client = signed_in(app.test_client())
    page = client.get(f"/leads/{record}").text
    form = client.get("/leads/new").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert found
    typed = {"csrf_token": found[1], **LEAD, "mobile": "13900000001"}
    calls: dict[str, Any] = {
        "list": lambda: client.get("/leads/"),
        "detail": lambda: client.get(f"/leads/{record}"),
        "create": lambda: client.post("/leads/new", data=typed),
    }
    numbers = {}
    for name, call in calls.items():
        for _ in range(3):  # the last one: what is kept is there
            seen.clear()
            answer = call()
            assert answer.status_code in {200, 302}, answer.text[:1000]
        numbers[name] = len(page_statements(seen, writes=name == "create"))
    return {**numbers, "related lists": page.count('class="card related"')}


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
