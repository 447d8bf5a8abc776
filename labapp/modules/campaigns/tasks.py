"""Tasks and events of campaigns: mine, open, past and all of them; leads that are made from them (004 §2.7)."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.modules.activities.models import Activity
from labapp.modules.campaigns.models import Campaign
from labapp.modules.leads.models import Lead
from labapp.records import cells
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.drawing import TableRow, cells_of
from labapp.records.forms import LabForm, LongField, input_for
from labapp.records.listing import Header, Table, read_page
from labapp.records.question import Question, question_of, shown_columns
from labapp.records.standard import create
from labapp.values import dataclass

SOON = timedelta(days=3)
VIEWS: dict[str, tuple[Any, dict[str, str | tuple[str, ...]]]] = {
    "my": (_l("My tasks"), {"mine": "1", "status": "open"}),
    "open": (_l("Open tasks"), {"status": "open"}),
    "past": (_l("Past tasks"), {"status": ("done", "cancelled")}),
    "all": (_l("All tasks"), {}),
}
COLUMNS = ("subject", "activity_type", "status", "starts_at", "due_at", "owner_id")
ASKED = ("name", "company", "mobile", "email", "rating", "industry")


@dataclass(frozen=True)
class Tasks:
    """A view of tasks: its table, the tabs (label, address, chosen), the list's address, whether one may add."""

    view: str
    table: Table
    tabs: list[tuple[Any, str, bool]]
    list_url: str
    may_add: bool


def question_for(view: str, actor: Actor, campaign_id: int | None, after: str = "") -> Question:
    """The list of activities that this view is."""
    pairs: list[tuple[str, Any]] = [("related_kind", "campaign"), ("after", after), ("sort", "due_at")]
    if campaign_id is not None:
        pairs.append(("related_id", str(campaign_id)))
    for name, value in VIEWS[view][1].items():
        pairs += [(name, one) for one in ((value,) if isinstance(value, str) else value)]
    columns = [*COLUMNS, *(["result"] if view == "past" else [])]
    columns += [] if campaign_id is not None else ["related_id"]
    return question_of(catalog()["activity"], actor, MultiDict([*pairs, ("cols", ",".join(columns))]))


def tasks_of(actor: Actor, path: str, view: str, campaign_id: int | None, after: str = "") -> Tasks:
    """A page of the tasks of one campaign, or of all, as this actor sees them."""
    view = view if view in VIEWS else "open"
    question = question_for(view, actor, campaign_id, after)
    found = read_page(question, actor)
    shapes = [shown_columns(question.record_type)[name] for name in question.columns]
    rows = cells_of(question.record_type, found.rows, shapes, actor)
    may = granted(actor, "lead", "create") and granted(actor, "activity", "edit")
    may = may and any(is_own(raw, actor) for raw in found.rows)
    rows = [marked(row, raw, actor, may) for row, raw in zip(rows, found.rows, strict=True)]
    own = {"related_id": catalog()["campaign"].label}
    headers = [Header(own.get(shape.name, shape.label), shape.name) for shape in shapes]
    headers += [Header(_("What next"), "next")] if may else []
    here = f"{path}?view={view}"
    table = Table(
        VIEWS[view][0],
        headers,
        rows,
        empty=_("No tasks here."),
        next_url=f"{here}&after={found.after}" if found.after else None,
        first_url=here,
        is_later_page=bool(after),
    )
    tabs = [(label, f"{path}?view={name}", name == view) for name, (label, _more) in VIEWS.items()]
    return Tasks(view, table, tabs, question.address(), granted(actor, "activity", "create"))


def marked(row: TableRow, raw: Any, actor: Actor, may: bool) -> TableRow:
    """The row with its deadline marked where it is near or over, and what may be done next."""
    drawn = list(row.cells)
    place = COLUMNS.index("due_at")
    drawn[place] = deadline(raw.due_at, raw.status, actor.lab_now)
    if may:
        link = Markup('<a class="btn btn-outline-secondary btn-sm" href="/activities/{}/create_lead">{}</a>')
        drawn.append(link.format(row.id, _("Create lead")) if is_own(raw, actor) else "")
    return row._replace(cells=drawn)


def is_own(raw: Any, actor: Actor) -> bool:
    """Whether the actor may do verbs to this activity."""
    return actor.is_instructor or raw.owner_id in actor.circle


def deadline(due: datetime | None, status: str, now: datetime) -> Any:
    """The due time; an open one with a mark when it is near or over (004 §2.7)."""
    shown = cells.moment(due)
    if due is None or status != "open" or due > now + SOON:
        return shown
    tone, words = ("danger", _("overdue")) if due < now else ("warning", _("due soon"))
    return Markup('{} <span class="badge tone-{}">{}</span>').format(shown, tone, words)


def is_of_campaign(activity: Activity) -> bool:
    return activity.related_kind == "campaign"


def lead_form(actor: Actor, record_type: RecordType, record: Activity | None) -> type[LabForm]:
    """What is known of the new lead. It starts empty: the task's own fields say nothing of it."""
    fields = catalog()["lead"].fields
    inputs: dict[str, Any] = {name: input_for(fields[name], actor) for name in ASKED}
    inputs["description"] = Remark(fields["description"].label, shape="prose")
    return type("lead_form", (LabForm,), inputs)


class Remark(LongField):
    """A text that begins empty, whatever the record at hand says under the same name."""

    def process_data(self, value: Any) -> None:
        self.data = None


@action(
    _l("Create lead"),
    form=lead_form,
    offered=is_of_campaign,
    icon="person-plus",
    explain=_l("The lead carries the campaign, so that what becomes of it counts as the campaign's result."),
)
def create_lead(work: Any, activity: Activity, answers: dict[str, Any]) -> Lead:
    """A lead found while doing a task of a campaign: it carries the campaign (004 §2.7, §3.3)."""
    campaign: Campaign = work.get(Campaign, activity.related_id)
    values = {**answers, "campaign_id": campaign.id, "source": "campaign", "status": "new"}
    lead: Lead = create(work, catalog()["lead"], values)
    return lead
