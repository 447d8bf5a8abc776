"""The calendar 日历: mine, my team's, the organisation's; by day, week and month (004 §2.10)."""

from flask import Blueprint

from labapp.web.calendar import feed, pages, writing

bp = Blueprint("calendar", __name__)

bp.add_url_rule("/calendar", view_func=pages.page)
bp.add_url_rule("/calendar/events", view_func=pages.events)
bp.add_url_rule("/calendar/add", view_func=writing.add, methods=["GET", "POST"])
bp.add_url_rule("/calendar/complete", view_func=writing.complete, methods=["POST"])
bp.add_url_rule("/calendar/move", view_func=writing.move, methods=["POST"])
bp.add_url_rule("/calendar/feed", view_func=feed.settings, methods=["GET", "POST"])
bp.add_url_rule("/calendar/feed/<token>.ics", view_func=feed.ics)
