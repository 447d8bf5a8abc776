"""Forms from fields. What is typed is parsed by shape (`parse`); the form keeps it whatever is wrong with it."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError
from wtforms.widgets import DateInput, DateTimeLocalInput, EmailInput, TelInput, TextArea, TextInput

from labapp.access.actor import Actor
from labapp.access.rules import may_give
from labapp.db.fields import HANGING
from labapp.db.fields import Field as Shape
from labapp.records import custom, parse, query
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.describe import RecordType
from labapp.records.links import getter
from labapp.records.values import plain
from labapp.records.words import language
from labapp.records.work import LARGEST_ID

SUGGESTED = 50
CREATED_STATUSES = {
    "lead_status": {"new", "contacted", "qualified"},
    "activity_status": {"open"},
    "ticket_status": {"new"},
    "campaign_status": {"planned", "active"},
}


class LabForm(Form):
    """A form of the house. The token against forged posts is checked for every post, whatever the form.

    Forms that are `alike` show the same inputs, links and what is one's `own` apart, as long as nobody has typed
    anything. `bound` are their fields, by name, as the first of them made them.
    """

    alike: Hashable = None
    own: frozenset[str] = frozenset()
    bound: dict[str, Any] | None = None

    class Meta(DefaultMeta):
        locales = False

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """A field of this form: of forms that are alike a copy, as making one takes ten times as long.

            Whatever a form does to its field it sets anew; nothing is changed in place.
            """
            known, name = form.bound, options["name"]
            if known is None or issubclass(unbound_field.field_class, LinkPick):
                return super().bind_field(form, unbound_field, options)
            if name not in known:
                made = known[name] = super().bind_field(form, unbound_field, options)
                made.meta = made._form = None
            field = object.__new__(type(known[name]))
            vars(field).update(vars(known[name]), meta=self, _form=form)
            return field

    def process(self, formdata: Any = None, *args: Any, **more: Any) -> None:
        """A form that nobody posted yet shows its values; an empty post would untick every check box."""
        super().process(formdata or None, *args, **more)

    @property
    def answers(self) -> dict[str, Any]:
        """The values typed, by field name, hidden ones apart."""
        return {name: value for name, value in self.data.items() if name not in {"version"}}

    def drawn(self, field: Any, draw: Callable[[Any], Any]) -> Any:
        """The input as `draw` draws it, or drew it for another form that is alike."""
        typed = field.raw_data is not None or field.errors
        if self.alike is None or typed or field.name in self.own or isinstance(field, LinkPick):
            return draw(field)
        key = (self.alike, field.name, str(field.data))
        found = _drawn.get(key)
        if found is None:
            if len(_drawn) >= KEPT:
                _drawn.clear()
            found = _drawn[key] = draw(field)
        return found


class Typed(StringField):
    """An input whose text is parsed by a shape. `data` is the value, `raw_data` what was typed."""

    def __init__(self, label: Any = None, validators: Any = None, shape: str = "text", **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.shape = shape

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = parse.PARSERS[self.shape](valuelist[0])

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        value = self.data
        if isinstance(value, list):
            return ", ".join(value)
        return "" if value is None else str(plain(value))


class MoneyField(Typed):
    """An amount."""


class IntegerField(Typed):
    """A whole number."""


class TagsField(Typed):
    """Short words parted by commas."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ",".join(self.data or ())


class LongField(Typed):
    """Several lines."""

    widget = TextArea()


class Pick(SelectField):
    """A choice of one value; the empty one means none."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        more.setdefault("coerce", _text_or_none)
        super().__init__(label, validators, **more)

    def pre_validate(self, form: Any) -> None:
        if self.data is None or any(str(choice.value) == str(self.data) for choice in self.choices or ()):
            return
        raise ValidationError(_("Choose one of the values offered."))


class LinkPick(Pick):
    """A link to a record; whether the target may be chosen is decided where it is written (Work)."""

    def __init__(self, label: Any = None, validators: Any = None, *, load: Any = None, **more: Any) -> None:
        super().__init__(label, validators, coerce=_id_or_none, choices=[], **more)
        self.load = load

    def iter_choices(self) -> Any:
        """What is offered is read only when the input is drawn."""
        if self.load is not None:
            self.choices, self.load = self.load(self.data), None
        return super().iter_choices()

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = _id_typed(valuelist[0])

    def pre_validate(self, form: Any) -> None:
        pass


class HiddenId(HiddenField):
    """The id of a record, not shown."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = _id_typed(valuelist[0])


