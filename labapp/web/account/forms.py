"""The forms of accounts. Field names are those of design.md, Routes."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import EmailInput, TelInput

from labapp.people.enrol import tidy_login
from labapp.people.models import Account, Course
from labapp.people.passwords import weakness
from labapp.records.forms import LabForm, LongField, Needed, Typed

NUMBER = re.compile(r"[\w.\-/]{2,60}")


def at_most(count: int) -> Any:
    """A check that a text has at most `count` characters."""

    def check(form: Any, field: Any) -> None:
        if field.data and len(field.data) > count:
            raise ValidationError(
                _("At most %(most)s characters; these are %(count)s.", most=count, count=len(field.data))
            )

    return check


class Number(Typed):
    """A student number or sign-in name, in half-width signs."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([tidy_login(value) for value in valuelist])
        if self.data and not NUMBER.fullmatch(self.data):
            raise ValueError(_("2 to 60 letters, digits, dots, hyphens or slashes, without spaces."))


class Mail(Typed):
    """An e-mail address in small letters."""

    widget = EmailInput()

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, shape="email", **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([tidy_login(value) for value in valuelist])


def new_password(label: Any = _l("Password")) -> Any:
    text = _l("At least 8 characters, not your number or name.")
    return PasswordField(
        label, [Needed()], description=text, render_kw={"autocomplete": "new-password", "maxlength": 200}
    )


def repeated() -> Any:
    return PasswordField(
        _l("Password again"), [Needed()], render_kw={"autocomplete": "new-password", "maxlength": 200}
    )


class NewPasswordForm(LabForm):
    """A new password, twice. `known` are texts that it must not be."""

    password = new_password(_l("New password"))
    confirm = repeated()
    known: Sequence[str | None] = ()

    def validate_password(self, field: Any) -> None:
        trouble = weakness(field.data or "", *self.texts())
        if trouble is not None:
            raise ValidationError(str(trouble))

    def validate_confirm(self, field: Any) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("The two passwords differ."))

    def texts(self) -> Sequence[str | None]:
        return self.known


class ChangePasswordForm(NewPasswordForm):
    """The old password, then the new one twice (004 §2.11-3)."""

    old_password = PasswordField(
        _l("Present password"), [Needed()], render_kw={"autocomplete": "current-password"}
    )
    password = new_password(_l("New password"))
    confirm = repeated()


class LoginForm(LabForm):
    login = StringField(
        _l("Student number or e-mail"), [Needed()], render_kw={"autocomplete": "username", "maxlength": 255}
    )
    password = PasswordField(_l("Password"), [Needed()], render_kw={"autocomplete": "current-password"})


class PersonForm(NewPasswordForm):
    """Who somebody is, and the password they want."""

    name = Typed(_l("Name"), [Needed(), at_most(120)], render_kw={"autocomplete": "name", "maxlength": 120})
    number = Number(_l("Student number"), [Needed()], render_kw={"autocomplete": "username", "maxlength": 60})
    email = Mail(_l("E-mail"), [Needed()], render_kw={"autocomplete": "email", "maxlength": 255})
    password = new_password()
    confirm = repeated()

    def texts(self) -> Sequence[str | None]:
        return (self.name.data, self.number.data, self.email.data)


class RegisterForm(PersonForm):
    """004 §2.1: registration, with the join code of a course or one of the open courses."""

    class_name = Typed(_l("Class"), [Optional(), at_most(120)], render_kw={"maxlength": 120})
    join_code = Typed(
        _l("Join code"),
        [Optional()],
        description=_l("Your instructor shows it. Without one, choose a course."),
        render_kw={"autocomplete": "off", "maxlength": 16},
    )
    course = SelectField(_l("Course"), [Optional()], choices=[], validate_choice=False)
    password = new_password()
    confirm = repeated()


class JoinForm(LabForm):
    """A further course for an account that exists."""

    join_code = Typed(_l("Join code"), [Optional()], render_kw={"autocomplete": "off", "maxlength": 16})
    course = SelectField(_l("Course"), [Optional()], choices=[], validate_choice=False)


class SetUpForm(PersonForm):
    """The first administrator."""

    number = Number(
        _l("Sign-in name"),
        [Needed()],
        default="admin",
        render_kw={"autocomplete": "username", "maxlength": 60},
    )
    email = Mail(_l("E-mail"), [Optional()], render_kw={"autocomplete": "email", "maxlength": 255})
    password = new_password()
    confirm = repeated()


class ProfileForm(LabForm):
    """What everybody may change about themselves (004 §2.11-1, 2)."""

    phone = Typed(_l("Phone"), [Optional(), at_most(40)], shape="phone", widget=TelInput())
    sender = Mail(
        _l("Sender address"),
        [Optional()],
        description=_l(
            "The mailbox shown as the sender of the mail you write here. Nothing is sent outside."
        ),
    )
    signature = LongField(
        _l("Signature"),
        [Optional(), at_most(2000)],
        shape="prose",
        description=_l("Stands under the mail you write here."),
    )


class StaffProfileForm(ProfileForm):
    """Administrators and instructors also change their name and how they sign in (004 §3.1-1)."""

    name = Typed(_l("Name"), [Needed(), at_most(120)])
    number = Number(_l("Sign-in name"), [Optional()])
    email = Mail(_l("E-mail"), [Optional()])


def offer(field: Any, courses: Sequence[Course]) -> None:
    """Put the open courses into a choice."""
    field.choices = [SelectChoice("", "—")] + [SelectChoice(c.name, c.title) for c in courses]


def known_texts(account: Account) -> tuple[str | None, ...]:
    """What others know about a person, so it is no password."""
    return (account.name, account.number, account.email)
