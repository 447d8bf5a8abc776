"""What the pages of forecasts ask, and submitting a forecast from the page of its quarter."""

from typing import Any

from flask import Blueprint, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, Stale
from labapp.access.rules import granted
from labapp.modules.forecasts import front
from labapp.modules.forecasts.figures import Standing
from labapp.modules.forecasts.front import Front, Span
from labapp.modules.forecasts.models import Forecast
from labapp.modules.forecasts.reading import standings
from labapp.modules.forecasts.rollup import Line, may_adjust
from labapp.modules.forecasts.rules import quarter_said
from labapp.modules.forecasts.submissions import Submission, submissions
from labapp.records import cells, looks, query, standard
from labapp.records.describe import RecordType
from labapp.records.fiscal import Quarter
from labapp.records.forms import record_form
from labapp.records.question import Question
from labapp.records.views.common import me, open_type
from labapp.records.views.writing import again, checked
from labapp.records.work import Work

BLUEPRINT = Blueprint("forecasts", __name__, template_folder="templates")


@BLUEPRINT.app_template_global("forecast_front")
def forecast_front(question: Question) -> Front | None:
    """The page of a quarter, above the list."""
    return front.front_of(me(), question)


@BLUEPRINT.app_template_global("forecast_years")
def forecast_years(quarter: Quarter) -> list[int]:
    return front.years_offered(me(), quarter)


@BLUEPRINT.app_template_global("forecast_accuracy")
def forecast_accuracy(lines: list[Line]) -> dict[str, Any] | None:
    return front.accuracy_chart(lines)


@BLUEPRINT.app_template_global("forecast_standing")
def forecast_standing(record: Any) -> tuple[Span, Standing]:
    """The quarter of a forecast or quota, and how its owner stands in it; read once for a page."""
    known: dict[tuple[str, int], tuple[Span, Standing]] = g.setdefault("forecast_standings", {})
    key = record.kind, record.id
    if key not in known:
        actor, quarter, owner = me(), Quarter(record.year, record.quarter), record.owner_id
        known[key] = front.span_of(actor, quarter), standings(actor, quarter, [owner])[owner]
    return known[key]


@BLUEPRINT.app_template_global("forecast_submissions")
def forecast_submissions(record: Any) -> list[Submission]:
    return submissions(me(), record)


@BLUEPRINT.app_template_global("member_key")
def member_key(member_id: int) -> str:
    return me().directory.members[member_id].key


@BLUEPRINT.app_template_global("forecast_by_id")
def forecast_by_id(record_id: int | None) -> Forecast | None:
    """The forecast that an adjustment is about, if the reader sees it."""
    return query.one(Forecast, me(), record_id) if record_id else None


@BLUEPRINT.app_template_global("adjust_url")
def adjust_url(standing: Standing | None, over: bool) -> str | None:
    """Where the reader adjusts this forecast: anew, or the adjustment they made; None for who may not."""
    actor = me()
    if standing is None or standing.forecast_id is None or over or not may_adjust(actor, standing.owner_id):
        return None
    if not granted(actor, "adjustment", "create"):
        return None
    mine = standing.word_of(actor.id)
    if mine is not None:
        return f"/adjustments/{mine.id}/edit"
    figures = standing.figures
    amounts = f"expected_amount={figures.adjusted_expected}&best_case_amount={figures.adjusted_best}"
    return f"/adjustments/new?forecast_id={standing.forecast_id}&{amounts}"


@BLUEPRINT.app_template_filter("amount")
def amount(value: Any) -> str:
    """An amount, without cents where there are none; a dash where there is no amount."""
    return "–" if value is None else cells.money(value).removesuffix(".00")


@BLUEPRINT.app_template_filter("signed")
def signed(value: Any) -> str:
    """An amount with its sign."""
    if not value:
        return amount(value)
    return f"{'+' if value > 0 else '−'}{amount(abs(value))}"


@BLUEPRINT.app_template_filter("share")
def share(value: Any) -> str:
    """A per cent, or that there is none to be had."""
    return _("n/a") if value is None else f"{value}%"


@BLUEPRINT.post("/forecasts/submit")
def submit() -> ResponseReturnValue:
    """Submit a forecast for a quarter, or submit it again; back to the page of the quarter."""
    actor, record_type = open_type("forecasts", "create")
    form: Any = record_form(actor, record_type)(request.form)
    heading = _("Submit forecast")
    try:
        checked(form)
        quarter = quarter_said(form.answers)
        submitted(actor, record_type, quarter, form.answers)
    except (Invalid, Stale) as error:
        found = error if isinstance(error, Invalid) else Invalid(error.sentence)
        found.logged = error.logged
        return again(found, record_type, form, heading)
    flash(_("Your forecast for %(quarter)s is submitted.", quarter=quarter.label), "success")
    return redirect(front.address_of(quarter))


def submitted(actor: Actor, record_type: RecordType, quarter: Quarter, answers: dict[str, Any]) -> None:
    """One step: `forecast.create` the first time, `forecast.edit` from then on. Raises Invalid, Stale."""
    standing = front.mine_of(actor, quarter)
    if standing is None:
        with Work(actor, "forecast.create", answers=answers, source=looks.source()) as work:
            standard.create(work, record_type, answers)
        return
    moved = {name: value for name, value in answers.items() if name not in {"year", "quarter"}}
    with Work(actor, "forecast.edit", answers=answers, source=looks.source()) as work:
        forecast = work.on(Forecast, standing.id)
        work.check_version(forecast, request.form.get("version") or forecast.version)
        standard.edit(work, record_type, forecast, moved)
