"""The same to many people at once: to those who are ticked, or to a whole class (004 §3.1-3)."""

from collections.abc import Sequence

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from instructor.accounts import noted, require_mine
from instructor.common import asks, back_to, bp, console_page, me
from instructor.member import change_group
from instructor.positions import preview
from instructor.registrations import ids_typed, whole
from instructor.users import HERE, people_page, place_shown
from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone, Refused
from labapp.db import db
from labapp.people.addresses import reset_address
from labapp.people.models import ACTIVE, Account
from labapp.people.words import language
from labapp.records import enrolment, looks
from labapp.records.preview import effects, with_group
from labapp.records.seating import require_instructor
from labapp.records.views.common import note_attempt
from labapp.records.work import writing


@bp.post("/users/many")
@console_page("users")
@asks(people_page)
def users_many() -> ResponseReturnValue:
    """What is chosen, for each; what one of them stops is said."""
    actor, verb = me(), request.form.get("verb", "")
    note_attempt("membership", "move" if verb == "move" else "edit")
    require_instructor(actor, "edit")
    ids = chosen_people(actor)
    if verb == "passwords":
        return addresses(actor, ids)
    if verb == "group":
        return into_group(actor, ids)
    return each(actor, verb, ids)


def chosen_people(actor: Actor) -> list[int]:
    """Everybody in the position that is shown, or those who are ticked. Raises Invalid."""
    if request.form.get("everybody") != "1":
        return enrolment.unique(ids_typed())
    place_id = place_shown()
    if place_id is None:
        raise Invalid(_("Choose a position first, a class for instance: then everybody in it is meant."))
    members = (actor.directory.members[i] for i in actor.directory.people_in(place_id))
    return [member.id for member in sorted(members, key=lambda member: member.key)]


def each(actor: Actor, verb: str, ids: Sequence[int]) -> ResponseReturnValue:
    """A step for each person."""
    done, sentences = 0, []
    for member_id in ids:
        try:
            one_of_many(actor, verb, member_id, ids)
            done += 1
        except NotDone as error:
            if not error.logged:
                raise
            member = actor.directory.members.get(member_id)
            sentences.append(f"{member.name if member else member_id}: {error}")
    for sentence in sentences[:20]:
        flash(sentence, "danger")
    said = ngettext("Done for %(num)s person.", "Done for %(num)s people.", done)
    return back_to(shown_again(), said, "success" if done else "info")


def shown_again() -> str:
    """The list as it stood."""
    place_id = place_shown()
    return HERE if place_id is None else f"{HERE}?position={place_id}"


def one_of_many(actor: Actor, verb: str, member_id: int, ids: Sequence[int]) -> None:
    source = enrolment.bulk(looks.source(), ids)
    place_id = whole("position_id")
    if verb == "move":
        enrolment.move(actor, source, member_id, [place_id] if place_id is not None else [])
    elif verb == "role":
        enrolment.change_role(actor, source, member_id, request.form.get("role", ""))
    elif verb == "deactivate":
        enrolment.deactivate(actor, source, member_id)
    elif verb == "reactivate":
        enrolment.reactivate(actor, source, member_id)
    else:
        raise Invalid(_("Choose one of the values offered."))


def addresses(actor: Actor, ids: Sequence[int]) -> ResponseReturnValue:
    """A page to print and cut up: for each person with an account of their own a one-time address (P7b).

    The old passwords work until the new ones are set. Accounts of instructors are passed over, and named.
    """
    members = [member for i in ids if (member := actor.directory.members.get(i)) is not None]
    slips, passed_over = [], []
    with writing():
        for member in members:
            account = db.session.get(Account, member.account_id) if member.account_id else None
            if account is None or member.state != ACTIVE:
                continue
            try:
                require_mine(account)
            except Refused:
                passed_over.append(member.name)
                continue
            noted("account.reset_address", account)
            address = request.host_url.rstrip("/") + reset_address(account)
            slips.append((member.name, account.number or account.email or "", address))
    if not slips:
        raise Invalid(_("None of these people has an account whose password you may reset."))
    place_id = place_shown()
    where = actor.directory.places[place_id].name(language()) if place_id is not None else ""
    return render_template(
        "instructor/addresses.html",
        slips=slips,
        passed_over=passed_over,
        where=where,
        back_url=shown_again(),
        crumbs=[(_("People"), HERE), (_("One-time addresses"), None)],
    )


def into_group(actor: Actor, ids: Sequence[int]) -> ResponseReturnValue:
    """Into a sharing group, in one step, after a preview of what that opens."""
    note_attempt("group", "edit")
    group = actor.directory.groups.get(whole("group_id") or 0)
    if group is None:
        raise Invalid(_("Choose a sharing group."))
    members = group.members | {i for i in ids if i in actor.directory.members}
    found = effects(actor, directory=with_group(actor.directory, group.id, members))
    if found and request.form.get("confirm") != "1":
        values = {"verb": "group", "group_id": group.id, "ids": ids, "shown": place_shown() or ""}
        heading = _("Sharing group “%(name)s”", name=group.name)
        return preview(found, heading, request.path, values, shown_again())
    if members != group.members:
        change_group(group.id, members)
    return back_to(shown_again(), _("The sharing groups are saved."))
