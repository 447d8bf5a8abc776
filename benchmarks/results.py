"""The table of the figures, and the page it is written to."""

import platform
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from benchmarks.measure import Times
from benchmarks.numbers import spread

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


def against(name: str, times: Times, most: float | None = None) -> Figure:
    """A page against another by turns: the median of the rounds' ratios, and the least and most of them."""
    said = spread(times.ratios, "×")
    reach = f"≤ {most:g}×" if most else ""
    return Figure(name, said, times.both, reach, times.ratio <= most if most else None)


def most(name: str, value: float, reach: float, unit: str, absolute: str = "") -> Figure:
    """A figure with a bound of its own."""
    return Figure(name, f"{_short(value)}{unit}", absolute, f"≤ {reach:g}{unit}", value <= reach)


def least(name: str, value: float, reach: float, unit: str, absolute: str = "") -> Figure:
    """A figure that must be so much or more."""
    return Figure(name, f"{value:.2f}{unit}", absolute, f"≥ {reach:g}{unit}", value >= reach)


def _short(value: float) -> str:
    return f"{value:g}" if value == int(value) else f"{value:.1f}"


@dataclass(frozen=True)
class Section:
    """What one part measured, and when: UTC, and how busy the machine was when it began (load of the last minute)."""

    title: str
    how: str
    figures: list[Figure]
    at: datetime
    load: float


def page_of(sections: Iterable[Section], remarks: Iterable[str], notes: str) -> str:
    """The whole page. `notes` is what a person wrote about it."""
    return (
        "\n".join(
            [
                "# What was measured",
                "",
                "Written by `make bench`, part by part; each part says when. Ratios are medians of rounds that take "
                "floor and page by turns, with the least and the most of them in brackets where there are any.",
                "",
                f"Machine: {cpu()}, {cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, "
                f"SQLite {sqlite3.sqlite_version}, "
                + ", ".join(f"{name} {version(name)}" for name in ("flask", "sqlalchemy", "waitress"))
                + ".",
                "",
                *(line for section in sections for line in lines_of(section)),
                "## Remarks",
                "",
                *(f"- {remark}" for remark in remarks),
                "",
                notes,
            ]
        ).rstrip("\n")
        + "\n"
    )


def lines_of(section: Section) -> list[str]:
    """One part as Markdown."""
    busy = f", load {section.load:.1f} when it began" if section.load >= 0 else ""
    return [
        f"## {section.title}",
        "",
        f"{section.at:%Y-%m-%d %H:%M} UTC{busy}. {section.how}".rstrip(),
        "",
        "| figure | measured | absolute | reach | |",
        "|---|---|---|---|---|",
        *(figure.line for figure in section.figures),
        "",
    ]


def cpu() -> str:
    """The model of the processor, where the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
