"""All checks and tests, as `make test`, `make test-quick` and `make test-slow` run them.

    python tools/check.py test | test-quick | test-slow | test-postgres [ARGS for pytest]

Every check runs even if one before it failed; what failed is listed at the end. Exit 0 if nothing did.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from machine import prepare_machine

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
PYTHON = sys.executable

CHECKS: dict[str, list[str]] = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports"],
    "djlint": ["djlint", "--lint", "--quiet", "labapp", "instructor"],
    "deptry": ["deptry", "."],
    "messages": [PYTHON, "tools/messages.py", "check"],
}

# Which tests each command runs, and how many seconds one test may take.
TESTS: dict[str, tuple[str, int]] = {
    "test": ("not slow", 300),
    "test-quick": ("not slow and not postgres and not browser", 120),
    "test-slow": ("slow", 1800),
    # whatever has a database, once more over PostgreSQL
    "test-postgres": ("database and not slow and not browser and not postgres", 600),
}
OVER_POSTGRES = ["--database=postgresql"]
ALSO = {"test-slow": ("test-slow", "test-postgres")}


def main(arguments: list[str]) -> int:
    command, rest = arguments[0], arguments[1:]
    if command not in TESTS:
        print(f"There is no {command}. There are: {', '.join(TESTS)}.", file=sys.stderr)
        return 2
    failed = []
    if command != "test-quick":
        prepare_machine()
    if command in {"test", "test-quick"}:
        failed = [name for name, program in CHECKS.items() if not passes(name, program)]
    codes = [
        run_tests(*TESTS[name], [*(OVER_POSTGRES if name == "test-postgres" else []), *rest])
        for name in ALSO.get(command, (command,))
    ]
    if failed:
        print(f"These checks failed, see above: {', '.join(failed)}", file=sys.stderr)
    return next(filter(None, codes), 1 if failed else 0)


def passes(name: str, program: list[str]) -> bool:
    """Run one check; its output is shown only if it fails."""
    started = time.monotonic()
    command = [str(SCRIPTS / program[0]) if program[0] != PYTHON else PYTHON, *program[1:]]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", errors="replace"
    )
    word = "failed" if done.returncode else "ok"
    print(f"{name:<16} {word:<7} {time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def run_tests(which: str, seconds: int, rest: list[str]) -> int:
    """Run pytest on the tests of a marker expression; returns its exit code."""
    workers = str(max(2, min(8, os.cpu_count() or 2)))
    command = [PYTHON, "-m", "pytest", "-m", which, "-n", workers, "--dist", "worksteal"]
    return subprocess.run([*command, f"--timeout={seconds}", "--durations=10", *rest], cwd=ROOT).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
