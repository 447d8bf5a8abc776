"""The house keeps its own rules: what is committed, what the documents promise, how it starts."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

import start
from labapp.cli import main as command_line

ROOT = Path(__file__).parent.parent
LOCKS = ("run", "dev", "build", "node", "bench")

# Put together here so that this file does not find itself.
MACHINE_PATHS = re.compile(
    "|".join(("/" + "work/", "/" + "root/", "/" + r"home/\w", "/" + "Users/", "/" + "tmp/[a-z]"))
)
PACKAGE_HOSTS = re.compile(
    "|".join((r"registry\." + r"(npm|yarn)", "python" + r"hosted\.org", r"pypi\." + "org"))
)


def committed() -> list[Path]:
    """Every file git knows of; the test of an unpacked sdist has none and is skipped."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is no clone, so nothing is committed")
    return [file for name in done.stdout.split("\0") if name and (file := ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for file in committed():
        try:
            yield file.relative_to(ROOT), file.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def documents() -> list[tuple[Path, str]]:
    return [(file, text) for file, text in texts() if file.suffix == ".md" and "scenarios" not in file.parts]


def test_no_committed_file_names_a_path_of_a_machine() -> None:
    assert [
        (str(file), found.group()) for file, text in texts() if (found := MACHINE_PATHS.search(text))
    ] == []


def test_no_committed_file_names_a_package_host() -> None:
    assert [
        (str(file), found.group()) for file, text in texts() if (found := PACKAGE_HOSTS.search(text))
    ] == []


def test_no_third_party_or_made_file_is_committed() -> None:
    made = [file for file in committed() if file.suffix in {".mo", ".pyc"} or "vendor" in file.parts]
    assert made == []


def test_a_person_reads_every_file_in_one_sitting() -> None:
    long = {
        str(file): lines
        for file, text in texts()
        if file.suffix == ".py" and "versions" not in file.parts and (lines := text.count("\n")) > 400
    }
    assert long == {}


def pins(name: str) -> dict[str, str]:
    """Package → version and condition of one lock."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8").splitlines()
    return dict(line.rstrip(" \\").split("==", 1) for line in lines if "==" in line and line[0] not in " #")


def test_the_dev_lock_holds_all_of_the_run_lock() -> None:
    assert {name: pin.split(" ;")[0] for name, pin in pins("run").items()}.items() <= {
        name: pin.split(" ;")[0] for name, pin in pins("dev").items()
    }.items()


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_file_has_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    assert re.findall(r"^\w.*==.*\n(?! +--hash=sha256:).*", text, re.M) == []
    assert not re.search(r"://|--index|--find-links", text)


def test_the_browser_lock_has_integrity_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_links_in_documents_lead_to_files() -> None:
    lost = [
        f"{file}: {target}"
        for file, text in documents()
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text)
        if "://" not in target and not (ROOT / file.parent / target).exists()
    ]
    assert lost == []


def test_make_targets_named_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {
        (str(file), name) for file, text in documents() for name in re.findall(r"\bmake ([a-z-]+)`", text)
    }
    assert {(file, name) for file, name in named if name not in targets} == set()


def test_commands_named_in_documents_exist() -> None:
    unknown = []
    for file, text in documents():
        for words in re.findall(r"`labapp ((?:[a-z]+ ?)+)", text):
            command: click.Command | None = command_line
            for word in words.split():
                if not isinstance(command, click.Group):
                    break
                command = command.get_command(click.Context(command), word)
                if command is None:
                    unknown.append(f"{file}: labapp {words}")
                    break
    assert unknown == []


def test_settings_in_the_readme_are_those_the_product_reads() -> None:
    read = {
        name
        for file, text in texts()
        if file.parts[0] in {"labapp", "instructor", "seed"} and file.suffix == ".py"
        for name in re.findall(r"environ(?:\.get\(|\[)\s*\"(LABAPP_[A-Z_]+)\"", text)
    }
    assert set(re.findall(r"^\| `(LABAPP_[A-Z_]+)`", (ROOT / "README.md").read_text("utf-8"), re.M)) == read


def test_every_icon_in_use_is_in_the_sprite() -> None:
    listed = set((ROOT / "labapp/web/icons.txt").read_text("utf-8").split())
    used = set()
    for file, text in texts():
        if file.parts[0] not in {"labapp", "instructor"} or file.suffix not in {".py", ".html"}:
            continue
        used |= set(re.findall(r"\bicon(?:=|\()[\"']([a-z0-9-]+)[\"']", text))
        for table in re.findall(r"\bicon\(\{(.*?)\}", text):
            used |= set(re.findall(r": ?\"([a-z0-9-]+)\"", table))
    assert len(used) > 20
    assert used <= listed


def test_versions_agree_between_python_and_browser_parts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f'"version": "{project["version"]}"' in (ROOT / "package.json").read_text("utf-8")


# start.py


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """start.py over an empty folder; `calls` is what it would have run."""
    calls: list[list[str]] = []
    (tmp_path / ".venv").mkdir()
    (tmp_path / "requirements").mkdir()
    for name in LOCKS:
        (tmp_path / "requirements" / f"{name}.lock").write_text(name)
    (tmp_path / "pyproject.toml").write_text("one")
    vendor = tmp_path / start.PROJECT_MADE[0]
    vendor.parent.mkdir(parents=True)
    vendor.write_text("made")
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "STAMPS", tmp_path / ".venv" / "stamps.json")
    monkeypatch.setattr(start, "run", lambda command, sorry: calls.append(command))
    return SimpleNamespace(calls=calls, root=tmp_path, vendor=vendor)


def installed(machine: SimpleNamespace) -> list[str]:
    """What pip was last asked for, in order; then forgotten."""
    asked = [command[-1] for command in machine.calls if "pip" in command]
    machine.calls.clear()
    return asked


def test_a_first_start_installs_libraries_then_the_project(machine: SimpleNamespace) -> None:
    start.install("run")
    assert installed(machine) == ["requirements/build.lock", "requirements/run.lock", "."]


def test_the_code_is_compiled_after_it_was_installed(machine: SimpleNamespace) -> None:
    start.install("run")
    assert machine.calls[-1][1:] == ["-m", "compileall", "-q", "labapp", "instructor", "seed"]


def test_a_second_start_installs_nothing(machine: SimpleNamespace) -> None:
    start.install("run")
    machine.calls.clear()
    start.install("run")
    assert installed(machine) == []


def test_what_developers_have_is_enough_to_run(machine: SimpleNamespace) -> None:
    start.install("dev")
    machine.calls.clear()
    start.install("run")
    assert installed(machine) == []


def test_a_changed_project_file_installs_the_project_only(machine: SimpleNamespace) -> None:
    start.install("run")
    machine.calls.clear()
    (machine.root / "pyproject.toml").write_text("two")
    start.install("run")
    assert installed(machine) == ["."]


def test_lost_browser_libraries_are_fetched_again(
    machine: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.install("run")
    machine.calls.clear()
    machine.vendor.unlink()
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    start.install("run")
    assert installed(machine) == ["requirements/node.lock", "."]


def test_a_failed_installation_is_tried_again(
    machine: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], sorry: str) -> None:
        raise start.SetUpError(sorry)

    with monkeypatch.context() as broken:
        broken.setattr(start, "run", fail)
        with pytest.raises(start.SetUpError):
            start.install("run")
    start.install("run")
    assert installed(machine) == ["requirements/build.lock", "requirements/run.lock", "."]


def test_an_old_python_is_told_what_to_do() -> None:
    with pytest.raises(start.SetUpError, match=r"Python 3\.11 or newer is needed, and this is 3\.9"):
        start.check_python((3, 9))


def test_a_python_without_venv_is_told_what_to_install(
    machine: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "PYTHON", machine.root / ".venv" / "none")
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(start.SetUpError, match="apt-get install python3-venv"):
        start.make_environment()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("run", [])),
        (["--port", "8080"], ("run", ["--port", "8080"])),
        (["run", "--fresh"], ("run", ["--fresh"])),
        (["test", "-x"], ("test", ["-x"])),
        (["--help"], ("help", [])),
    ],
)
def test_options_without_a_command_belong_to_run(
    arguments: list[str], expected: tuple[str, list[str]]
) -> None:
    assert start.split(arguments) == expected


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        start.split(["rnu"])
    assert "There is no command rnu." in capsys.readouterr().err
