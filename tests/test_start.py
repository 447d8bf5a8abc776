"""What a start of the site reads (docs/decisions/0021-a-start-reads-little.md)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# What only some pages, commands or databases need; a start that reads one of them pays for it each time.
NOT_YET = (
    "alembic",
    "instructor",
    "labapp.lifecycle.backup",
    "labapp.lifecycle.chores",
    "labapp.modules.exams.shape",
    "labapp.scenario.happen",
    "labapp.scenario.shape",
    "limits",
    "markdown_it",
    "nh3",
    "openpyxl",
    "psycopg",
    "pydantic",
    "python_calamine",
    "rapidfuzz",
    "ruamel.yaml",
    "sqlalchemy.dialects.postgresql",
    "xlsxwriter",
)
START = """
import gc, json, sys
from labapp.app import complete
from labapp.cli.run import say
from labapp.cli.shell import bring_up_to_date, speaking
from labapp.web.context import has_page
from labapp.web.growing import Growing
from werkzeug.test import create_environ, run_wsgi_app
import socket

def asked(path):
    body, status, headers = run_wsgi_app(site, create_environ(path))
    return [status, b"".join(body).decode()]

with speaking(served=True) as app:
    anew = bring_up_to_date()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        say(app, taken, "127.0.0.1", [])
site = Growing(app, complete)
status, page = asked("/login")
read = sorted(sys.modules)
with app.app_context():
    before = has_page("/instructor/users")
console = asked("/instructor/courses")[0]
with app.app_context():
    known = [before, has_page("/instructor/users")]
print(json.dumps({"anew": anew, "status": status, "page": page, "read": read, "console": console,
                  "frozen": gc.get_freeze_count(), "known": known}))
"""


def run(*command: str) -> str:
    said = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=os.environ, check=True
    )
    return said.stdout.splitlines()[-1]


def test_a_start_on_a_database_reads_only_what_the_way_in_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path))
    monkeypatch.delenv("LABAPP_DATABASE_URL", raising=False)
    run("-c", "from labapp.cli import main; main()", "init")
    found = json.loads(run("-c", START))
    assert (found["anew"], found["status"]) == (False, "200 OK")
    assert 'name="password"' in found["page"]
    assert [name for name in NOT_YET if name in found["read"]] == []
    assert found["frozen"] > 100_000
    assert found["console"].startswith("302")
    assert found["known"] == [False, True]
