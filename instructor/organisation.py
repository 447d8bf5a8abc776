"""The simulated company: name, address, calendar, and its public form (004 §2.11-4, 000 3.2)."""

from typing import Any
from zoneinfo import available_timezones

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput, TimeInput

from instructor.common import answer_again, bp, console_page, me
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.modules.activities.reminders import QUIET_DAYS, USUAL_DAYS
from labapp.records import looks, parse
from labapp.records import organisation as company
from labapp.records.forms import WIDGETS, IntegerField, LabForm, LongField, Needed, Pick, Typed, members

HERE = "/instructor/organisation"
PLAIN = ("phone", "fax", "website", "postcode", "email")
MOST_DAYS = 365
PAIRS = tuple(f"{name}_{language}" for name in ("name", "address") for language in ("zh", "en"))


class DaysField(LongField):
    """Days, one a line. `data` is a list of ISO dates."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = company.days_of(valuelist[0])

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "\n".join(self.data or ())


class TimeField(Typed):
    """A time of day as 09:00."""

    widget = TimeInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = (parse.text(valuelist[0]) or "")[:5]

    def pre_validate(self, form: Any) -> None:
        hours, _colon, minutes = (self.data or "").partition(":")
        if not (
            hours.isdecimal()
            and minutes.isdecimal()
            and len(self.data or "") == 5
            and int(hours) < 24
            and int(minutes) < 60
        ):
            raise ValidationError(_("Write a time like 09:00."))


class OrganisationForm(LabForm):
    """Everything the page asks for."""

    name_zh = Typed(_l("Name (Chinese)"), [Needed()])
    name_en = Typed(_l("Name (English)"), [Needed()])
    address_zh = Typed(_l("Address (Chinese)"), [Optional()])
    address_en = Typed(_l("Address (English)"), [Optional()])
    phone = Typed(_l("Phone"), [Optional()], shape="phone", widget=WIDGETS["phone"])
    fax = Typed(_l("Fax"), [Optional()], shape="phone", widget=WIDGETS["phone"])
    website = Typed(_l("Website"), [Optional()], shape="url", widget=TextInput())
    email = Typed(_l("E-mail"), [Optional()], shape="email", widget=WIDGETS["email"])
    postcode = Typed(_l("Postcode"), [Optional()])
    currency = Pick(
        _l("Currency"), [Needed()], choices=[SelectChoice(code, code) for code in company.CURRENCIES]
    )
    fiscal_year_start = Pick(
        _l("Fiscal year starts in month"),
        [Needed()],
        choices=[SelectChoice(str(month), str(month)) for month in company.MONTHS],
    )
    time_zone = Pick(_l("Time zone"), [Needed()])
    days = SelectMultipleField(
        _l("Working days"),
        choices=[SelectChoice(str(number), label) for number, label in enumerate(company.WEEKDAYS, start=1)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    opens = TimeField(_l("Work begins"), [Needed()])
    closes = TimeField(_l("Work ends"), [Needed()])
    holidays = DaysField(
        _l("Holidays"), description=_l("One day a line, like 2026-10-01."), render_kw={"rows": 8}
    )
    workdays = DaysField(
        _l("Weekend days that are worked"),
        description=_l("Make-up workdays, one a line."),
        render_kw={"rows": 8},
    )
    quiet_days = IntegerField(
        _l("Remind of what nobody followed up for days"),
        [Needed(), NumberRange(0, MOST_DAYS)],
        shape="number",
        description=_l(
            "Students are told of their open leads, customers and open opportunities that nobody was in contact with "
            "for so many days of lab time; 0: never."
        ),
    )
    web_enabled = BooleanField(_l("Visitors may write in by the public form"))
    web_owner = Pick(_l("Whose leads they become"), description=_l("Nobody chosen: the first instructor’s."))

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        if fine and str(self.opens.data) >= str(self.closes.data):
            self.closes.errors = [_("Work ends after it begins.")]
            fine = False
        if not self.days.data:
            self.days.errors = [_("Choose at least one working day.")]
            fine = False
        return fine


@bp.get("/organisation")
@console_page("organisation")
def organisation() -> ResponseReturnValue:
    """The company as it stands."""
    return page(form_for(me(), None))


@bp.post("/organisation")
@console_page("organisation")
def organisation_change() -> ResponseReturnValue:
    """A step for each setting that moved, all together; or the holidays of a year put into the form."""
    form = form_for(me(), request.form)
    if "fill" in request.form:
        return fill(form)
    try:
        if not form.validate():
            raise Invalid(_("Nothing was saved. Please correct what is marked."))
        moved = company.change_settings(me(), looks.source(), settings_said(me(), form))
    except Invalid as error:
        return answer_again(error, page(form))
    if moved:
        flash(_("The organisation is saved."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(HERE)


def form_for(actor: Actor, typed: Any) -> OrganisationForm:
    form = OrganisationForm(typed, data=standing(actor))
    zone = actor.settings.get("organisation.time_zone") or company.ZONE
    known = available_timezones()
    zones = dict.fromkeys(name for name in (*company.ZONES, zone) if name in known or name == zone)
    form.time_zone.choices = [SelectChoice(name, name) for name in zones]
    by_key = {str(m.id): m.key for m in actor.directory.members.values()}
    form.web_owner.choices = [
        SelectChoice(by_key.get(choice.value, ""), choice.label) for choice in members(actor)
    ]
    return form


def standing(actor: Actor) -> dict[str, Any]:
    """The settings as the form shows them."""
    said = {name: value for name, value in actor.settings.items() if name.startswith("organisation.")}
    hours = said.get("organisation.working_hours") or company.OFFICE_HOURS
    found = {name: said.get(f"organisation.{name}") for name in PLAIN}
    found |= {name: said.get("organisation." + name.replace("_", ".")) for name in PAIRS}
    return found | {
        "currency": said.get("organisation.currency") or "CNY",
        "fiscal_year_start": str(said.get("organisation.fiscal_year_start") or 1),
        "time_zone": said.get("organisation.time_zone") or company.ZONE,
        "days": [str(day) for day in hours["days"]],
        "opens": hours["from"],
        "closes": hours["to"],
        "holidays": list(said.get("organisation.holidays") or ()),
        "workdays": list(said.get("organisation.workdays") or ()),
        "quiet_days": int(actor.settings.get(QUIET_DAYS, USUAL_DAYS)),
        "web_enabled": bool(actor.settings.get("web_to_lead.enabled", True)),
        "web_owner": actor.settings.get("web_to_lead.owner"),
    }


def settings_said(actor: Actor, form: OrganisationForm) -> dict[str, Any]:
    """The settings of the form by path; what is only implied so far (a default) stays unsaid."""
    hours = {
        "days": sorted(int(day) for day in form.days.data),
        "from": form.opens.data,
        "to": form.closes.data,
    }
    said: dict[str, Any] = {
        f"organisation.{name}": form[name].data for name in (*PLAIN, "currency", "time_zone")
    }
    said |= {"organisation." + name.replace("_", "."): form[name].data for name in PAIRS}
    said |= {
        "organisation.fiscal_year_start": int(form.fiscal_year_start.data),
        "organisation.working_hours": hours,
        "organisation.holidays": form.holidays.data or [],
        "organisation.workdays": form.workdays.data or [],
        QUIET_DAYS: form.quiet_days.data,
        "web_to_lead.enabled": form.web_enabled.data,
        "web_to_lead.owner": form.web_owner.data,
    }
    return {
        path: value for path, value in said.items() if path in actor.settings or value != DEFAULTS.get(path)
    }


DEFAULTS: dict[str, Any] = {
    "organisation.currency": "CNY",
    "organisation.fiscal_year_start": 1,
    "organisation.time_zone": company.ZONE,
    "organisation.working_hours": company.OFFICE_HOURS,
    "organisation.holidays": [],
    "organisation.workdays": [],
    QUIET_DAYS: USUAL_DAYS,
    "web_to_lead.enabled": True,
}


def fill(form: OrganisationForm) -> ResponseReturnValue:
    """Put the public holidays of mainland China into the form; nothing is saved yet."""
    typed = request.form.get("year", "").strip()
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0
    if not company.FIRST_YEAR <= year <= company.LAST_YEAR:
        sentence = _(
            "Choose a year from %(first)s to %(last)s.", first=company.FIRST_YEAR, last=company.LAST_YEAR
        )
        return answer_again(Invalid(sentence), page(form, problem=sentence))
    free, worked = company.public_holidays(year)
    for field, days in ((form.holidays, free), (form.workdays, worked)):
        if field.process_errors:
            continue
        field.data, field.raw_data = company.with_days(field.data or (), days, year), None
    told = _(
        "%(off)s days off and %(worked)s make-up workdays of %(year)s stand in the form. Save to keep them.",
        off=len(free),
        worked=len(worked),
        year=year,
    )
    return page(form, told=told)


def page(form: OrganisationForm, told: str = "", problem: str = "") -> str:
    actor = me()
    g.form_sandbox = actor.sandbox_id
    return render_template(
        "instructor/organisation.html",
        form=form,
        told=told,
        problem=problem,
        year=request.form.get("year") or actor.lab_now.year,
        public_form=request.host_url.rstrip("/") + f"/public/{g.sandbox.name}/lead",
        crumbs=[(_("Organisation"), None)],
    )
