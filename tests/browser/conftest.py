"""Chromium of the machine, a served demo class, and what every page must keep to.

A missing Chromium or Chinese font fails in CI; elsewhere the tests are skipped with the reason.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.postgres import absent
from tools.machine import find_chromium, has_chinese_font

HERE = Path(__file__).parent

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No test leaves this machine, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

START_SECONDS = 120


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in this folder carries the mark `browser`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one."""
    chromium = find_chromium()
    if chromium is None:
        absent("Chromium is not installed")
    if not has_chinese_font():
        absent("No font that draws Chinese is installed")
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 800},
        "locale": "en-US",
        "timezone_id": "Asia/Shanghai",
        "reduced_motion": "reduce",
    }


@dataclass(frozen=True)
class Site:
    """A running server: its address (no slash at the end), what it printed at the start, its data folder."""

    url: str
    printed: str
    data: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_served(server: subprocess.Popen[str]) -> tuple[str, str]:
    """Read what the server prints until it names its address and answers there: (address, lines so far)."""
    assert server.stdout is not None
    printed = ""
    for line in server.stdout:
        printed += line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found and answers(found.group()):
            return found.group(), printed
    raise RuntimeError(f"The server ended ({server.wait()}) before it served:\n{printed}")


def answers(address: str) -> bool:
    """Does /healthz say yes? The server has bound its port before it prints, so one question is enough."""
    with urllib.request.urlopen(f"{address}/healthz", timeout=START_SECONDS) as response:
        good: bool = response.status == 200
        return good


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo class, served by the command that people use, in a data folder of its own."""
    data = tmp_path_factory.mktemp("site")
    command = [str(Path(sys.executable).parent / "labapp"), "run", "--demo", "--port", str(free_port())]
    environment = {**os.environ, "LABAPP_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    log = (data / "server.log").open("w")
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, cwd=data
    ) as server:
        try:
            url, printed = wait_until_served(server)
            yield Site(url, printed, data)
        finally:
            server.terminate()
            server.communicate(timeout=START_SECONDS)
            log.close()


def watch(context: BrowserContext) -> list[str]:
    """Collect what pages of the context complain about: script errors and violations of the security policy.

    A refused or missing page is the test's own affair and is left out.
    """
    complaints: list[str] = []
    context.on(
        "console",
        lambda message: (
            complaints.append(f"{message.page.url if message.page else ''}: {message.text}")
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return complaints


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every page a test opens in its `context` runs without script errors and within the security policy."""
    if "context" not in request.fixturenames:
        yield
        return
    complaints = watch(request.getfixturevalue("context"))
    yield
    assert complaints == []


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """assert_accessible(page): axe finds nothing on the page as it stands."""
    axe = Axe()

    def check(page: Page) -> None:
        found = axe.run(page)
        lines = [
            f"{violation['id']}: {violation['help']} — {node['html']}"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]
        assert lines == [], f"axe on {page.url}:\n" + "\n".join(lines)

    return check
