"""The thresholds of the search in words, and a person's remark on what was found."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from instructor.integrity_read import Limits
from labapp.records.forms import IntegerField, LabForm, LongField, Needed, Pick

SEEN, EXPLAINED, OPEN = "seen", "explained", "open"
STATES = {OPEN: _l("not looked at yet"), SEEN: _l("looked at"), EXPLAINED: _l("explained")}


class Between:
    """A whole number from `least` to `most`."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is not None and not self.least <= field.data <= self.most:
            raise ValidationError(
                _("A whole number from %(least)s to %(most)s.", least=self.least, most=self.most)
            )


def figure(label: Any, least: int, most: int, help: Any = "") -> Any:
    return IntegerField(label, [Needed(), Between(least, most)], shape="number", description=help)


class LimitsForm(LabForm):
    """One input for each threshold, in the order of the page."""

    text = figure(
        _l("Same text: at least so long"), 20, 2000, _l("Letters and digits; a Chinese character counts two.")
    )
    alike = figure(
        _l("Nearly the same text: at least so many per cent alike"),
        80,
        100,
        _l("Letter by letter. 100: only the same text is looked for."),
    )
    parties = figure(
        _l("Same text: given out in class when more than so many share it"),
        2,
        200,
        _l("Such texts stand apart, at the end."),
    )
    chars = figure(_l("Burst: at least so many letters in a form"), 20, 5000)
    speed = figure(
        _l("Burst: more letters a second than"), 5, 1000, _l("A fast typist reaches ten, in Chinese four.")
    )
    fields = figure(_l("Burst: or at least so many fields"), 3, 50)
    seconds = figure(_l("… filled by hand within so many seconds"), 1, 60)
    times = figure(_l("Burst: at least so many forms within ten minutes"), 2, 50)
    switches = figure(_l("Two places: at least so many changes of address"), 2, 50)
    minutes = figure(_l("… within so many minutes"), 1, 120)
    acts = figure(_l("Work of another: at least so many changes on somebody’s records"), 5, 5000)
    share = figure(_l("… of which another did so many per cent"), 10, 100)

    @property
    def limits(self) -> Limits:
        return Limits(**{name: int(value) for name, value in self.answers.items() if value is not None})


class RemarkForm(LabForm):
    """Looked at, explained, or open again; with a remark that says why."""

    state = Pick(
        _l("State"), [Needed()], choices=[SelectChoice(state, label) for state, label in STATES.items()]
    )
    remark = LongField(_l("Remark"), shape="prose", render_kw={"rows": 2, "maxlength": 1000})

    def validate_remark(self, field: Any) -> None:
        if len(field.data or "") > 1000:
            raise ValidationError(
                _("At most %(most)s characters; these are %(count)s.", most=1000, count=len(field.data))
            )
        if self.state.data == EXPLAINED and not field.data:
            raise ValidationError(_("Say what explains it."))
