"""The clock of a course: ending the day, going on, how it runs, and what the timeline has in store (product.md L2)."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from instructor.common import answer_again, back_to, bp, console_page, me
from labapp.access.actor import Actor, actor_of
from labapp.access.errors import Invalid
from labapp.clock import lab_now
from labapp.db import db
from labapp.late import Late
from labapp.lifecycle import moving
from labapp.people.directory import sandboxes_of
from labapp.people.models import ACTIVE, INSTRUCTOR, Membership, Sandbox
from labapp.records import looks
from labapp.records.forms import WIDGETS, IntegerField, LabForm, Needed, Pick, Typed, add_errors
from labapp.records.organisation import WEEKDAYS
from labapp.web.clock import after

if TYPE_CHECKING:
    from instructor import clock_store
else:
    clock_store = Late("instructor.clock_store")

HERE = "/instructor/clock"
EVERYWHERE = _l("In all sandboxes of this course")


class OnForm(LabForm):
    """How far the clock goes on: by a length, or to a moment."""

    length = Typed(_l("By this much time"), [Optional()], description=_l("8d, 3h, 30m or 1d12h"))
    to = Typed(_l("Or to this moment"), [Optional()], shape="moment", widget=WIDGETS["moment"])
    everywhere = BooleanField(EVERYWHERE, id="on-everywhere")


class RunForm(LabForm):
    """How the clock runs."""

    mode = Pick(
        _l("Clock"),
        [Needed()],
        choices=[
            SelectChoice("real", _l("Real time: it runs by itself")),
            SelectChoice("stepped", _l("Stepped: a day ends when you end it")),
        ],
    )
    pace = IntegerField(
        _l("Pace"),
        [Optional()],
        shape="number",
        description=_l("How many times as fast as real time; 0: it stands still between the steps."),
    )
    everywhere = BooleanField(EVERYWHERE, id="run-everywhere")


@bp.get("/clock")
@console_page("clock")
def clock() -> ResponseReturnValue:
    """What time it is, and what can be done about it."""
    return page(None, None)


def page(on: OnForm | None, run: RunForm | None) -> str:
    """The page with what was typed."""
    actor, box = me(), db.session.get_one(Sandbox, g.sandbox.id, populate_existing=True)
    others = sandboxes_of(box.course_id)
    return render_template(
        "instructor/clock.html",
        box=box,
        now=lab_now(box),
        weekday=WEEKDAYS[lab_now(box).weekday()],
        morning=moving.next_morning(actor),
        on=on or OnForm(None),
        run=run or RunForm(None, data={"mode": box.clock_mode, "pace": box.clock_pace}),
        others=[(other.name, lab_now(other), other.clock_goal) for other in others]
        if len(others) > 1
        else [],
        store=list(clock_store.store(box, actor)),
        crumbs=[(_("Clock"), None)],
    )


@bp.post("/clock/end-day")
@console_page("clock")
def clock_end_day() -> ResponseReturnValue:
    """On to the next working day."""
    try:
        moved = [moving.send(actor, moving.next_morning(actor), looks.source()) for actor in chosen()]
    except Invalid as error:
        return answer_again(error, page(None, None))
    return after(moved, HERE)


@bp.post("/clock/on")
@console_page("clock")
def clock_on() -> ResponseReturnValue:
    """On by a length of time, or to a moment."""
    form = OnForm(request.form)
    try:
        if not form.validate():
            raise Invalid(_("Nothing was changed. Please correct what is marked."))
        moved = [moving.send(actor, goal_of(form, actor), looks.source()) for actor in chosen()]
    except Invalid as error:
        add_errors(form, error.fields, error.sentence)
        return answer_again(error, page(form, None))
    return after(moved, HERE)


def goal_of(form: OnForm, actor: Actor) -> datetime:
    """Where the clock goes. Raises Invalid."""
    if form.to.data is not None:
        goal: datetime = form.to.data
        return goal
    if not form.length.data:
        sentence = _("Say how far, or to which moment.")
        raise Invalid(sentence, {"length": sentence})
    try:
        return actor.lab_now + moving.length_of(form.length.data)
    except Invalid as error:
        raise Invalid(error.sentence, {"length": error.sentence}) from error


@bp.post("/clock/run")
@console_page("clock")
def clock_run() -> ResponseReturnValue:
    """Real or stepped, and how fast."""
    form = RunForm(request.form)
    try:
        if not form.validate():
            raise Invalid(_("Nothing was changed. Please correct what is marked."))
        pace = form.pace.data if form.pace.data is not None else 1
        for actor in chosen():
            moving.change(actor, looks.source(), form.mode.data, pace)
    except Invalid as error:
        add_errors(form, error.fields, error.sentence)
        return answer_again(error, page(None, form))
    return back_to(HERE, _("The clock runs so from now on."))


def chosen() -> list[Actor]:
    """The instructor in this sandbox, or in every open one of the course whose clock stands."""
    if not request.form.get("everywhere"):
        return [me()]
    boxes = {box.id: box for box in sandboxes_of(g.sandbox.course_id) if box.state == "open"}
    mine = select(Membership.id, Membership.sandbox_id).where(
        Membership.sandbox_id.in_(boxes),
        Membership.account_id == g.account.id,
        Membership.role == INSTRUCTOR,
        Membership.state == ACTIVE,
    )
    rows = db.session.execute(mine.order_by(Membership.id)).all()
    found = [(boxes[row.sandbox_id or 0], row.id) for row in rows]
    return [actor_of(box, number) for box, number in found if box.clock_goal is None] or [me()]
