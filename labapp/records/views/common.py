"""What all pages of records share: who asks, what kind, which record, and how a refusal becomes a page and a step."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor, actor_of, current_actor
from labapp.access.errors import NotDone, NotFound
from labapp.access.everyone import EVERYONE
from labapp.access.rules import require_granted
from labapp.db import db
from labapp.people.models import Membership, Sandbox
from labapp.records import looks, merge, query
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.words import said

bp = Blueprint("records", __name__)
ORIGINS = {
    "screen": _l("by hand"),
    "bulk": _l("in bulk"),
    "import": _l("import"),
    "cli": _l("command line"),
    "public": _l("web form"),
    "timeline": _l("timeline"),
    "automation": _l("automation"),
    "setup": _l("set-up"),
}


OWN_PAGES = frozenset({404, 409, 422})


def me() -> Actor:
    """The actor of this request. The identity hook lets nobody else come here."""
    actor = current_actor()
    if actor is None:
        abort(401)
    return actor


def type_or_404(slug: str) -> RecordType:
    return catalog().slugs.get(slug) or abort(404)


def note_attempt(kind: str, verb: str, record: Any = None, answers: dict[str, Any] | None = None) -> None:
    """Say what is being tried, for the step that a refusal writes."""
    g.attempt = {"what": (kind, verb), "record": record, "answers": answers}


def open_type(slug: str, verb: str) -> tuple[Actor, RecordType]:
    """The actor and the type, if the actor's role and profile allow this verb on it. Raises Refused."""
    actor, record_type = me(), type_or_404(slug)
    note_attempt(record_type.name, verb)
    require_granted(actor, record_type.name, verb)
    return actor, record_type


def record_or_404(actor: Actor, record_type: RecordType, record_id: int) -> Any:
    """The record, if the actor reaches it. Raises NotFound, the same for what is hidden and what is not there."""
    record = query.one(record_type.model, actor, record_id) if record_id < 2**53 else None
    if record is None:
        follow_merged(actor, record_type, record_id)
        follow_elsewhere(actor, record_type, record_id)
        raise NotFound(_l("There is no such record, or it is not visible to you."))
    return record


def follow_merged(actor: Actor, record_type: RecordType, record_id: int) -> None:
    """The page of a record that was merged into another leads on to that one, where it is visible."""
    if request.method != "GET" or wants_json() or record_id >= 2**53:
        return
    other = merge.merged_into(record_type.model, actor.sandbox_id, record_id)
    if other is not None and query.one(record_type.model, actor, other.id) is not None:
        flash(_("This record was merged into “%(title)s”.", title=record_type.title_of(other)), "info")
        abort(redirect(f"/{record_type.slug}/{other.id}"))


def follow_elsewhere(actor: Actor, record_type: RecordType, record_id: int) -> None:
    """Opening a record of another of one's sandboxes switches there, says so, and loads the page anew."""
    if request.method != "GET" or wants_json() or record_id >= 2**53:
        return
    model = record_type.model
    where = select(model.sandbox_id).where(model.id == record_id, model.sandbox_id != actor.sandbox_id)
    sandbox_id = db.session.scalar(where, execution_options={"seen_by": EVERYONE})
    if sandbox_id is None or not may_open_there(model, record_id, sandbox_id):
        return
    if current_app.extensions["switch_sandbox"](sandbox_id):
        abort(redirect(request.full_path.rstrip("?")))


def may_open_there(model: Any, record_id: int, sandbox_id: int) -> bool:
    """Whether this account stands in that sandbox and reaches the record from there."""
    sandbox = db.session.get(Sandbox, sandbox_id)
    mine = select(Membership.id).where(
        Membership.account_id == g.account.id,
        Membership.sandbox_id == sandbox_id,
        Membership.state == "active",
    )
    membership_id = db.session.scalar(mine)
    if sandbox is None or membership_id is None:
        return False
    return query.one(model, actor_of(sandbox, membership_id), record_id) is not None


def page(record_type: RecordType, name: str, **context: Any) -> str:
    """A module's own template if it has one, else the ordinary one."""
    members = me().directory.members
    context |= {
        "type": record_type,
        "plural": said(record_type.plural),
        "singular": said(record_type.label),
        "owner_name": lambda member_id: members[member_id].name if member_id in members else "",
        "origin_label": lambda origin: str(ORIGINS.get(origin, origin)),
    }
    return render_template(template_of(record_type.name, name), **context)


def template_of(kind: str, name: str) -> str:
    """The name of the template of a kind's page; which there is is looked up once."""
    known: dict[tuple[str, str], str] = current_app.extensions.setdefault("labapp_templates", {})
    found = known.get((kind, name))
    if found is None:
        chosen = current_app.jinja_env.select_template([f"{kind}/{name}.html", f"records/{name}.html"])
        found = known[kind, name] = str(chosen.name)
    return found


def wants_json() -> bool:
    return request.args.get("format") == "json"


def crumbs(record_type: RecordType, *more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
    return [(said(record_type.plural), f"/{record_type.slug}/"), *more]


def not_done(error: NotDone) -> ResponseReturnValue:
    """The page for something that was not done; writes the step if none was written yet."""
    actor = current_actor()
    attempt = g.get("attempt") or attempt_from_address()
    if actor is not None and not error.logged:
        looks.attempted(actor, attempt["what"], error, attempt.get("record"), attempt.get("answers"))
    if wants_json() or request.headers.get("X-Requested-With") == "labapp":
        return {"error": str(error)}, error.status
    own = error.status if error.status in OWN_PAGES else 403
    return (
        render_template(f"errors/{own}.html", sentence=str(error), reason=str(error), error=error),
        error.status,
    )


def attempt_from_address() -> dict[str, Any]:
    """What was tried, read from an address whose page did not say it."""
    values = request.view_args or {}
    found = catalog().slugs.get(str(values.get("slug", "")))
    if found is None:
        return {"what": ("session", "request")}
    return {"what": (found.name, str(values.get("verb") or (request.endpoint or "").rpartition(".")[2]))}
