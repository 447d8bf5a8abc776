"""Segments of customers: the thresholds of the rules (003 one)."""

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import NumberRange

from instructor.common import answer_again, bp, console_page, me
from labapp.access.errors import Invalid
from labapp.modules.customers.segments import thresholds
from labapp.records import looks
from labapp.records.forms import IntegerField, LabForm, Needed
from labapp.records.organisation import change_settings

MOST_DAYS, MOST_MONEY = 3650, 10**11


class SegmentsForm(LabForm):
    """The four thresholds."""

    high_amount = IntegerField(
        _l("High value from: won in the last 12 months"),
        [Needed(), NumberRange(1, MOST_MONEY)],
        shape="number",
    )
    potential_amount = IntegerField(
        _l("Potential from: open pipeline"), [Needed(), NumberRange(1, MOST_MONEY)], shape="number"
    )
    risk_days = IntegerField(
        _l("At risk after days without contact"), [Needed(), NumberRange(1, MOST_DAYS)], shape="number"
    )
    lost_days = IntegerField(
        _l("Lost after days without contact"),
        [Needed(), NumberRange(1, MOST_DAYS)],
        shape="number",
        description=_l("Only where nothing was won in the last 12 months and no sale is open."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        if fine and int(self.lost_days.data) <= int(self.risk_days.data):
            self.lost_days.errors = [_("A customer is at risk before it is lost: give more days here.")]
            fine = False
        return fine


@bp.get("/segments")
@console_page("segments")
def segments() -> ResponseReturnValue:
    """The thresholds as they stand."""
    return page(SegmentsForm(data=thresholds(me())))


@bp.post("/segments")
@console_page("segments")
def segments_change() -> ResponseReturnValue:
    """A step for each threshold that moved, all together."""
    form = SegmentsForm(request.form)
    try:
        if not form.validate():
            raise Invalid(_("Nothing was saved. Please correct what is marked."))
        said = thresholds(me())
        moved = {f"segments.{name}": value for name, value in form.answers.items() if value != said[name]}
        change_settings(me(), looks.source(), moved)
    except Invalid as error:
        return answer_again(error, page(form))
    flash(_("The rules of the segments are saved.") if moved else _("Nothing was changed."), "success")
    return redirect("/instructor/segments")


def page(form: SegmentsForm) -> str:
    g.form_sandbox = me().sandbox_id
    return render_template("instructor/segments.html", form=form, crumbs=[(_("Segments"), None)])
