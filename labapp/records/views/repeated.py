"""The answer to a form that was done before: what it led to, not a second time."""

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.actor import Actor, current_actor
from labapp.access.errors import NotDone
from labapp.db import db
from labapp.oplog.models import Operation
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.once import Repeated, earlier
from labapp.records.views.common import not_done
from labapp.records.views.writing import address


def not_done_or_repeated(error: NotDone) -> ResponseReturnValue:
    """What cannot be done because it is done already, by the same form, was no vain attempt."""
    first = earlier()
    return repeated(Repeated(first)) if first is not None else not_done(error)


def repeated(error: Repeated) -> ResponseReturnValue:
    """Lead to the record the form was about, or to the list of its kind; else to the page it was sent from."""
    actor = current_actor()
    found = _led_to(actor, error.request_id) if actor is not None and error.request_id else None
    flash(_("This arrived twice. It was done once."), "info")
    return redirect(found or _page())


def _led_to(actor: Actor, request_id: str) -> str | None:
    """Where the first step of that request is seen."""
    done = select(Operation.kind, Operation.record).where(
        Operation.sandbox_id == actor.sandbox_id,
        Operation.request == request_id,
        Operation.outcome == "done",
        Operation.member == actor.key,
        Operation.record.is_not(None),
    )
    step = db.session.execute(done.order_by(Operation.id).limit(1)).first()
    record_type = catalog().get(step.kind) if step is not None else None
    if step is None or record_type is None:
        return None
    model = record_type.model
    found = next(iter(query.rows(model, actor, model.serial == step.record, limit=1)), None)
    in_use = found is not None and found.deleted_at is None
    return (address(found) if in_use else None) or f"/{record_type.slug}/"


def _page() -> str:
    """The page itself, by its own address: a form is shown where it is sent to, a button is not."""
    sent_from = request.referrer or ""
    if sent_from.startswith(request.host_url):
        return "/" + sent_from.removeprefix(request.host_url)
    return "/" if g.get("account") is not None else "/login"
