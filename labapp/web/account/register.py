"""Registration awaiting approval, and applications for a further course (product.md P1)."""

from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.addresses import applicant_of
from labapp.people.enrol import (
    apply_for,
    course_to_join,
    enterable,
    is_known,
    may_enter,
    open_courses,
    standings,
)
from labapp.people.models import Account, Course
from labapp.people.passwords import hash_password
from labapp.records.rosters.letting_in import welcome
from labapp.records.work import writing
from labapp.web import limits
from labapp.web.account.forms import JoinForm, RegisterForm, offer
from labapp.web.identity import PUBLIC, open_to


@open_to(PUBLIC)
@limits.limited(limits.REGISTRATIONS)
def register() -> ResponseReturnValue:
    """A known number or e-mail is answered as a new one is, so nobody learns who has an account."""
    form = RegisterForm(request.form)
    courses = open_courses()
    offer(form.course, courses)
    if request.method == "GET":
        form.join_code.data = request.args.get("join_code", "")[:16] or None
        return render_template("account/register.html", form=form, courses=courses)
    valid = form.validate()
    course = chosen_course(form)
    if not valid or course is None:
        return render_template("account/register.html", form=form, courses=courses), 422
    membership_id = add_applicant(form, course, hash_password(form.password.data))
    if membership_id is not None and welcome(membership_id):
        flash(_("You are on the class list, so you are in already. Sign in."), "success")
        return redirect(url_for("account.login_page"))
    return redirect(url_for("account.received"))


def chosen_course(form: Any) -> Course | None:
    """The course of the join code, or the one picked; puts a sentence at the field if there is none."""
    course = course_to_join(form.join_code.data, form.course.data)
    if course is None and form.join_code.data:
        form.join_code.errors = [*form.join_code.errors, _("No open course has this join code.")]
    elif course is None:
        form.join_code.errors = [
            *form.join_code.errors,
            _("Give the join code of your course, or choose a course."),
        ]
    return course


def add_applicant(form: RegisterForm, course: Course, password_hash: str) -> int | None:
    """Account and pending membership, unless number or e-mail are known. Returns the membership's id."""
    course_id, course_name = course.id, course.name
    try:
        with writing():
            if is_known(form.number.data, form.email.data):
                return None
            account = Account(
                name=form.name.data,
                number=form.number.data,
                email=form.email.data,
                password_hash=password_hash,
                epoch=0,
            )
            db.session.add(account)
            db.session.flush()
            membership = apply_for(account, db.session.get_one(Course, course_id), form.class_name.data)
            note_application(account, course_name, form.class_name.data)
            return membership.id if membership is not None else None
    except IntegrityError:
        return None  # the same number was registered in the same moment


def note_application(account: Account, course: str, class_name: str | None) -> None:
    details = {"number": account.number, "email": account.email, "class_name": class_name}
    act = Act(
        "registration.apply", account.number or account.email, course, account.name, details, g.source.address
    )
    append_act(act)


@open_to(PUBLIC)
def received() -> ResponseReturnValue:
    """The same page for everybody who registered."""
    return render_template("account/received.html")


# -- a further course ------------------------------------------------------------------------------


def applicant() -> Account | None:
    """Who is signed in, or gave the right password and still waits."""
    return g.account or applicant_of(session.get("applicant"))


@open_to(PUBLIC)
@limits.limited(limits.REGISTRATIONS)
def join() -> ResponseReturnValue:
    """Ask for a membership with the account one has."""
    account = applicant()
    if account is None:
        return redirect(url_for("account.login_page", next="/join"))
    form = JoinForm(request.form)
    offer(form.course, open_courses())
    if request.method == "GET":
        form.join_code.data = request.args.get("join_code", "")[:16] or None
        return render_template("account/join.html", form=form)
    course = chosen_course(form) if form.validate() else None
    if course is None:
        return render_template("account/join.html", form=form), 422
    membership_id = ask_for(account.id, course)
    if membership_id is not None and welcome(membership_id):
        flash(_("You are on the class list, so you are in already."), "success")
    else:
        tell(membership_id is not None, course)
    return redirect(url_for("account.waiting"))


def ask_for(account_id: int, course: Course) -> int | None:
    """A pending membership of this account, by its id. None if one waits or stands already."""
    course_id, course_name = course.id, course.name
    with writing():
        account = db.session.get_one(Account, account_id)
        membership = apply_for(account, db.session.get_one(Course, course_id), None)
        if membership is not None:
            note_application(account, course_name, membership.class_name)
            return membership.id
    return None


def tell(asked: bool, course: Course) -> None:
    if asked:
        flash(_("Your application for “%(course)s” was received.", course=course.title), "success")
    else:
        flash(
            _("You are in “%(course)s” already, or your application is waiting.", course=course.title), "info"
        )


@open_to(PUBLIC)
def waiting() -> ResponseReturnValue:
    """Where one's applications stand: waiting, turned down with the reason, approved."""
    account = applicant()
    if account is None:
        return redirect(url_for("account.login_page"))
    found = standings(account.id)
    open_ones = {number for number, _title, _name in enterable(account.id)}
    may_sign_in = g.account is None and any(s.state == "active" for s in found) and may_enter(account, found)
    return render_template(
        "account/waiting.html", standings=found, refused=False, may_sign_in=may_sign_in, open_ones=open_ones
    )
