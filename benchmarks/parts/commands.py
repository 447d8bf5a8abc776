"""What other programs of this folder measure, each in a process of its own."""

import json
import re
from collections.abc import Iterator

from benchmarks.results import Figure, least, most, ratio
from benchmarks.run import Run, output

TIME = "In a process of its own, which waits for nobody."


def grading(run: Run) -> Iterator[Figure]:
    said = output("benchmarks.grade_bench")
    floor, whole, times = map(float, re.findall(r"[0-9.]+(?= s$|$)", said, re.MULTILINE))
    name = "grade 60 members × 5,000 steps × 30 checks, against reading and decoding"
    yield ratio(name, times, f"{whole:.2f} s against {floor:.2f} s of processor time", 3)


def coach(run: Run) -> Iterator[Figure]:
    """The same class in a database: graded as a whole, and a student's coach after one new step."""
    found = json.loads(output("benchmarks.coach_bench", str(run.folder / "class")))
    said = f"{found['grade']:.2f} s against {found['decode']:.2f} s of processor time"
    name = "grade such a class from the database, against reading and decoding its rows"
    yield ratio(name, found["grade"] / found["decode"], said, 3)
    again = f"{found['worked anew']:.0f} ms of processor time; again {found['shown again']:.0f} ms"
    name = "from a new step of one member to the coach that shows it, in a process that has kept nothing"
    yield most(name, found["shown anew"], 200, " ms", again)


def reviewing(run: Run) -> Iterator[Figure]:
    """What a record was, and the heat map, in a sandbox of 300,000 steps."""
    said = output("benchmarks.log_bench")
    for name, page, floor in re.findall(
        r"^(.+): ([0-9.]+) ms against floor `list` ([0-9.]+) ms", said, re.MULTILINE
    ):
        both = f"{page} ms against {floor} ms"
        if "as it was" in name and "list" not in name:
            yield ratio(f"{name}, against floor `list`", float(page) / float(floor), both, 10)
        else:
            yield Figure(name, f"{float(page):.0f} ms", both)


def importing(run: Run) -> Iterator[Figure]:
    """Imports of leads and customers, killed half-way: how long another process that writes has to wait at most."""
    rows = 10_000 if run.small else 50_000
    said = output("benchmarks.import_bench", str(rows))
    waits = [float(wait) for wait in re.findall(r"at most ([0-9.]+) s", said)]
    costs = [float(cost) for cost in re.findall(r"(?:running|undoing): .* ([0-9.]+) ms of", said)]
    seconds = "; ".join(re.findall(r"^[a-z ]+: .* in [0-9.]+ s", said, re.MULTILINE))
    name = f"import and undo of {rows:,} leads and {rows:,} customers, killed half-way"
    yield most(f"{name}: the longest write of another process meanwhile", max(waits), 0.5, " s", seconds)
    yield most(f"{name}: processor time of a row written or taken back", max(costs), 2, " ms")


def opening(run: Run) -> Iterator[Figure]:
    """A class of 60 opened from a scenario with a hundred records each, by a new process and by the same once more."""
    said = output("benchmarks.opening_bench")
    form = r"([0-9,]+) steps in ([0-9.]+) s, ([0-9,]+) a second\n.*at most ([0-9.]+) s"
    (steps, seconds, at_first, longest), (_, again, rate, _) = re.findall(form, said)
    name = "open a scenario for 60 members × 100 records, with log and chain"
    yield most(name, float(seconds), 10, " s", f"{steps} steps; others waited {longest} s")
    told = (
        f"{again} s, in a process that has opened one before; {at_first} a second in one that has just begun"
    )
    yield least("logged records written by it", float(rate.replace(",", "")), 2000, " a second", told)


def walking(run: Run) -> Iterator[Figure]:
    """The clock of such a class goes on by eight weeks at once, or by ten days in a trial."""
    days = 10 if run.small else 56
    said = output("benchmarks.clock_bench", "60", str(days))
    found = re.search(r"([0-9,]+) acts in ([0-9,]+) pieces, ([0-9.]+) s; the longest ([0-9.]+) s", said)
    assert found is not None
    acts, pieces, seconds, longest = found.groups()
    name = f"the clock goes on by {days} days, 60 members × 100 records: the longest write transaction"
    told = f"{acts} acts in {pieces} pieces, {seconds} s of processor time"
    yield most(name, float(longest), 0.25, " s", told)


def archiving(run: Run) -> Iterator[Figure]:
    """A sandbox of 300,000 steps into an archive, read back, and out of it into an empty database."""
    said = output("benchmarks.archive_bench", str(run.folder / "archive")).splitlines()
    seconds = sum(float(line.split()[1]) for line in said)
    yield most("archive, verify and restore a sandbox of 300,000 steps", seconds, 60, " s", "; ".join(said))
