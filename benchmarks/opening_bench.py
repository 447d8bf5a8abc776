"""Open a scenario for 60 students with about 100 records each, with log and chain, in one process.

    python -m benchmarks.opening_bench [STUDENTS]

It is opened twice, each in a sandbox of its own: first by a process that has just begun, as on the command line, then
by the same one again, as by a site that has been serving for a while. Prints of each how long it took from the question
to the open sandbox (to reach: at most 10 s, by the first), how many steps that are and how many a second (to reach:
2,000, by the second), and the longest time between two commits, which is the longest that anybody else waits (at most
0.5 s).
"""

import sys
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from benchmarks.load import own_settings
from labapp.app import create_app
from labapp.db import migrate
from labapp.lifecycle.verify import verify
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import Scenario, read_scenario
from labapp.scenario.shape import Volumes

STUDENTS = 60
HUNDRED = Volumes(
    lead=14, customer=14, contact=18, opportunity=10, closed_opportunity=5, activity=18, note=12
)


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    with tempfile.TemporaryDirectory() as name:
        app = create_app(own_settings(Path(name)), extensions=[])
        with app.app_context():
            migrate.upgrade()
            for which in ("first", "again"):
                steps, seconds, gaps = opened(hundred_each(), which, students)
                print(f"{which}: {steps:,} steps in {seconds:.2f} s, {steps / seconds:,.0f} a second")
                print(f"others waited at most {max(gaps):.2f} s")


def hundred_each() -> Scenario:
    """sales-basics with volumes for a hundred invented records a seat, more or less."""
    found = read_scenario(scenario_folder("sales-basics"))
    return replace(found, said=found.said.model_copy(update={"volumes": HUNDRED}))


def opened(scenario: Scenario, name: str, students: int) -> tuple[int, float, list[float]]:
    """Steps, seconds, and the times between what was told of progress: one transaction each."""
    told: list[float] = []
    began = perf_counter()
    sandbox = open_sandbox(scenario, Opening(name, students=students), lambda *_: told.append(perf_counter()))
    seconds = perf_counter() - began
    if (wrong := verify(sandbox)) is not None:
        raise RuntimeError(wrong)
    gaps = [after - before for before, after in pairwise(told)]
    return sandbox.last_step, seconds, gaps


if __name__ == "__main__":
    main()
