"""What the command line asked for, and where the databases of a run are."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Plan
from benchmarks.student import Habits

SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
SEATS = 10  # students in a department
LEADS_EACH = 20


@dataclass(frozen=True)
class Run:
    """How to measure. `seconds` is how long a crowd is watched, `students` how many there are in each crowd."""

    folder: Path
    plan: Plan
    habits: Habits
    students: tuple[int, ...] = (60, 300, 1500)
    seconds: float = 60
    soak: float = 20
    most_students: int = 4000
    small: bool = False  # a trial: everything is tried over small databases

    @property
    def middle(self) -> int:
        """How many leads most parts are measured over."""
        return SMALL if self.small else MIDDLE

    @property
    def large(self) -> int:
        """How many leads growth is measured up to."""
        return 2 * SMALL if self.small else LARGE

    def leads(self, size: int) -> Path:
        """The folder of the database with so many leads, made if it is not there."""
        print(f"database of {size:,} leads", file=sys.stderr)
        return loaded(self.folder / str(size), str(size))

    def classroom(self, students: int) -> Path:
        """The folder of a new copy of a class of so many students, with twenty leads each and ten thousand at least."""
        whole = max(SMALL, students * LEADS_EACH)
        departments = -(-students // SEATS)
        source = loaded(self.folder / f"class-{students}", str(whole), "--departments", str(departments))
        copy = self.folder / "played"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        return copy


def loaded(folder: Path, *words: str, module: str = "benchmarks.load") -> Path:
    """Make a database in a process of its own, so that its memory is given back. One that is there stays."""
    subprocess.run([sys.executable, "-m", module, str(folder), *words], check=True, stdout=sys.stderr)
    return folder


def output(module: str, *words: str) -> str:
    """What another process of the benchmarks says."""
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
