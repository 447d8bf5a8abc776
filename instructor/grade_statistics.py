"""Statistics of the gradebook: how the points are spread, and how far each task was reached (product.md L7)."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import bp, console_page
from instructor.gradebook import crumbs, place_asked, places, readable_book, ways
from labapp.gradebook.figures import distribution, of_tasks, pass_rate, statistics
from labapp.web.coach import said


@bp.get("/grades/statistics")
@console_page("grades")
def grades_statistics() -> ResponseReturnValue:
    """Mean, median, quartiles, pass rate; the distribution; the share reached of each task."""
    found = readable_book()
    parts, tasks = distribution(found), of_tasks(found)
    shares = [round((one.share or 0) * 100, 1) for one in tasks]
    return render_template(
        "instructor/grades_statistics.html",
        book=found,
        totals=statistics([line.points for line in found.lines]),
        passed=pass_rate(found),
        parts=parts,
        figures=tasks,
        spread={
            "labels": [label for label, _count in parts],
            "series": [{"label": _("Members"), "values": [count for _label, count in parts]}],
        },
        reached={
            "labels": [said(one.task.title) for one in tasks],
            "series": [{"label": _("Share reached, in per cent"), "values": shares}],
        },
        places=places(),
        place=place_asked(),
        ways=ways("statistics"),
        crumbs=crumbs((_("Statistics"), None)),
    )
