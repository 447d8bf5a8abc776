"""Where the time goes: pages of a member, a report and a grade under a sampling profiler, by package.

Whole trees, as text, go to FOLDER/profiles; what is said is each package's own share of the time.
"""

from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.run import Run

TURNS = 200


def profiled(run: Run, pages: list[str]) -> str:
    """Profile these pages, or all; returns lines of Markdown."""
    if find_spec("pyinstrument") is None:
        raise SystemExit("pip install --require-hashes -r requirements/bench.lock brings the profiler")
    folder = run.folder / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    calls = calls_of(run)
    lines = []
    for name in pages or list(calls):
        shares = profile(name, calls[name], folder)
        said = ", ".join(f"{package} {share:.0%}" for package, share in shares if share >= 0.02)
        lines.append(f"- {name}: {said}.")
    return "\n".join(lines)


def profile(name: str, call: Callable[[], Any], folder: Path) -> list[tuple[str, float]]:
    """Call it again and again under the profiler; returns the shares, greatest first."""
    from pyinstrument import Profiler

    call()
    profiler = Profiler(interval=0.0005)
    with profiler:
        for _ in range(1 if name == "grade" else TURNS):
            call()
    text = profiler.output_text(unicode=True, show_all=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    session: Any = profiler.last_session
    own: Counter[str] = Counter()
    gather(session.root_frame(), own)
    whole = sum(own.values()) or 1.0
    return [(package, time / whole) for package, time in own.most_common()]


def gather(frame: Any, into: Counter[str]) -> None:
    """Add every frame's own time to its package; the profiler puts it into children that lie in no file."""
    stack = [frame]
    while stack:
        one = stack.pop()
        called = [child for child in one.children if child.file_path]
        stack.extend(called)
        into[package_of(one.file_path or "")] += one.time - sum(child.time for child in called)


def package_of(path: str) -> str:
    """'labapp/records', 'sqlalchemy', 'jinja2'; 'templates' for what Jinja made of a template."""
    if path.endswith(".html"):
        return "templates"
    parts = Path(path).parts
    for base in ("labapp", "instructor", "seed"):
        if base in parts[:-1]:
            place = parts.index(base, max(0, len(parts) - 6)) if base in parts[-6:] else parts.index(base)
            return "/".join(parts[place : place + 2]).removesuffix(".py")
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    return "Python itself"


def calls_of(run: Run) -> dict[str, Callable[[], Any]]:
    """What is profiled, by name: all in this process, by the test client."""
    from benchmarks.statements import calls_in_process

    folder = run.leads(run.middle)
    return {**calls_in_process(folder), "grade": grade(run)}


def grade(run: Run) -> Callable[[], Any]:
    """Grade the file of a class of ten as the command does."""
    from benchmarks.grade_bench import RUBRIC, write_log
    from labapp.cli.grade import graded_file

    log, rubric = run.folder / "profiles" / "log.jsonl", run.folder / "profiles" / "rubric.yaml"
    if not log.exists():
        write_log(log, 10, 5000)
        rubric.write_text(RUBRIC, encoding="utf-8")
    return lambda: graded_file(str(log), str(rubric))
