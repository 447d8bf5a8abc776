"""The service desk: promises by the hour, who gets which tickets, where they are handed on, the public form (M8)."""

from collections.abc import Iterator
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import NumberInput

from instructor.common import answer_again, bp, console_page, me
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.modules.tickets import desk
from labapp.records import looks
from labapp.records.codes import codes_of
from labapp.records.forms import IntegerField, LabForm, Needed, Pick, members
from labapp.records.organisation import change_settings
from labapp.records.words import language

HERE = "/instructor/service"
STATIONS = 5
PROMISES = ("response", "resolution")
MODES = {
    desk.BY_HAND: _l("By hand"),
    desk.ROUND_ROBIN: _l("In turn"),
    desk.LEAST_BUSY: _l("To the least busy"),
}


class Hours(IntegerField):
    """Working hours promised: a whole number from 1 to 1000."""

    widget = NumberInput(min=1, max=desk.MOST_HOURS)

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, [Needed()], shape="number", **more)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not 1 <= self.data <= desk.MOST_HOURS:
            raise ValidationError(_("A whole number of hours from 1 to %(most)s.", most=desk.MOST_HOURS))


class ServiceForm(LabForm):
    """Everything the page asks for; the fields of priorities, kinds and stations are added by `form_class`."""

    web_enabled = BooleanField(_l("Customers may write in by the public form"))
    web_owner = Pick(_l("Who takes these tickets in"), description=_l("Nobody chosen: the first instructor."))

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        for kind in desk.KINDS:
            team = self[f"team_{kind}"]
            if self[f"assignment_{kind}"].data != desk.BY_HAND and not team.data:
                team.errors = [_("Choose the position or group whose members get these tickets.")]
                fine = False
        stations = [field.data for field in self.stations() if field.data]
        if len(set(stations)) < len(stations):
            self["flow_1"].errors = [_("Each position stands in the flow once.")]
            fine = False
        return fine

    def stations(self) -> Iterator[Any]:
        """The fields of the flow, in order."""
        return (self[f"flow_{number}"] for number in range(1, STATIONS + 1))


def form_class(actor: Actor) -> type[ServiceForm]:
    """The form with a field for each priority, kind and station, in the reader's language."""
    book, word = codes_of(actor.sandbox_id, actor.stamp), language()
    fields: dict[str, Any] = {}
    for priority in desk.PRIORITIES:
        name = book.label("priority", priority, word)
        fields[f"response_{priority}"] = Hours(_("First response: %(priority)s", priority=name))
        fields[f"resolution_{priority}"] = Hours(_("Resolution: %(priority)s", priority=name))
    for kind in desk.KINDS:
        name = book.label("ticket_kind", kind, word)
        modes = [SelectChoice(key, label) for key, label in MODES.items()]
        fields[f"assignment_{kind}"] = Pick(_("%(kind)s: assigned", kind=name), [Needed()], choices=modes)
        fields[f"team_{kind}"] = Pick(_("%(kind)s: to", kind=name), choices=teams(actor))
    for number in range(1, STATIONS + 1):
        fields[f"flow_{number}"] = Pick(_("Station %(number)s", number=number), choices=places(actor))
    return type("ServiceFormHere", (ServiceForm,), fields)


def places(actor: Actor, prefix: str = "") -> list[SelectChoice]:
    """The positions by serial, the deeper the further in."""
    found = [SelectChoice("", "—")]
    for place in actor.directory.tree():
        indent = "　" * (place.path.count("/") - 2)
        found.append(SelectChoice(f"{prefix}{place.serial}", indent + place.name(language())))
    return found


def teams(actor: Actor) -> list[SelectChoice]:
    """Positions and sharing groups, as the setting names them."""
    groups = sorted(actor.directory.groups.values(), key=lambda group: group.name)
    shown = [SelectChoice(f"group:{g.serial}", _("Group: %(name)s", name=g.name)) for g in groups]
    return places(actor, "position:") + shown


@bp.get("/service")
@console_page("service")
def service() -> ResponseReturnValue:
    """The service desk as it is set up."""
    return page(form_for(me(), None))


@bp.post("/service")
@console_page("service")
def service_change() -> ResponseReturnValue:
    """A step for each setting that moved, all of them or none."""
    form = form_for(me(), request.form)
    try:
        if not form.validate():
            raise Invalid(_("Nothing was saved. Please correct what is marked."))
        moved = change_settings(me(), looks.source(), said(me(), form))
    except Invalid as error:
        return answer_again(error, page(form))
    if moved:
        flash(_("The service desk is saved."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(HERE)


def form_for(actor: Actor, typed: Any) -> ServiceForm:
    form = form_class(actor)(typed, data=standing(actor))
    by_key = {str(m.id): m.key for m in actor.directory.members.values()}
    form.web_owner.choices = [
        SelectChoice(by_key.get(choice.value, ""), choice.label) for choice in members(actor)
    ]
    return form


def standing(actor: Actor) -> dict[str, Any]:
    """The settings as the form shows them."""
    found: dict[str, Any] = {
        f"{name}_{priority}": desk.promise(actor, name, priority)
        for name in PROMISES
        for priority in desk.PRIORITIES
    }
    for kind in desk.KINDS:
        found[f"assignment_{kind}"] = desk.mode_of(actor, kind)
        found[f"team_{kind}"] = actor.settings.get(desk.path_of("team", kind))
    for number, place in enumerate(desk.flow_of(actor)[:STATIONS], start=1):
        found[f"flow_{number}"] = str(place.serial)
    return found | {
        "web_enabled": bool(actor.settings.get(desk.WEB_ENABLED, True)),
        "web_owner": actor.settings.get(desk.WEB_OWNER),
    }


def said(actor: Actor, form: ServiceForm) -> dict[str, Any]:
    """The settings of the form by path; what is only implied so far (a default) stays unsaid."""
    before = standing(actor)
    paths = {f"{name}_{p}": desk.path_of(name, p) for name in PROMISES for p in desk.PRIORITIES}
    paths |= {f"{name}_{k}": desk.path_of(name, k) for name in ("assignment", "team") for k in desk.KINDS}
    paths |= {"web_enabled": desk.WEB_ENABLED, "web_owner": desk.WEB_OWNER}
    found = {path: form[name].data for name, path in paths.items() if form[name].data != before[name]}
    flow = [int(field.data) for field in form.stations() if field.data]
    if flow != [place.serial for place in desk.flow_of(actor)]:
        found[desk.FLOW] = flow
    return found


def page(form: ServiceForm) -> str:
    actor = me()
    g.form_sandbox = actor.sandbox_id
    book, word = codes_of(actor.sandbox_id, actor.stamp), language()
    return render_template(
        "instructor/service.html",
        form=form,
        priorities=[(key, book.label("priority", key, word)) for key in desk.PRIORITIES],
        kinds=[(key, book.label("ticket_kind", key, word)) for key in desk.KINDS],
        public_form=request.host_url.rstrip("/") + f"/public/{g.sandbox.name}/feedback",
        crumbs=[(_("Service desk"), None)],
    )
