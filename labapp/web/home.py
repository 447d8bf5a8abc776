"""The first page: what is due, what one worked on last, and for instructors who is waiting (product.md M14)."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import bindparam, func, select

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.db import db
from labapp.db.quick import Quick
from labapp.notices.board import notices_of
from labapp.oplog.models import Operation
from labapp.people.models import PENDING, Course, Membership
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.words import language
from labapp.values import dataclass
from labapp.web import prelaunch
from labapp.web.calendar.quick import quick_form
from labapp.web.context import has_page
from labapp.web.identity import ACCOUNT, is_staff, open_to
from labapp.web.today import late_count, sections

bp = Blueprint("home", __name__)
bp.add_url_rule("/checklist", view_func=prelaunch.confirm, methods=["POST"])
RECENT, STEPS_READ, NOTICES = 8, 60, 6
OWN_STEPS = Quick(
    select(Operation.kind, Operation.record)
    .where(
        Operation.sandbox_id == bindparam("sandbox"),
        Operation.member == bindparam("member"),
        Operation.record.is_not(None),
        Operation.outcome == "done",
    )
    .order_by(Operation.id.desc())
    .limit(STEPS_READ)
)
QUICK = ("lead", "customer", "contact", "opportunity", "activity")


@dataclass(frozen=True)
class Recent:
    """A record I worked on. `kind` is its record type."""

    title: str
    url: str
    kind: RecordType


@dataclass(frozen=True)
class Waiting:
    """What an instructor should know of the course: its join code, and how many await approval."""

    join_code: str
    applications: int
    can_decide: bool


@bp.get("/")
@open_to(ACCOUNT)
def home() -> ResponseReturnValue:
    actor: Actor | None = g.actor
    if actor is None:
        return outside()
    return render_template(
        "home.html",
        day=sections(actor) if "activity" in actor.reads else [],
        late=late_count(actor),
        form=quick_form(actor)() if granted(actor, "activity", "create") else None,
        notices=fresh_notices(actor),
        cards=cards(actor),
        checklist=prelaunch.items(actor),
        team=bool(actor.below) or actor.sees_all,
        recent=recent(actor),
        quick=[t for t in known_types(QUICK) if t.name in actor.writes and not actor.frozen],
        waiting=waiting(actor),
        demo=current_app.config["DEMO"],
    )


def outside() -> ResponseReturnValue:
    """Signed in, but in no sandbox: makers of courses begin here, all others wait."""
    if not is_staff():
        return redirect(url_for("account.waiting"))
    return render_template("home_outside.html", courses=has_page("/instructor/courses"))


def known_types(names: Iterable[str]) -> list[RecordType]:
    known = catalog()
    return [known[name] for name in names if name in known]


def cards(actor: Actor) -> list[Markup]:
    """What the modules put on the first page, drawn, in their order."""
    found, locale = [], language()
    for card in sorted(catalog().cards, key=lambda card: (card.place, card.name)):
        values = card.values(actor)
        if values is not None:
            template = current_app.jinja_env.get_template(card.template)
            drawn = template.render(locale=locale, **values)
            found.append(Markup(drawn))  # noqa: S704 (a template escapes what it draws)
    return found


def fresh_notices(actor: Actor) -> list[tuple[str, str, Any]]:
    """(text, address, lab time) of the last notices one has not read."""
    unread = [notice for notice in notices_of(actor.id, NOTICES) if notice.read_at is None]
    return [(n.text_zh if language() == "zh" else n.text_en, n.url, n.at) for n in unread]


def recent(actor: Actor) -> list[Recent]:
    """The records I acted on last and still see, newest first, as my own steps in the log say."""
    steps = OWN_STEPS({"sandbox": actor.sandbox_id, "member": actor.key})
    touched = [(row.kind, row.record) for row in steps if is_shown(row.kind)]
    order = list(dict.fromkeys(touched))[: RECENT + 4]
    found = {
        key: item for kind in {kind for kind, _serial in order} for key, item in read(actor, kind, order)
    }
    return [found[key] for key in order if key in found][:RECENT]


def is_shown(kind: str) -> bool:
    record_type = catalog().get(kind)
    return (
        record_type is not None
        and record_type.parent is None
        and record_type.model.reach not in {"hanging", "between"}
    )


def read(actor: Actor, kind: str, order: list[tuple[str, int]]) -> list[tuple[tuple[str, int], Recent]]:
    """The records of one kind among these (kind, serial), as far as the actor sees them."""
    record_type = catalog()[kind]
    serials = [serial for other, serial in order if other == kind]
    rows = query.numbered(record_type.model, actor, serials)
    return [
        (
            (kind, row.serial),
            Recent(record_type.title_of(row), f"/{record_type.slug}/{row.id}", record_type),
        )
        for row in rows
    ]


def waiting(actor: Actor) -> Waiting | None:
    """For those who see registrations: the join code and the number of applications."""
    if "registrations" not in actor.console:
        return None
    course_id = g.sandbox.course_id
    counted = select(func.count(Membership.id)).where(
        Membership.course_id == course_id, Membership.state == PENDING
    )
    code = db.session.execute(select(Course.join_code).where(Course.id == course_id)).scalar_one()
    return Waiting(code, db.session.execute(counted).scalar_one(), actor.is_instructor)
