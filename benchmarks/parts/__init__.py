"""The parts of a run: each measures something by itself and gives its figures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.parts import commands, crowds, databases, growth, pages, reports, sides
from benchmarks.results import Figure
from benchmarks.run import Run


@dataclass(frozen=True)
class Part:
    """A title, a sentence about how, and what to call. `by_default` False: only where it is asked for."""

    title: str
    how: str
    measure: Callable[[Run], Iterable[Figure]]
    by_default: bool = True


PARTS = {
    "pages": Part("Pages against floors, SQLite, 100,000 leads", pages.HOW, pages.against_floors),
    "statements": Part("SQL statements of a page", "Counted in one process.", pages.statements),
    "memory": Part("Memory", "VmRSS of `labapp run` after a thousand mixed requests.", pages.memory),
    "cold": Part("Start", "From the command to the last byte of the sign-in page.", pages.cold_start),
    "lists": Part("Growth: lists", growth.LISTS, growth.lists),
    "search": Part("Growth: search", growth.SEARCH, growth.searches),
    "steps": Part("Growth: the log", growth.STEPS, growth.steps),
    "reports": Part("Reports over 100,000 records", reports.HOW, reports.of_many_records),
    "class": Part("A class at work, SQLite", crowds.CLASS, crowds.on_sqlite),
    "class-pg": Part("A class at work, PostgreSQL", crowds.CLASS_PG, crowds.on_postgres),
    "knee": Part("The knee, PostgreSQL", crowds.KNEE, crowds.knee),
    "writers": Part("Thirty write at once, SQLite", crowds.WRITERS, crowds.writers),
    "throughput": Part("Throughput of the list, eight clients", databases.THROUGHPUT, databases.throughput),
    "postgres": Part("Pages against floors, PostgreSQL", databases.PAGES, databases.pages_on_postgres),
    "processes": Part("Two processes against one, PostgreSQL", databases.PROCESSES, databases.processes),
    "compare": Part("Beside Django admin and Flask-Admin", sides.HOW, sides.compared),
    "soak": Part("Soak", crowds.SOAK, crowds.soak, by_default=False),
    "grading": Part("Grading a file", commands.TIME, commands.grading),
    "coach": Part("Grading and coach of a class in the database", commands.TIME, commands.coach),
    "importing": Part("Import", commands.TIME, commands.importing),
    "reviewing": Part("The log as it was, 300,000 steps", commands.TIME, commands.reviewing),
    "archiving": Part("Archive", commands.TIME, commands.archiving),
    "opening": Part("Opening a scenario", commands.TIME, commands.opening),
    "clock": Part("The clock", commands.TIME, commands.walking),
}
