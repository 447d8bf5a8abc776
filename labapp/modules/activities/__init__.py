"""Activities 活动: tasks and events on any record (004 §2.10)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.activities.actions import cancel, complete
from labapp.modules.activities.agenda import AGENDA
from labapp.modules.activities.figures import TEAM_FIGURES
from labapp.modules.activities.mail import sign_plan, write_mail
from labapp.modules.activities.models import Activity
from labapp.modules.activities.reminders import SWEEPS
from labapp.modules.activities.rules import check
from labapp.records.describe import Addition, RecordType, Rules

__all__ = ["ADDITIONS", "AGENDAS", "RECORD_TYPES", "SWEEPS", "TEAM_FIGURES"]

AGENDAS = (AGENDA,)
ADDITIONS = {kind: Addition(actions=(write_mail,)) for kind in ("lead", "contact", "customer")}
RECORD_TYPES = [
    RecordType(
        Activity,
        _l("Activity"),
        _l("Activities"),
        "activities",
        columns=(
            "subject",
            "activity_type",
            "status",
            "priority",
            "starts_at",
            "due_at",
            "related_id",
            "owner_id",
        ),
        icon="calendar-check",
        title="subject",
        sortable=("due_at", "starts_at"),
        actions=(complete, cancel),
        rules=Rules(begun=sign_plan, check=check),
    ),
]
