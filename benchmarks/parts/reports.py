"""Reports over a hundred thousand records against the floor `list`."""

from collections.abc import Iterator

from benchmarks.client import Answer, Client, signed_in
from benchmarks.load import INSTRUCTOR, MANAGER, PASSWORD
from benchmarks.measure import Call, by_turns
from benchmarks.results import Figure, against
from benchmarks.run import Run, loaded
from benchmarks.serve import application, floors
from benchmarks.visit import Visits, floor_calls, full

HOW = (
    "As the pages. As many customers, contacts, opportunities, tickets, surveys and tasks as leads, over two years, "
    "owned by a hundred students in turn. The instructor's answers and the manager's own are kept and brought up to "
    "date from the log. “Changed” is with a new lead before every answer."
)
ASKED = {
    "pipeline by stage": "/opportunities/reports/pipeline",
    "performance by person": "/opportunities/reports/team",
    "where the pipeline gets stuck": "/opportunities/reports/bottleneck",
    "won opportunities, a page of 100 lines": "/opportunities/reports/won",
    "customers by segment": "/customers/reports/segment",
    "service by month": "/tickets/reports/overview",
    "leads by source": "/leads/reports/source",
}
REACH = 15


def of_many_records(run: Run) -> Iterator[Figure]:
    folder = loaded(run.folder / "reports", str(run.middle), module="benchmarks.report_data")
    with floors(folder) as bare, application(folder) as served:
        floor = floor_calls(bare.port)["list"]
        calls: dict[str, Call] = {}
        for words, login in (("instructor, all", INSTRUCTOR), ("manager, a tenth", MANAGER)):
            member = signed_in(served.port, login, PASSWORD)
            calls |= {f"{name}; {words}": page_of(member, path) for name, path in ASKED.items()}
        calls["leads by source; instructor, one changed"] = after_a_change(
            Visits(served.port, []), served.port
        )
        for name, times in by_turns(floor, calls, run.plan).items():
            yield against(f"report over {run.middle:,}: {name}, against floor `list`", times, REACH)


def page_of(member: Client, path: str) -> Call:
    return lambda: full(member.get(path))


def after_a_change(visits: Visits, port: int) -> Call:
    """The instructor's report right behind a lead that was entered; the entering is not counted."""
    instructor = signed_in(port, INSTRUCTOR, PASSWORD)

    def call() -> Answer:
        visits.create()
        return full(instructor.get(ASKED["leads by source"]))

    return call
