"""Registrations that await approval: many at once get one position and role, or a reason (004 §2.11-9)."""

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_, select

from instructor.common import asks, bp, console_page, me
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.directory import Directory
from labapp.people.models import PENDING, REJECTED, ROLES, STUDENT, Account, Course, Membership
from labapp.people.words import language
from labapp.records import enrolment, looks
from labapp.records.codes import FIXED
from labapp.records.rosters.letting_in import hints
from labapp.records.seating import require_instructor

SHOWN = 500


@bp.get("/registrations")
@console_page("registrations")
def registrations() -> ResponseReturnValue:
    """Everybody who waits, with what they entered; filtered by class or words."""
    return waiting_page()


def waiting_page(error: Invalid | None = None) -> str:
    actor = me()
    words, class_name = request.args.get("q", "").strip()[:100], request.args.get("class", "")
    state = REJECTED if request.args.get("state") == REJECTED else PENDING
    waiting = (
        select(Membership, Account)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.course_id == g.sandbox.course_id, Membership.state == state)
    )
    query = waiting
    if class_name:
        query = query.where(Membership.class_name == class_name)
    if words:
        like = f"%{words}%"
        query = query.where(or_(Account.name.like(like), Account.number.like(like), Account.email.like(like)))
    rows = db.session.execute(query.order_by(Membership.applied_at, Membership.id).limit(SHOWN)).all()
    classes = db.session.scalars(
        select(Membership.class_name)
        .where(
            Membership.course_id == g.sandbox.course_id,
            Membership.state == state,
            Membership.class_name.is_not(None),
        )
        .distinct()
        .order_by(Membership.class_name)
    ).all()
    total = db.session.execute(select(func.count()).select_from(waiting.subquery())).scalar_one()
    course = db.session.get(Course, g.sandbox.course_id)
    return render_template(
        "instructor/registrations.html",
        rows=rows,
        total=total,
        classes=classes,
        asked={"q": words, "class": class_name, "state": state},
        positions=position_choices(actor.directory),
        roles=role_choices(),
        may_decide=actor.is_instructor,
        course=course,
        hints=hints(g.sandbox.course_id, [(m.id, a) for m, a in rows]) if state == PENDING else {},
        typed=request.form,
        ticked=set(request.form.getlist("ids")),
        problem=str(error) if error else "",
        crumbs=[(_("Registrations"), None)],
    )


def position_choices(directory: Directory) -> list[tuple[str, str]]:
    """(id, indented name) of every position."""
    return [(str(p.id), "　" * (p.path.count("/") - 2) + p.name(language())) for p in directory.tree()]


def role_choices() -> list[tuple[str, str]]:
    """(key, label), the student first."""
    return [(key, str(FIXED["role"][key])) for key in sorted(ROLES, key=lambda role: role != STUDENT)]


def ids_typed() -> list[int]:
    """The ticked memberships. Raises Invalid where none is."""
    found = [
        int(value)
        for value in request.form.getlist("ids")
        if value.isascii() and value.isdigit() and len(value) < 16
    ]
    if not found:
        raise Invalid(_("Nobody is selected. Tick the registrations first."))
    return found


def whole(name: str) -> int | None:
    value = request.form.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


@bp.post("/registrations/approve")
@console_page("registrations")
@asks(waiting_page)
def registrations_approve() -> ResponseReturnValue:
    """All selected become active with one position and role, a step each."""
    require_instructor(me(), "approve")
    result = enrolment.approve(
        me(), looks.source(), ids_typed(), whole("position_id"), request.form.get("role", "")
    )
    flash(ngettext("%(num)s person is in.", "%(num)s people are in.", result.done), "success")
    if result.passed_over:
        flash(
            ngettext("%(num)s was decided already.", "%(num)s were decided already.", result.passed_over),
            "info",
        )
    return redirect("/instructor/registrations")


@bp.post("/registrations/reject")
@console_page("registrations")
@asks(waiting_page)
def registrations_reject() -> ResponseReturnValue:
    """All selected are turned down with a reason that they read when they try to sign in."""
    require_instructor(me(), "approve")
    result = enrolment.reject(me(), looks.source(), ids_typed(), request.form.get("reason", ""))
    flash(
        ngettext(
            "%(num)s registration is turned down.", "%(num)s registrations are turned down.", result.done
        ),
        "success",
    )
    return redirect("/instructor/registrations")
