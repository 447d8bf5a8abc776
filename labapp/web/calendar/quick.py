"""An event or a task in few words, from the calendar and from the first page (004 §2.10)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db.fields import fields_of
from labapp.modules.activities.models import Activity
from labapp.records.codes import codes_of
from labapp.records.forms import WIDGETS, HiddenId, LabForm, Needed, Pick, Typed
from labapp.records.words import language

EVENT, TASK = "event", "task"
USUAL = {EVENT: "meeting", TASK: "task"}


def quick_form(actor: Actor) -> type[LabForm]:
    """What is to happen, and when. Without a type an event is a meeting."""
    asked = fields_of(Activity)
    types = codes_of(actor.sandbox_id, actor.stamp).choices("activity_type", language())
    offered = [SelectChoice("", _l("(as usual)")), *(SelectChoice(key, label) for key, label in types)]
    what = [SelectChoice(EVENT, _l("Event")), SelectChoice(TASK, _l("Task"))]
    moment = {"shape": "moment", "widget": WIDGETS["moment"]}
    return type(
        "quick_form",
        (LabForm,),
        {
            "what": RadioField(_l("What"), choices=what, default=EVENT),
            "subject": Typed(asked["subject"].label, [Needed()]),
            "at": Typed(_l("When"), [Optional()], **moment),
            "until": Typed(_l("Until"), [Optional()], **moment),
            "activity_type": Pick(asked["activity_type"].label, [Optional()], choices=offered),
            "related_kind": HiddenField(),
            "related_id": HiddenId(),
        },
    )


def activity_values(said: dict[str, Any]) -> dict[str, Any]:
    """The answers as columns of an activity. Raises Invalid for an event without a time."""
    what = said["what"]
    if what == EVENT and said["at"] is None:
        sentence = _l("An event needs the time when it begins.")
        raise Invalid(sentence, {"at": sentence})
    times = {"starts_at": said["at"], "ends_at": said["until"]} if what == EVENT else {"due_at": said["at"]}
    about = {name: said[name] or None for name in ("related_kind", "related_id")}
    kind = said["activity_type"] or USUAL[what]
    return {"subject": said["subject"], "activity_type": kind, "priority": "normal", **times, **about}
