"""The table of the figures, and the page it is written to."""

import platform
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

PAGE = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Figure:
    """One line: what it is, what was measured and must be reached, in words; `met` None where nothing is asked."""

    name: str
    measured: str
    absolute: str = ""
    reach: str = ""
    met: bool | None = None

    @property
    def line(self) -> str:
        met = {True: "met", False: "**not met**", None: ""}[self.met]
        return f"| {self.name} | {self.measured} | {self.absolute} | {self.reach} | {met} |"


def ratio(name: str, value: float, absolute: str, most: float) -> Figure:
    """A figure that is so many times another."""
    return Figure(name, f"{value:.2f}×", absolute, f"≤ {most:g}×", value <= most)


def most(name: str, value: float, reach: float, unit: str, absolute: str = "") -> Figure:
    """A figure with a bound of its own."""
    said = f"{value:g}" if value == int(value) else f"{value:.1f}"
    return Figure(name, f"{said}{unit}", absolute, f"≤ {reach:g}{unit}", value <= reach)


def page_of(figures: list[Figure], how: str, remarks: list[str]) -> str:
    """The whole page."""
    return "\n".join(
        [
            "# What was measured",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, by `make bench`. {how}",
            "",
            f"Machine: {cpu()}, {cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, "
            f"SQLite {sqlite3.sqlite_version}, "
            + ", ".join(f"{name} {version(name)}" for name in ("flask", "sqlalchemy", "waitress"))
            + ".",
            "",
            "| figure | measured | absolute | reach | |",
            "|---|---|---|---|---|",
            *(figure.line for figure in figures),
            "",
            *(f"- {remark}" for remark in remarks),
            "",
        ]
    )


def cpu() -> str:
    """The model of the processor, where the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
