"""Bundles of browser code: built once at start into the instance folder, never while answering.

A build lies in a folder named by the fingerprint of its sources, and is moved there whole. So two
processes that start together do not disturb one another, and a read-only installation is no obstacle.
"""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from flask import Flask

from labapp.values import dataclass

SOURCES = Path(__file__).parent / "static"
MANIFEST = "manifest.json"
KEPT_BUILDS = 4
COMPRESSED = frozenset((".css", ".js", ".svg", ".txt", ".json"))
ON_EVERY_PAGE = frozenset(("core", "theme"))
NOT_SERVED = frozenset(("vendor/made-from.sha256",))


@dataclass(frozen=True)
class Parts:
    """The sources of one bundle, relative to the static folder."""

    css: tuple[str, ...] = ()
    js: tuple[str, ...] = ()


# `core` is on every page; the others are fetched by the page when it holds something that needs them.
BUNDLES = {
    "core": Parts(
        css=(
            "vendor/bootstrap.css",
            "css/tokens.css",
            "css/frame.css",
            "css/parts.css",
            "css/records.css",
            "css/plan.css",
            "css/markdown.css",
            "css/reports.css",
            "css/print.css",
        ),
        js=(
            "vendor/htmx.js",
            "vendor/bootstrap.js",
            "js/labapp.js",
            "js/dialogs.js",
            "js/drafts.js",
            "js/session.js",
            "js/forms.js",
            "js/bulk.js",
            "js/select.js",
            "js/coach.js",
            "js/board.js",
            "js/plan.js",
            "js/signature.js",
            "js/keys.js",
            "js/app.js",
        ),
    ),
    "theme": Parts(js=("js/theme.js",)),
    "chart": Parts(js=("vendor/chart.js", "js/charts.js")),
    "network": Parts(css=("css/network.css",), js=("vendor/cytoscape.js", "js/network.js")),
    "board": Parts(js=("vendor/sortable.js",)),
    "exam": Parts(css=("css/exam.css",), js=("js/exam.js",)),
    "editor": Parts(css=("css/editor.css",), js=("js/editor.js",)),
    "log": Parts(css=("css/log.css",)),
    "wall": Parts(css=("css/wall.css",), js=("js/wall.js",)),
    "calendar": Parts(
        css=("vendor/fullcalendar.css", "vendor/fullcalendar-theme.css", "css/calendar.css"),
        js=(
            "vendor/fullcalendar.js",
            "vendor/fullcalendar-theme.js",
            "vendor/fullcalendar-zh-cn.js",
            "js/calendar.js",
        ),
    ),
    "select": Parts(css=("vendor/tom-select.css", "css/select.css"), js=("vendor/tom-select.js",)),
}


@dataclass(frozen=True)
class StaticFile:
    """One file that is served: where it lies, its compressed twin if it has one, and its version."""

    path: Path
    compressed: Path | None
    version: str


@dataclass(frozen=True)
class Catalogue:
    """All that is served below /static/, by name, and the addresses of the bundles."""

    files: dict[str, StaticFile]
    bundles: dict[str, dict[str, str]]

    def url(self, name: str) -> str:
        """The address of one file with its version; raises KeyError where there is no such file."""
        return f"/static/{name}?v={self.files[name].version}"

    def lazy_bundles(self) -> str:
        """The addresses of the bundles a page fetches only when it needs them, as JSON."""
        return json.dumps({name: urls for name, urls in self.bundles.items() if name not in ON_EVERY_PAGE})


def init_assets(app: Flask) -> Catalogue:
    """Build what is missing and describe what is served.

    The builds lie in the folder of the setting ASSETS_FOLDER, else in `assets` of the data folder.
    Raises RuntimeError with a sentence where the browser libraries are missing.
    """
    if not (SOURCES / "vendor" / "bootstrap.css").is_file():
        raise RuntimeError("The browser libraries are missing. Installing the project with pip fetches them.")
    home = builds(app)
    home.mkdir(parents=True, exist_ok=True)
    digests = {name: digest(SOURCES / name) for name in source_names()}
    built = home / fingerprint(digests)
    if not (built / MANIFEST).is_file():
        build(app, list(digests), built)
        forget_old(home, built)
    return describe(built, digests)


def builds(app: Flask) -> Path:
    """The folder of the builds, each in a folder of its own."""
    return Path(app.config.get("ASSETS_FOLDER") or Path(app.config["DATA"]) / "assets")


def source_names() -> list[str]:
    """Names of all files of the static folder that may be served."""
    return sorted(names_below(SOURCES) - NOT_SERVED)


def names_below(folder: Path) -> set[str]:
    """Names of all files of a folder and of those in it. Each start asks it, and `pathlib` takes ten times as long."""
    found: set[str] = set()
    for place, _folders, names in os.walk(folder):
        inside = Path(place).relative_to(folder).as_posix()
        found.update(names if inside == "." else (f"{inside}/{name}" for name in names))
    return found


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def fingerprint(digests: dict[str, str]) -> str:
    """One name for a state of all sources and of the code that puts them together."""
    text = json.dumps([digests, digest(Path(__file__)), digest(Path(__file__).with_name("bundling.py"))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def build(app: Flask, names: Iterable[str], target: Path) -> None:
    """Make bundles and compressed twins in a folder of their own, then move it to `target` at once."""
    from labapp.web.bundling import build_bundles  # late: most starts find everything built

    folder = Path(tempfile.mkdtemp(prefix="building-", dir=target.parent))
    try:
        build_bundles(app, folder, SOURCES, BUNDLES)
        compress(SOURCES, names, folder / "gzip")
        made = [path.relative_to(folder).as_posix() for path in (folder / "assets").iterdir()]
        compress(folder, made, folder / "gzip")
        folder.chmod(0o755)
        if not (target / MANIFEST).is_file():
            folder.rename(target)
    except OSError:
        if not (target / MANIFEST).is_file():  # else another process has just finished the same build
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compress(folder: Path, names: Iterable[str], target: Path) -> None:
    for name in names:
        if Path(name).suffix in COMPRESSED:
            twin = target / f"{name}.gz"
            twin.parent.mkdir(parents=True, exist_ok=True)
            twin.write_bytes(gzip.compress((folder / name).read_bytes(), 9, mtime=0))


def describe(built: Path, digests: dict[str, str]) -> Catalogue:
    """The catalogue of a finished build."""
    twins, squeezed = built / "gzip", names_below(built / "gzip")

    def static_file(path: Path, name: str, version: str) -> StaticFile:
        twin = f"{name}.gz"
        return StaticFile(path, twins / twin if twin in squeezed else None, version)

    files = {name: static_file(SOURCES / name, name, digests[name]) for name in digests}
    bundles: dict[str, dict[str, str]] = {}
    for output, version in json.loads((built / MANIFEST).read_text("utf-8")).items():
        name = output.replace("%(version)s", version)
        files[name] = static_file(built / name, name, version)
        bundle, _, kind = Path(name).name.split(".")
        bundles.setdefault(bundle, {})[kind] = f"/static/{name}"
    return Catalogue(files, bundles)


def forget_old(home: Path, current: Path) -> None:
    """Remove all but the newest builds; older ones may still be served by a process not yet restarted."""
    builds = [path for path in home.iterdir() if (path / MANIFEST).is_file() and path != current]
    for path in sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_BUILDS - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
