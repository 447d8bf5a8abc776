"""What the tests need on the machine beside Python: found, installed on Debian as root, or named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """A program of the machine: its Debian package, what it is for, and whether it is there."""

    package: str
    purpose: str
    is_there: Callable[[], bool]


def has_chromium() -> bool:
    return find_chromium() is not None


def find_chromium() -> str | None:
    """Path of Chromium or Chrome, or None. LABAPP_TEST_CHROMIUM goes before what is on the path."""
    named = os.environ.get("LABAPP_TEST_CHROMIUM")
    if named:
        return named
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def find_postgres() -> Path | None:
    """Folder with initdb, pg_ctl and postgres of the newest PostgreSQL, or None.

    Debian keeps them outside PATH, in one folder per version.
    """
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(versions, key=lambda file: int(file.parent.parent.name), reverse=True)
    if newest:
        return newest[0].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def has_postgres() -> bool:
    return find_postgres() is not None


def has_nginx() -> bool:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin") is not None


def has_chinese_font() -> bool:
    """Is there a font that draws Chinese? Windows and macOS bring one."""
    if sys.platform in ("win32", "darwin"):
        return True
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh", "family"], capture_output=True).stdout.strip())


NEEDS = (
    Need("chromium", "the browser tests", has_chromium),
    Need("fonts-noto-cjk", "Chinese in pictures of pages", has_chinese_font),
    Need("postgresql", "the tests on PostgreSQL", has_postgres),
    Need("nginx-light", "the test behind a proxy", has_nginx),
)


def prepare_machine() -> list[Need]:
    """Install what is missing where that is possible, else say what to install. Returns what is missing."""
    missing = [need for need in NEEDS if not need.is_there()]
    if missing and can_install():
        install([need.package for need in missing])
        missing = [need for need in missing if not need.is_there()]
    for need in missing:
        print(
            f"Missing: {need.package}, for {need.purpose}. On Debian, as root: apt-get install {need.package}"
        )
    return missing


def can_install() -> bool:
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: list[str]) -> None:
    """Install Debian packages; what apt says is shown only where it fails."""
    print(f"Installing for the tests: {' '.join(packages)} …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages, "fontconfig"],
    ):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
