"""A member of a class begins anew: what goes to the bin is shown first (product.md §5.9)."""

from flask import g, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, bp, console_page, me
from instructor.member import HERE, back, member_or_404
from instructor.registrations import whole
from labapp.access.errors import Invalid
from labapp.records import looks
from labapp.records.catalog import catalog


@bp.get("/users/<int:member_id>/reset")
@console_page("users")
def user_reset_page(member_id: int) -> ResponseReturnValue:
    """What a reset of this member would put into the bin; in a course of many sandboxes, that of the sandbox."""
    member_or_404(member_id)
    if g.sandbox.unit:
        return redirect(f"/instructor/semester/{g.sandbox.id}/reset")
    return reset_page(None, member_id)


def reset_page(error: Invalid | None, member_id: int) -> str:
    from labapp.scenario import reset  # late: it reads scenarios

    actor, member = me(), member_or_404(member_id)
    known, counts = catalog(), reset.counted(actor, member_id)
    return render_template(
        "instructor/user_reset.html",
        member=member,
        counts=[(known[kind].plural, count) for kind, count in counts.items()],
        total=sum(counts.values()),
        seen=reset.resets_of(actor, member.serial),
        problem=str(error) if error else "",
        crumbs=[(_("People"), HERE), (member.name, f"{HERE}/{member_id}"), (_("Reset"), None)],
    )


@bp.post("/users/<int:member_id>/reset")
@console_page("users")
@asks(reset_page)
def user_reset(member_id: int) -> ResponseReturnValue:
    """Their records go to the bin, their seat is dealt again."""
    from labapp.scenario.reset import reset_member

    member_or_404(member_id)
    seen = whole("seen")
    gone, dealt = reset_member(me(), member_id, looks.source(), seen=-1 if seen is None else seen)
    sentence = _("%(gone)s records went to the bin, %(dealt)s were dealt anew.", gone=gone, dealt=dealt)
    return back(member_id, sentence)
