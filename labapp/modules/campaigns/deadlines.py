"""Before a campaign ends, whoever works on it is told once (004 §2.7: attention in time before the end)."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.modules.activities.models import Activity
from labapp.modules.campaigns.models import CLOSED, Campaign
from labapp.notices.board import Words, tell
from labapp.records import query
from labapp.records.sweeps import Automation, Sweep, enough

AHEAD = timedelta(days=3)


def warn(house: Actor) -> int:
    """Tell of every open campaign that ends within three days, or is over, and was not told of. Returns how many."""
    last = house.lab_now.date() + AHEAD
    near = Campaign.status.not_in(CLOSED), Campaign.end_date <= last
    untold = Campaign.warned_for.is_distinct_from(Campaign.end_date)
    count = 0
    for campaign in query.rows(Campaign, house, *near, untold, order=Campaign.id):
        warn_of(house, campaign.id)
        count += 1
        if enough():
            break
    return count


def warn_of(house: Actor, campaign_id: int) -> None:
    """Tell the owner and everybody who has an open task of this campaign."""
    with Automation(house, "campaign.remind") as work:
        campaign = work.on(Campaign, campaign_id)
        mine = Activity.related_kind == "campaign", Activity.related_id == campaign.id
        tasks = work.rows(Activity, *mine, Activity.status == "open")
        people = dict.fromkeys([campaign.owner_id, *(task.owner_id for task in tasks)])
        end, count = campaign.end_date.isoformat(), len(tasks)
        words = Words(
            f"The campaign “{campaign.name}” ends on {end}; {count} of its tasks are still open.",
            f"市场拓广“{campaign.name}”将于{end}结束，还有{count}项任务未完成。",
        )
        tell(work.actor.sandbox_id, list(people), "campaign", words, work.now, f"/campaigns/{campaign.id}")
        work.update(campaign, warned_for=campaign.end_date)


def next_end(house: Actor) -> datetime | None:
    """The midnight at which the next campaign is three days from its end."""
    near = house.lab_now.date() + AHEAD
    query_ = select(func.min(Campaign.end_date)).where(
        Campaign.status.not_in(CLOSED), Campaign.end_date > near
    )
    end = query.answers(query_, house)[0][0]
    return datetime.combine(end - AHEAD, time()) if end is not None else None


SWEEPS = (Sweep("campaign deadlines", warn, next_end),)
