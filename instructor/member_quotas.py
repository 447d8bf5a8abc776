"""Quotas from the page of a member: add, change, delete per fiscal quarter (F016; 004 §2.11-8)."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, bp, console_page, me
from instructor.member import back, member_or_404, member_page
from instructor.quota_steps import amount_needed, change, give, take_back
from labapp.access.errors import Invalid, NotFound
from labapp.access.rules import require_granted
from labapp.modules.forecasts.models import Quota
from labapp.records import query
from labapp.records.fiscal import FIRST_YEAR, LAST_YEAR, QUARTERS, Quarter, is_year
from labapp.records.views.common import note_attempt


def shown(error: Invalid | None, member_id: int, **_more: Any) -> str:
    return member_page(error, member_id)


@bp.post("/users/<int:member_id>/quotas")
@console_page("users")
@asks(shown)
def user_quota_add(member_id: int) -> ResponseReturnValue:
    """A quota for a quarter; one more for the same quarter is refused."""
    note_attempt("quota", "create")
    require_granted(me(), "quota", "create")
    member = member_or_404(member_id)
    quarter, amount = quarter_typed(), amount_needed(request.form.get("amount", ""))
    give(me(), member.id, quarter, amount)
    return back(member_id, _("The quota for %(quarter)s is given.", quarter=quarter.label))


@bp.post("/users/<int:member_id>/quotas/<int:record_id>/<any(edit, delete):verb>")
@console_page("users")
@asks(shown)
def user_quota(member_id: int, record_id: int, verb: str) -> ResponseReturnValue:
    """Change the amount of a quota, or take it back."""
    note_attempt("quota", verb)
    require_granted(me(), "quota", verb)
    found = query.one(Quota, me(), record_id)
    if found is None or found.owner_id != member_id:
        raise NotFound(_("There is no such record, or it is not visible to you."))
    if verb == "delete":
        take_back(me(), record_id)
        return back(member_id, _("The quota is deleted."))
    change(me(), record_id, amount_needed(request.form.get("amount", "")))
    return back(member_id, _("The quota is changed."))


def quarter_typed() -> Quarter:
    """The quarter of the form. Raises Invalid."""
    year, quarter = request.form.get("year", "").strip(), request.form.get("quarter", "")
    if not (year.isascii() and year.isdigit() and len(year) < 6 and is_year(int(year))):
        span = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Invalid(_("Give a fiscal year from %(first)s to %(last)s.", **span))
    if quarter not in {str(q) for q in QUARTERS}:
        raise Invalid(_("A fiscal year has the quarters 1 to 4."))
    return Quarter(int(year), int(quarter))
