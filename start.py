"""Set everything up and start the site: `python start.py`. Needs Python 3.11 or newer and nothing else.

    python start.py [run] [--host H] [--port P] [--fresh] …   the demo class on http://127.0.0.1:5000
    python start.py setup                                      what working on the code needs
    python start.py test | test-quick | test-slow | test-postgres [ARGS]
                                                               checks and tests; ARGS go to pytest

The Makefile calls this file, and on Windows it stands in for make. All goes into the folder .venv beside
it: libraries from the locks in requirements/ (each file checked by its hash), then the project itself. A
second start finds the stamps of the first and goes straight on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMPS = VENV / "labapp-stamps.json"
OLDEST = (3, 11)
COMMANDS = ("run", "setup", "test", "test-quick", "test-slow", "test-postgres")

# What the installed project depends on, beside the libraries: a change of one of these installs it again.
PROJECT_FILES = (
    "pyproject.toml",
    "package-lock.json",
    "hatch_build.py",
    "labapp/web/icons.txt",
    "labapp/translations/*/LC_MESSAGES/messages.po",
)
# And what its build makes: where one is gone, it is installed again.
PROJECT_MADE = ("labapp/web/static/vendor/made-from.sha256",)


class SetUpError(Exception):
    """A sentence for the person at the terminal."""


def main(arguments: list[str]) -> int:
    """Do what the command line says; returns the exit code."""
    command, rest = split(arguments)
    if command == "help":
        print(__doc__)
        return 0
    try:
        check_python(sys.version_info[:2])
        make_environment()
        if command == "run":
            install("run")
            return hand_over([str(SCRIPTS / "labapp"), "run", "--demo", *rest])
        install("dev")
        if command == "setup":
            print(f"Ready: {PYTHON.relative_to(ROOT)} has everything.")
            return 0
        return hand_over([str(PYTHON), str(ROOT / "tools" / "check.py"), command, *rest])
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1


def split(arguments: list[str]) -> tuple[str, list[str]]:
    """The command and what is left for it. Options without a command belong to `run`."""
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        return "help", []
    if arguments and arguments[0] in COMMANDS:
        return arguments[0], arguments[1:]
    if arguments and not arguments[0].startswith("-"):
        print(f"There is no command {arguments[0]}. There are: {', '.join(COMMANDS)}.", file=sys.stderr)
        raise SystemExit(2)
    return "run", arguments


def check_python(version: tuple[int, ...]) -> None:
    """Raises SetUpError on a Python that is too old."""
    if version < OLDEST:
        have = ".".join(map(str, version))
        need = ".".join(map(str, OLDEST))
        raise SetUpError(f"Python {need} or newer is needed, and this is {have}. Try: python{need} start.py")


def make_environment() -> None:
    """Make .venv, or make it anew where its Python no longer starts (moved, upgraded or half made)."""
    if PYTHON.exists() and quiet(
        [str(PYTHON), "-c", f"import pip, sys; assert sys.version_info >= {OLDEST}"]
    ):
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise SetUpError(
            "This Python comes without venv. On Debian and Ubuntu: apt-get install python3-venv (as root)."
        )
    print("Making an environment of its own in .venv …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)], "The environment .venv could not be made.")


def install(level: str) -> None:
    """Install the libraries of requirements/LEVEL.lock and the project, unless their stamps are right.

    `level` is "run" or "dev". The dev lock holds all of the run lock, so it counts for both.
    """
    stamps = read_stamps()
    libraries = fingerprint([f"requirements/{level}.lock", "requirements/build.lock"])
    if stamps.get(level) != libraries:
        print("Installing libraries (the first time takes a minute or two) …", flush=True)
        for name in ("build", level):
            pip("--require-hashes", "--requirement", f"requirements/{name}.lock")
        stamps[level] = libraries
        if level == "dev":
            stamps["run"] = fingerprint(["requirements/run.lock", "requirements/build.lock"])
        write_stamps(stamps)
    project = fingerprint(PROJECT_FILES)
    if stamps.get("project") != project or not all((ROOT / name).exists() for name in PROJECT_MADE):
        install_project()
        write_stamps({**stamps, "project": project})


def install_project() -> None:
    """Install the project as editable; its build brings the browser libraries and compiles the messages."""
    if not (ROOT / PROJECT_MADE[0]).exists() and shutil.which("npm") is None:
        print("No npm here, so one comes from the package index …", flush=True)
        pip("--require-hashes", "--requirement", "requirements/node.lock")
    print("Fetching the browser libraries and compiling the messages …", flush=True)
    # Without isolation the build uses what build.lock installed, and nothing unlocked is fetched.
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    # Compiled now, it starts a second sooner, also where Python is told to keep nothing.
    run(
        [str(PYTHON), "-m", "compileall", "-q", "labapp", "instructor", "seed"],
        "The code could not be compiled.",
    )


def pip(*arguments: str) -> None:
    """Run `pip install` in the environment. Raises SetUpError if it fails; pip has then said why."""
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    run([*command, *arguments], "pip could not install what is needed; its message stands above.")


def run(command: list[str], sorry: str) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SetUpError(sorry)


def quiet(command: list[str]) -> bool:
    """Does it start and end well? Says nothing either way."""
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def hand_over(command: list[str]) -> int:
    """Go on as that program, which then gets the signals; on Windows wait for it."""
    sys.stdout.flush()
    if os.name != "nt":
        os.chdir(ROOT)
        os.execv(command[0], command)  # noqa: S606  # no shell is wanted
    try:
        return subprocess.run(command, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 0


def fingerprint(names: Iterable[str]) -> str:
    """SHA-256 over the names and texts of the files (patterns allowed); line ends do not count."""
    digest = hashlib.sha256()
    for name in names:
        for file in sorted(ROOT.glob(name)):
            digest.update(file.relative_to(ROOT).as_posix().encode())
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(STAMPS.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps


def write_stamps(stamps: dict[str, str]) -> None:
    STAMPS.write_text(json.dumps(stamps, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