WIDGETS = {
    "email": EmailInput(),
    "phone": TelInput(),
    "mobile": TelInput(),
    "url": TextInput(),
    "day": DateInput(),
    "moment": DateTimeLocalInput(),
}
CLASSES: dict[str, type[Typed]] = {
    "money": MoneyField,
    "number": IntegerField,
    "percent": IntegerField,
    "tags": TagsField,
    "prose": LongField,
}


def record_form(actor: Actor, record_type: RecordType, record: Any = None) -> type[LabForm]:
    """The form for creating (`record` None) or editing one record of this type."""
    if record is not None:
        return _record_form(actor, record_type, record)
    key = (record_type.name, actor.sandbox_id, actor.id, actor.stamp, language())
    found = _begun_forms.get(key)
    if found is None:
        if len(_begun_forms) >= KEPT:
            _begun_forms.clear()
        found = _begun_forms[key] = _record_form(actor, record_type, None)
        found.alike = (record_type.name, actor.sandbox_id, actor.stamp, language())
        if len(_bound) >= KEPT:
            _bound.clear()
        found.bound = _bound.setdefault(found.alike, {})
    return found


KEPT = 1_000
_begun_forms: dict[
    Hashable, type[LabForm]
] = {}  # for new records; one of a member at one stamp is always the same
_drawn: dict[Hashable, Any] = {}
_bound: dict[Hashable, dict[str, Any]] = {}


def _record_form(actor: Actor, record_type: RecordType, record: Any) -> type[LabForm]:
    shapes = custom.fields_in(actor, record_type).values()
    if record is None:
        inputs = {s.name: input_for(_begun(s), actor) for s in shapes if s.on_create}
        if record_type.model.kept_by == "superior":
            receiver = LinkPick(_l("Member"), [Needed()], load=lambda now: receivers(actor))
            inputs = {"owner_id": receiver, **inputs}
    else:
        inputs = {s.name: input_for(s, actor, getter(s)(record)) for s in shapes if s.on_edit}
        inputs["version"] = HiddenField()
    if "tags" in inputs and record_type.fields["tags"].shape == "tags":
        inputs["tags"].kwargs["render_kw"] = tags_known(record_type)
    return type(f"{record_type.name}_form", (LabForm,), inputs)


def tags_known(record_type: RecordType) -> dict[str, str]:
    """An input of tags offers those in use and takes new ones."""
    return {"data-tags": "", "data-remote": f"/{record_type.slug}/tags"}


def _begun(shape: Shape) -> Shape:
    """A new record has the default of a choice; an empty answer would become it too, so none is offered."""
    return replace(shape, required=True) if shape.shape == "choice" and shape.default else shape


def input_for(shape: Shape, actor: Actor, value: Any = None) -> Any:
    """The input of one field. `value` is what stands now: a retired code that stands stays offered."""
    rules = [Needed() if shape.required else Optional()]
    more: dict[str, Any] = {"description": shape.help or ""}
    if shape.shape in HANGING:
        return HiddenField() if shape.shape == "related_kind" else HiddenId()
    if shape.shape == "check":
        return BooleanField(shape.label, description=shape.help or "", default=bool(shape.default))
    if shape.shape == "choice":
        return Pick(shape.label, rules, choices=choices(shape, actor, value), default=shape.default, **more)
    if shape.shape == "member":
        return LinkPick(shape.label, rules, load=lambda now: members(actor), **more)
    if shape.shape == "link":
        kind = shape.target or ""
        return LinkPick(
            shape.label, rules, load=lambda now: targets(kind, actor, now), render_kw=remote(kind), **more
        )
    default = shape.default if not callable(shape.default) else None
    widget = {"widget": WIDGETS[shape.shape]} if shape.shape in WIDGETS else {}
    return CLASSES.get(shape.shape, Typed)(
        shape.label, rules, shape=shape.shape, default=default, **more, **widget
    )


