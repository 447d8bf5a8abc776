"""A form is done once, however often it arrives: sent again by a proxy, by a browser, or by an impatient hand.

A page gives each of its forms a key. The first writing transaction of the request that brings it keeps the key together
with all else that was sent, so that both stand or neither. The same form once more finds it there. What was refused
keeps no key and may be sent again; a form with other answers is another one, also from the page one went back to.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import String, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp import clock
from labapp.db import Model, db, dialects
from labapp.db.quick import Quick

FIELD = "once"
KEPT = timedelta(days=2)


class FormKey(Model):
    """A form that was done: the digest of what was sent, and the request whose steps in the log did it."""

    __tablename__ = "form_key"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime] = mapped_column(index=True)


class Repeated(Exception):
    """This form was done before, by the request named: nothing is done again."""

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self.request_id = request_id


def form_key() -> str:
    """The key of the forms of this page: for templates, in a hidden field called `once`."""
    if "form_key" not in g:
        g.form_key = token_hex(8)
    return str(g.form_key)


def claim() -> None:
    """Keep the key of this request's form, in the running write transaction. Raises Repeated.

    Another transaction that just does the same form is waited for. What saves by itself while one types says the same
    thing again on purpose.
    """
    if not has_request_context() or request.method != "POST" or "HX-Request" in request.headers:
        return
    if not request.form.get(FIELD):
        return
    source = g.get("source")
    mine = source.request if source is not None else ""
    digest = _digest()
    if _claiming()({"digest": digest, "request": mine, "at": clock.now()}):
        return
    first = FIRST({"digest": digest}).one()[0]
    if first != mine:  # one request may write several times
        raise Repeated(first)


def earlier() -> str | None:
    """The request that did this request's form before; None where none did."""
    if request.method != "POST" or not request.form.get(FIELD):
        return None
    found = FIRST({"digest": _digest()}).first()
    source = g.get("source")
    return found[0] if found is not None and (source is None or found[0] != source.request) else None


@dialects.made_once
def _claiming() -> Quick:
    table = FormKey.__table__
    statement = dialects.insert(table).on_conflict_do_nothing()
    return Quick(statement.returning(table.c.digest), ["digest", "request", "at"])


FIRST = Quick(select(FormKey.request).where(FormKey.digest == bindparam("digest")))


def _digest() -> str:
    """Of everything that was sent, and by whom; files by their names and the length of the whole."""
    account = g.get("account")
    sent: list[Any] = [account.id if account is not None else 0, request.full_path]
    sent.append(
        sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    )
    files = sorted((name, file.filename or "") for name, file in request.files.items(multi=True))
    if files:
        sent += [files, request.content_length]
    return sha256(json.dumps(sent).encode()).hexdigest()


def prune_keys() -> None:
    """Forget what nobody sends again, in the running write transaction."""
    db.session.execute(delete(FormKey).where(FormKey.at <= clock.now() - KEPT))
