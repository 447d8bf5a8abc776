"""Before the students come: what an instructor sets up, and how far it stands (004 §3.1)."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.modules.products.models import Product
from labapp.people.models import ACTIVE, STUDENT, Course, Membership, Sandbox
from labapp.records import looks, query
from labapp.records.codes import FIXED, codes_of
from labapp.records.organisation import change_settings
from labapp.values import dataclass
from labapp.web.context import has_page

LOOKED_AT = "checklist"
MODES = {"private": _l("private"), "read_only": _l("read only"), "read_write": _l("read and write")}
COMPANY = ("phone", "website", "postcode")


@dataclass(frozen=True)
class Item:
    """A point of the list: whether it is done, how it stands in words, and where it is done.

    `confirm`: it is a matter of judgement, and done once somebody says so.
    """

    name: str
    label: Any
    done: bool
    state: str
    url: str
    confirm: bool = False


def items(actor: Actor) -> list[Item] | None:
    """The list, for instructors only: two statements."""
    if not actor.is_instructor:
        return None
    found = [make(actor) for make in POINTS]
    return [
        item if not item.url.startswith("/instructor/") or has_page(item.url) else without_page(item)
        for item in found
    ]


def without_page(item: Item) -> Item:
    return Item(item.name, item.label, item.done, item.state, "", item.confirm)


def account(actor: Actor) -> Item:
    """A password of one's own: the epoch moves with every new password."""
    done = g.account.epoch > 0 or not current_app.config["DEMO"]
    state = _("%(name)s, with a password of your own", name=g.account.name)
    state = state if done else _("the password of the demonstration")
    return Item("account", _l("Your account"), done, state, "/settings/password")


def organisation(actor: Actor) -> Item:
    said = actor.settings
    name = said.get("organisation.name.zh") or said.get("organisation.name.en")
    address = said.get("organisation.address.zh") or said.get("organisation.address.en")
    missing = [] if name else [_("name")]
    missing += [] if address else [_("address")]
    missing += [] if said.get("organisation.phone") else [_("phone")]
    state = _("still missing: %(what)s", what=", ".join(missing)) if missing else str(name)
    return Item("organisation", _l("Organisation"), not missing, state, "/instructor/organisation")


def positions(actor: Actor) -> Item:
    kinds = [place.kind for place in actor.directory.places.values()]
    counted = {kind: kinds.count(kind) for kind in ("class", "department", "staff")}
    state = ", ".join(f"{FIXED['position_kind'][kind]}: {count}" for kind, count in counted.items())
    return Item("positions", _l("Positions"), all(counted.values()), state, "/instructor/positions")


def sharing(actor: Actor) -> Item:
    names = {"lead": _("leads"), "customer": _("customers"), "opportunity": _("opportunities")}
    modes = {name: actor.mode(name) for name in names}
    state = ", ".join(f"{names[name]}: {MODES.get(mode, mode)}" for name, mode in modes.items())
    return Item("sharing", _l("Sharing"), looked_at(actor, "sharing"), state, "/instructor/sharing", True)


def codes(actor: Actor) -> Item:
    book = codes_of(actor.sandbox_id, actor.stamp)
    count = sum(len(values) for values in book.tables.values())
    state = _("%(tables)s tables with %(count)s values", tables=len(book.tables), count=count)
    return Item("codes", _l("Code tables"), looked_at(actor, "codes"), state, "/instructor/codes", True)


def products(actor: Actor) -> Item:
    found = query.answers(select(Product.id).limit(100), actor)
    state = _("in the catalogue: %(count)s", count=len(found) if len(found) < 100 else "100+")
    return Item("products", _l("Products"), bool(found), state, "/products/")


def registrations(actor: Actor) -> Item:
    course = db.session.execute(
        select(Course.join_code, Course.closed_at, Course.rubric).where(Course.id == g.sandbox.course_id)
    ).one()
    is_open = course.closed_at is None and bool(course.join_code)
    state = _("open, join code %(code)s", code=course.join_code) if is_open else _("closed")
    return Item("registrations", _l("Registrations"), is_open, state, "/instructor/registrations")


def people(actor: Actor) -> Item:
    seats, seated = seats_of_course(g.sandbox.course_id) if g.sandbox.unit else seats_here(actor)
    state = _("%(seated)s of %(seats)s seats taken", seated=seated, seats=seats)
    return Item("people", _l("Students"), seated > 0, state, "/instructor/users")


def seats_here(actor: Actor) -> tuple[int, int]:
    """The seats for students in this sandbox, and how many are taken."""
    members = [m for m in actor.directory.members.values() if m.role == STUDENT and m.state == ACTIVE]
    return len(members), sum(1 for member in members if member.account_id)


def seats_of_course(course_id: int) -> tuple[int, int]:
    """The same of all sandboxes of a course: where every team or student has one."""
    counted = select(func.count(Membership.id), func.count(Membership.account_id))
    counted = counted.join(Sandbox, Sandbox.id == Membership.sandbox_id).where(
        Membership.course_id == course_id,
        Membership.role == STUDENT,
        Membership.state == ACTIVE,
        Sandbox.replaced_at.is_(None),
    )
    seats, seated = db.session.execute(counted).one()
    return seats, seated


POINTS: tuple[Callable[[Actor], Item], ...] = (
    account,
    organisation,
    positions,
    sharing,
    codes,
    products,
    registrations,
    people,
)


def looked_at(actor: Actor, name: str) -> bool:
    return bool(actor.settings.get(f"{LOOKED_AT}.{name}"))


def confirm() -> ResponseReturnValue:
    """Say that a matter of judgement was looked at, or take it back. A step like every change of a setting."""
    actor: Actor = g.actor
    name = request.form.get("name", "")
    if name not in {"sharing", "codes"}:
        raise Invalid(_("There is no such point on the list."))
    path = f"{LOOKED_AT}.{name}"
    change_settings(actor, looks.source(), {path: not actor.settings.get(path)})
    flash(_("The list is up to date."), "success")
    return redirect("/")