class Needed(InputRequired):
    """Something must be there that counts: text of spaces is nothing."""

    def __init__(self) -> None:
        super().__init__(_l("This is needed."))

    def __call__(self, form: Any, field: Any) -> None:
        if field.errors:
            return
        DataRequired(self.message)(form, field) if field.data in (None, "", []) else None


def choices(shape: Shape, actor: Actor, value: Any = None) -> list[SelectChoice]:
    """What a choice offers: the codes of its table; on creation only open statuses and stages."""
    table = shape.codes or ""
    found = [(key, str(label)) for key, label in shape.choices]
    if not found:
        found = codes_of(actor.sandbox_id, actor.stamp).choices(table, language(), value)
    if not shape.on_edit:
        found = [(key, label) for key, label in found if may_start(actor, table, key)]
    empty = [] if shape.required and shape.default else [SelectChoice("", "—")]
    return empty + [SelectChoice(key, label) for key, label in found]


def may_start(actor: Actor, table: str, key: str) -> bool:
    """Whether a new record may have this status or stage (design.md: create accepts only open ones)."""
    if table == "stage":
        return codes_of(actor.sandbox_id, actor.stamp).outcome(key) == "open"
    return key in CREATED_STATUSES.get(table, {key})


def members(actor: Actor) -> list[SelectChoice]:
    """The members who work here, by name."""
    found = [m for m in actor.directory.members.values() if m.state == "active" and m.role != "observer"]
    found.sort(key=lambda member: member.key)
    return [SelectChoice("", "—")] + [SelectChoice(str(m.id), f"{m.name} ({m.key})") for m in found]


def receivers(actor: Actor) -> list[SelectChoice]:
    """The members to whom the actor gives what superiors give, by key."""
    members = (actor.directory.members[i] for i in may_give(actor))
    return [SelectChoice("", "—")] + [SelectChoice(str(m.id), f"{m.name} ({m.key})") for m in members]


def targets(kind: str, actor: Actor, value: Any) -> list[SelectChoice]:
    """A first handful of what may be linked, and what is linked now; more by typing (`data-remote`)."""
    record_type = catalog().get(kind)
    if record_type is None:
        return [SelectChoice("", "—")]
    model = record_type.model
    found = query.rows(model, actor, limit=SUGGESTED)
    if value and all(record.id != value for record in found):
        linked = query.one(model, actor, value)
        found = [linked, *found] if linked else found
    return [SelectChoice("", "—")] + [SelectChoice(str(r.id), record_type.title_of(r)) for r in found]


def remote(kind: str) -> dict[str, str]:
    """Where the input asks for more as somebody types."""
    record_type = catalog().get(kind)
    return {"data-remote": f"/{record_type.slug}/suggest"} if record_type else {}


def add_errors(form: Form, fields: dict[str, Any], sentence: Any) -> None:
    """Put sentences found while writing beside the inputs they concern; the rest above the form."""
    for name, message in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, str(message)]
    if not any(name in form for name in fields):
        form.form_errors.append(str(sentence))


def _text_or_none(value: Any) -> str | None:
    return None if value in (None, "", "None") else str(value)


def _id_or_none(value: Any) -> int | None:
    text = str(value or "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else LARGEST_ID
    return number if number < LARGEST_ID else None


def _id_typed(text: str) -> int | None:
    """Raises ValueError for what no record is numbered by: taken as none, it would be lost without a word."""
    found = _id_or_none(text)
    if found is None and text.strip() not in {"", "None"}:
        raise ValueError(_("Choose one of the values offered."))
    return found
