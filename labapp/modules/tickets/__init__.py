"""The service desk 客服: feedback, complaints and service tasks, and what customers answer when asked (004 §2.8)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.tickets.cards import HOME_CARDS, TEAM_FIGURES
from labapp.modules.tickets.handoff import create_lead, create_task, schedule_service
from labapp.modules.tickets.models import Survey, Ticket
from labapp.modules.tickets.operations import close, reopen, resolve, resume, start, wait
from labapp.modules.tickets.pages import AGENDAS
from labapp.modules.tickets.passing import assign, escalate, hand_over
from labapp.modules.tickets.reports import REPORTS, SURVEY_REPORTS
from labapp.modules.tickets.rules import SURVEY_RULES, TICKET_RULES
from labapp.modules.tickets.sweep import SWEEPS
from labapp.modules.tickets.web_form import BLUEPRINT
from labapp.records.describe import Addition, RecordType

__all__ = ["ADDITIONS", "AGENDAS", "BLUEPRINT", "HOME_CARDS", "RECORD_TYPES", "SWEEPS", "TEAM_FIGURES"]

RECORD_TYPES = [
    RecordType(
        Ticket,
        _l("Ticket"),
        _l("Tickets"),
        "tickets",
        columns=(
            *("number", "kind", "subject", "customer_id", "priority", "status"),
            *("assignee_id", "due_at", "overdue"),
        ),
        icon="headset",
        title="subject",
        sortable=("number", "urgency", "due_at", "submitted_at", "status"),
        sort="-urgency",
        actions=(
            *(start, assign, hand_over, wait, resume, resolve, close, reopen, escalate),
            *(create_lead, create_task),
        ),
        reports=REPORTS,
        rules=TICKET_RULES,
    ),
    RecordType(
        Survey,
        _l("Care survey"),
        _l("Care surveys"),
        "surveys",
        columns=("subject", "customer_id", "satisfaction", "recommend", "asked_on", "owner_id"),
        icon="clipboard-check",
        title="subject",
        sortable=("asked_on", "satisfaction"),
        reports=SURVEY_REPORTS,
        rules=SURVEY_RULES,
    ),
]
ADDITIONS = {"customer": Addition(actions=(schedule_service,))}
