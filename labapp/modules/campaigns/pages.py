"""The pages of campaigns beside the ordinary ones: their tasks, and the numbers on a campaign's page."""

from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.modules.campaigns.models import Campaign
from labapp.modules.campaigns.results import Result, result_of
from labapp.modules.campaigns.tasks import Tasks, tasks_of
from labapp.records import looks
from labapp.records.views.common import crumbs, me, open_type

BLUEPRINT = Blueprint("campaigns", __name__, template_folder="templates")
TASKS = "/campaigns/tasks"


@BLUEPRINT.get(TASKS)
def tasks() -> ResponseReturnValue:
    """The tasks and events of all campaigns: mine, open, past, all (004 §2.7)."""
    actor, record_type = open_type("campaigns", "list")
    open_type("activities", "list")
    g.form_sandbox = actor.sandbox_id
    found = tasks_of(actor, TASKS, request.args.get("view", "my"), None, request.args.get("after", ""))
    answer = render_template(
        "campaign/tasks.html",
        tasks=found,
        type=record_type,
        crumbs=crumbs(record_type, (_("Tasks of campaigns"), None)),
    )
    looks.looked(actor, "activity", "list", answers={"related_kind": "campaign", "view": found.view})
    return answer


@BLUEPRINT.app_template_global("campaign_result")
def campaign_result(campaign: Campaign) -> Result:
    """What the campaign brought, as far as the reader may see it."""
    return result_of(campaign, me())


@BLUEPRINT.app_template_global("campaign_tasks")
def campaign_tasks(campaign: Campaign) -> Tasks | None:
    """The tasks of one campaign in the view that the address asks for; None where activities are not open."""
    actor: Any = me()
    if "activity" not in actor.reads:
        return None
    view, after = request.args.get("view", "open"), request.args.get("after", "")
    return tasks_of(actor, f"/campaigns/{campaign.id}", view, campaign.id, after)
