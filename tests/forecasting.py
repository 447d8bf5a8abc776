"""Quotas given, forecasts submitted and adjusted, as the tests of forecasts do it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.modules.forecasts import reading
from labapp.modules.forecasts.models import Forecast
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records import query
from labapp.records.fiscal import Quarter
from labapp.records.organisation import change_settings
from labapp.records.work import Source

NOW = Quarter(2026, 3)


def submit(browser, expected, best, quarter=NOW, **more):
    said = {"year": str(quarter.year), "quarter": str(quarter.quarter)}
    amounts = {"expected_amount": str(expected), "best_case_amount": str(best)}
    return browser.post("/forecasts/submit", {**said, **amounts, **more})


def give(browser, member, amount, quarter=NOW):
    said = {"year": str(quarter.year), "quarter": str(quarter.quarter), "amount": str(amount)}
    return browser.post("/quotas/new", {"owner_id": str(member.membership_id), **said})


def adjust(browser, forecast_id, expected, best, reason="Two deals slip into October"):
    said = {"expected_amount": str(expected), "best_case_amount": str(best), "reason": reason}
    return browser.post("/adjustments/new", {"forecast_id": str(forecast_id), **said})


def sells(make, person, amount, stage="won", day=date(2026, 9, 1), probability=None):
    more = {"probability": probability} if probability is not None else {}
    return make("opportunity", person, amount=Decimal(amount), stage=stage, close_date=day, **more)


def forecast_of(person):
    db.session.remove()
    (found,) = query.rows(Forecast, person.actor, Forecast.owner_id == person.membership_id)
    return found


def standing_of(reader, person, quarter=NOW):
    db.session.remove()
    return reading.standings(reader.actor, quarter, [person.membership_id])[person.membership_id]


def last_step(person, kind):
    found = select(Operation).where(Operation.sandbox_id == person.sandbox_id, Operation.kind == kind)
    return db.session.scalars(found.order_by(Operation.id.desc()).limit(1)).one()


def go_to(person, day):
    """Move the clock of the sandbox on."""
    db.session.remove()
    begin_write()
    db.session.get(Sandbox, person.sandbox_id).clock_base = datetime.fromisoformat(day)
    db.session.commit()
    db.session.remove()


def year_begins_in(cast, month):
    change_settings(cast.ines.actor, Source(), {"organisation.fiscal_year_start": month})
    db.session.remove()
