"""Measure, keep what was measured, and write RESULTS.md from all that is kept.

    python -m benchmarks [--only pages,class] [--folder FOLDER] [--rounds 5] [--requests 100] [--students 60,300,1500]
                         [--think 5] [--seconds 60] [--soak MINUTES] [--small] [--no-background] [--no-write]
    python -m benchmarks --list | --write | --profile [PAGES]

Every part can be run by itself: its figures go to figures.json beside this file, with their own date, in place of its
earlier ones, and the page is made of all of them. The databases are made in FOLDER (a temporary one by default) where
they are not there already; those of a million leads and of two million steps take a quarter of an hour each.
"""

import argparse
import sys
import tempfile
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import keep, results
from benchmarks.measure import Plan
from benchmarks.parts import PARTS
from benchmarks.results import Figure, Section
from benchmarks.run import Run
from benchmarks.student import Habits

NOTES = Path(__file__).with_name("NOTES.md")
REMARKS = [
    "Floors: `hello` is bare Flask; `list` is bare Flask and Jinja with 50 rows of 8 columns by one SQLAlchemy Core "
    "query on the same table, nobody signed in; `commit` is one insert of a row and of a log row over HTTP.",
    "The sandbox: a hundred students in ten departments own the leads in turn, so the manager sees a tenth of them; "
    "a course with the rubric of `sales-basics`, so every page carries the coach's strip. A class of another size has "
    "as many departments of ten as it needs.",
    "List and detail write their look to the log when the answer has been sent, unless others wait (decision 36): one "
    "client that asks again at once waits for a part of that, eight clients wait for all of it.",
    "Lost and double writes: every lead and every conversion that the answer said to be done is looked up in its table "
    "and in the log, by number, member and mobile number; then the whole chain of the log is checked.",
    "Absolute times are those of the run. Other work on the machine at the same time makes the longer answers "
    "relatively slower: take the ratios of a calm machine.",
]


def main() -> None:
    asked = arguments()
    if asked.list:
        print(*(f"{name:<12} {part.title}" for name, part in PARTS.items()), sep="\n")
        return
    with ExitStack() as stack:
        folder = Path(asked.folder or stack.enter_context(tempfile.TemporaryDirectory()))
        run = run_of(asked, folder.resolve())
        if asked.profile is not None:
            from benchmarks.profiles import profiled

            print(profiled(run, asked.profile.split(",") if asked.profile else []))
            return
        failed = [
            name
            for name in ([] if asked.write else wanted(asked))
            if not measured(name, run, write=not asked.no_write)
        ]
    if not asked.no_write:
        results.PAGE.write_text(page(), encoding="utf-8")
    if failed:
        sys.exit(f"These parts failed, see above: {', '.join(failed)}. What they measured before is kept.")


def arguments() -> Any:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measure, and write benchmarks/RESULTS.md."
    )
    parser.add_argument("--only", help="these parts, by commas (see --list)")
    parser.add_argument("--list", action="store_true", help="say which parts there are")
    parser.add_argument(
        "--write", action="store_true", help="write the page from what is kept, measure nothing"
    )
    parser.add_argument("--folder", help="where the databases are, or are to be kept")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100, help="in each batch of a round")
    parser.add_argument("--students", default="60,300,1500", help="in each crowd")
    parser.add_argument("--most", type=int, default=4000, help="students, in search of the knee")
    parser.add_argument("--think", type=float, default=5.0, help="seconds before a page, on average")
    parser.add_argument("--seconds", type=float, default=60.0, help="a crowd is watched for")
    parser.add_argument("--soak", type=float, help="minutes: the part `soak` alone")
    parser.add_argument("--small", action="store_true", help="a trial, over small databases")
    parser.add_argument("--no-background", action="store_true", help="browsers ask nothing by themselves")
    parser.add_argument(
        "--profile", nargs="?", const="", help="say where the time goes, for all pages or these"
    )
    parser.add_argument("--no-write", action="store_true", help="print only, and keep nothing")
    return parser.parse_args()


def run_of(asked: Any, folder: Path) -> Run:
    return Run(
        folder,
        Plan(asked.rounds, asked.requests),
        Habits(asked.think, not asked.no_background),
        tuple(map(int, asked.students.split(","))),
        asked.seconds,
        asked.soak or 20,
        asked.most,
        asked.small,
    )


def wanted(asked: Any) -> list[str]:
    """The names of the parts to be measured. Ends the program where there is none of that name."""
    if asked.soak is not None and not asked.only:
        return ["soak"]
    if not asked.only:
        return [name for name, part in PARTS.items() if part.by_default]
    names: list[str] = asked.only.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    return names


def measured(name: str, run: Run, *, write: bool) -> bool:
    """Measure one part. False where it broke off; the others go on without it."""
    try:
        measure(name, run, write=write)
    except Exception:
        traceback.print_exc()
        return False
    return True


def measure(name: str, run: Run, *, write: bool) -> None:
    """Measure one part, say each figure as it comes, and keep them."""
    at, load = keep.now(), keep.busy()
    print(f"{name}, {at:%H:%M} UTC, load {load:.1f}", flush=True)
    figures: list[Figure] = []
    for figure in PARTS[name].measure(run):
        print(figure.line, flush=True)
        figures.append(figure)
    if write:
        keep.keep(name, keep.Kept(at, load, figures))


def page() -> str:
    """The page of all that is kept, in the order of the parts."""
    kept = keep.read()
    sections = [
        Section(part.title, part.how, kept[name].figures, kept[name].at, kept[name].load)
        for name, part in PARTS.items()
        if name in kept
    ]
    notes = NOTES.read_text("utf-8") if NOTES.exists() else ""
    return results.page_of(sections, REMARKS, notes)


if __name__ == "__main__":
    main()
