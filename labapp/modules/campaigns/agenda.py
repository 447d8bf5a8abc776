"""Deadlines of campaigns in the calendar, for whoever adds them (004 §2.7)."""

from datetime import datetime, time

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.modules.campaigns.models import CLOSED, Campaign
from labapp.records import query
from labapp.records.agenda import MOST, Agenda, Entry, Stretch
from labapp.records.codes import codes_of
from labapp.records.words import language


def deadlines(stretch: Stretch) -> list[Entry]:
    """The days on which campaigns end: one statement. A campaign is about no record."""
    c, actor = Campaign, stretch.actor
    if stretch.about is not None or "campaign" not in actor.reads:
        return []
    inside = c.end_date >= stretch.start.date(), c.end_date < stretch.end.date()
    chosen = select(c.id, c.serial, c.name, c.end_date, c.status, c.owner_id).where(*inside)
    if stretch.owners is not None:
        chosen = chosen.where(c.owner_id.in_(sorted(stretch.owners)))
    book, word = codes_of(actor.sandbox_id, actor.stamp), language()
    return [
        Entry(
            "campaign",
            row.id,
            row.name,
            f"/campaigns/{row.id}",
            datetime.combine(row.end_date, time(23, 59)),
            None,
            "campaign",
            f"{_l('End of the campaign')} · {book.label('campaign_status', row.status, word)}",
            row.owner_id,
            is_task=True,
            is_over=row.status in CLOSED,
            serial=row.serial,
        )
        for row in query.answers(chosen.order_by(c.end_date, c.id).limit(MOST), actor)
    ]


AGENDAS = (Agenda("campaigns", _l("Ends of campaigns"), deadlines),)
