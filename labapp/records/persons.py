"""Who a member is: name, number, e-mail and class, as an instructor keeps them (004 §2.11-8)."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.enrol import Person, is_known
from labapp.people.models import Account, Membership
from labapp.records.seating import require_instructor
from labapp.records.work import Source, Work


def change_person(
    actor: Actor, source: Source, membership_id: int, person: Person, class_name: str | None
) -> None:
    """Correct what a member is called, in the membership and, where there is one, in the account.

    The key stays. Raises Invalid where the number or e-mail is somebody else's, Refused, NotFound.
    """
    answers = {"name": person.name, "number": person.number, "class_name": class_name}
    with Work(actor, "membership.edit", answers=answers, source=source) as work:
        require_instructor(actor, "edit")
        member = work.on(Membership, membership_id)
        if member.key is None:
            raise NotFound(_l("There is no such member in this sandbox."))
        if member.account_id is not None:
            _change_account(actor, source, db.session.get_one(Account, member.account_id), person)
        work.update(member, name=person.name, number=person.number, class_name=class_name)


def _change_account(actor: Actor, source: Source, account: Account, person: Person) -> None:
    if not (person.number or person.email):
        sentence = _("Somebody who signs in needs a number or an e-mail address.")
        raise Invalid(sentence, {"number": sentence})
    if is_known(person.number, person.email, apart_from=account.id):
        sentence = _("Another account has this number or e-mail address.")
        raise Invalid(sentence, {"number": sentence})
    wanted = {"name": person.name, "number": person.number, "email": person.email}
    moved = sorted(name for name, value in wanted.items() if getattr(account, name) != value)
    for name in moved:
        setattr(account, name, wanted[name])
    if moved:
        by = actor.member.number or actor.key
        append_act(Act("account.edit", by, None, person.name, {"fields": moved}, source.address))
