"""A look at the data of a scenario before it is opened: dealt with a seed, and written nowhere (product.md L1)."""

from typing import Any, cast

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import bp, staff_page
from instructor.scenario_view import samples, seats_by_position
from instructor.scenarios import HERE, crumbs, scenario_or_404
from labapp.people.words import language
from labapp.scenario.generators import Language

MOST_SEED = 999_999_999


@bp.get("/scenarios/<scenario_key>/preview")
@staff_page("scenarios")
def scenario_preview(scenario_key: str) -> ResponseReturnValue:
    """The first records of every kind that the first seat of a position would get."""
    g.form_sandbox = None
    scenario = scenario_or_404(scenario_key)
    seats = seats_by_position(scenario)
    asked = request.args
    typed = asked.get("seed", "")
    seed = min(int(typed), MOST_SEED) if typed.isdecimal() and len(typed) < 16 else 1
    word = asked.get("language") if asked.get("language") in ("zh", "en") else scenario.said.language
    place = asked.get("position") if asked.get("position") in seats else next(iter(seats))
    chosen: dict[str, Any] = {"seed": seed, "language": word, "position": place}
    polled = "HX-Request" in request.headers
    names = {each.key: each.name.say(language()) for each in scenario.said.positions.walk()}
    return render_template(
        f"instructor/{'_scenario_preview' if polled else 'scenario_preview'}.html",
        scenario=scenario,
        samples=samples(scenario, seed, cast(Language, word), seats[str(place)]),
        chosen=chosen,
        places={key: names[key] for key in seats},
        crumbs=crumbs(
            scenario.title.say(language()), f"{HERE}/{scenario_key}", (_("A look at its data"), None)
        ),
    )
