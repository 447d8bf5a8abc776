"""The board: a column per stage with its count and sum, cards that are dragged or moved by a choice."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone, NotFound
from labapp.access.rules import EDIT, granted, reachable
from labapp.modules.opportunities import operations
from labapp.modules.opportunities.conditions import labels
from labapp.modules.opportunities.dwell import days
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stages import CLOSED, LOST, WON, book_of, open_stages
from labapp.records import cells, looks, query
from labapp.records.codes import Value
from labapp.records.links import Links
from labapp.records.question import Question, question_of
from labapp.records.views.common import crumbs, me, open_type
from labapp.records.words import language
from labapp.records.work import Work
from labapp.values import dataclass

SHOWN = 50
BLUEPRINT = Blueprint("board", __name__, template_folder="templates")


@dataclass(frozen=True)
class Card:
    """An opportunity on the board. `options` are the stages it may be moved to; () for none."""

    id: int
    name: str
    customer: Any
    amount: str
    close_date: Any
    owner: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Stay:
    """A stay in a stage, with its length in days of lab time; `left` is None while it lasts."""

    label: str
    entered: datetime
    left: datetime | None
    days: Decimal


@dataclass(frozen=True)
class Step:
    """A stage on the way of an opportunity: behind it, where it stands (`here`), or before it."""

    label: str
    probability: int
    meaning: str
    asks: list[Any]
    state: str


@dataclass(frozen=True)
class Lane:
    """A stage on the board: what it means and asks for, how many stand in it and what they come to."""

    key: str
    label: str
    url: str
    count: int
    amount: str
    cards: list[Card]
    meaning: str
    asks: list[Any]

    @property
    def more(self) -> bool:
        return self.count > len(self.cards)


@BLUEPRINT.app_template_global("stage_stays")
def stage_stays(opportunity: Any) -> list[Stay]:
    """The stages an opportunity went through, the running stay last."""
    since = opportunity.stage_since or opportunity.created_at
    past = [
        (stay["stage"], *(datetime.fromisoformat(stay[end]) for end in ("entered_at", "left_at")))
        for stay in opportunity.stage_history or ()
    ]
    actor = me()
    book, word = book_of(actor), language()
    found = [*past, (opportunity.stage, since, None)]
    return [
        Stay(
            book.label("stage", key, word), start, end, days(((end or actor.lab_now) - start).total_seconds())
        )
        for key, start, end in found
    ]


@BLUEPRINT.app_template_global("stage_path")
def stage_path(opportunity: Any) -> list[Step]:
    """The stages on the way of this opportunity: the open ones, then how it ended or would be won (F212)."""
    actor, word = me(), language()
    end = opportunity.stage if opportunity.stage in CLOSED else WON
    book = book_of(actor)
    way = [*open_stages(actor, opportunity.stage), *(v for v in book.values("stage") if v.key == end)]
    here = next((number for number, stage in enumerate(way) if stage.key == opportunity.stage), -1)
    states = ["past"] * here + ["here"] + ["ahead"] * len(way) if here >= 0 else ["ahead"] * len(way)
    return [
        Step(
            stage.name(word),
            stage.probability,
            stage.meaning(word),
            labels(actor, stage.requires) if stage.requires and state == "ahead" else [],
            state,
        )
        for stage, state in zip(way, states, strict=False)
    ]


@BLUEPRINT.get("/opportunities/board")
def board() -> ResponseReturnValue:
    """All one may see, or what the list's filters in the address leave of it."""
    actor, record_type = open_type("opportunities", "list")
    g.form_sandbox = actor.sandbox_id
    question = question_of(record_type, actor, request.args)
    answer = render_template(
        "records/board.html",
        type=record_type,
        columns=lanes(actor, question),
        views=views_of(question),
        here=request.full_path.rstrip("?"),
        writable=granted(actor, "opportunity", "create"),
        crumbs=crumbs(record_type, (_("Board"), None)),
    )
    looks.looked(actor, "opportunity", "list", answers={**dict(question.pairs), "view": "board"})
    return answer


def views_of(question: Question) -> list[tuple[str, str, bool]]:
    """Everybody's, or one's own."""
    mine = ("mine", "1") in question.pairs
    path = "/opportunities/board"
    return [
        (_("Everybody's"), question.address(path, mine=""), not mine),
        (_("Mine"), question.address(path, mine="1"), mine),
    ]


def lanes(actor: Actor, question: Question) -> list[Lane]:
    """The stages in their order; a retired one only while something stands in it."""
    numbers = counts(actor, question)
    stages = [s for s in book_of(actor).values("stage") if not s.retired or s.key in numbers]
    found = {s.key: newest(actor, question, s.key) if s.key in numbers else [] for s in stages}
    links = Links(actor)
    links.want("customer", [row.customer_id for rows in found.values() for row in rows])
    may = granted(actor, "opportunity", "advance")
    drawn = {key: _cards(actor, stages, rows, links, may) for key, rows in found.items()}
    return [_lane(question, stage, numbers, drawn[stage.key]) for stage in stages]


def counts(actor: Actor, question: Question) -> dict[str, tuple[int, Decimal]]:
    """How many stand in each stage, and the sum of their amounts: one statement."""
    numbers = func.count(), func.coalesce(func.sum(Opportunity.amount), 0)
    statement = select(Opportunity.stage, *numbers).where(*question.where).group_by(Opportunity.stage)
    return {stage: (count, amount) for stage, count, amount in query.answers(statement, actor)}


def newest(actor: Actor, question: Question, stage: str) -> Sequence[Any]:
    """The newest cards of a stage, and whether the actor may move each."""
    o = Opportunity
    columns = o.id, o.name, o.customer_id, o.amount, o.close_date, o.owner_id, o.stage
    movable = reachable(actor, o, EDIT).label("movable")
    statement = select(*columns, movable).where(*question.where, o.stage == stage)
    return query.answers(statement.order_by(o.id.desc()).limit(SHOWN), actor)


def _lane(
    question: Question, stage: Value, numbers: dict[str, tuple[int, Decimal]], cards: list[Card]
) -> Lane:
    count, amount = numbers.get(stage.key, (0, Decimal(0)))
    url = question.address(stage=stage.key)
    word = language()
    asks = labels(me(), stage.requires) if stage.requires else []
    sum_ = cells.money(Decimal(amount))
    return Lane(stage.key, stage.name(word), url, count, sum_, cards, stage.meaning(word), asks)


def _cards(actor: Actor, stages: list[Value], rows: Sequence[Any], links: Links, may: bool) -> list[Card]:
    members, word = actor.directory.members, language()
    choices = tuple((s.key, s.name(word)) for s in stages if not s.retired)
    return [
        Card(
            row.id,
            row.name,
            links.shown("customer", row.customer_id),
            cells.money(row.amount),
            cells.day(row.close_date),
            members[row.owner_id].name,
            choices if may and row.movable and row.stage not in CLOSED else (),
        )
        for row in rows
    ]


@BLUEPRINT.post("/opportunities/board/move")
def move() -> ResponseReturnValue:
    """A card was dropped, or its choice sent: advance, win, or on to the question why it was lost."""
    stage, record_id = request.form.get("stage", ""), _id(request.form.get("id", ""))
    verb = {WON: operations.win, LOST: operations.lose}.get(stage, operations.advance)
    actor, _type = open_type("opportunities", verb.name)
    if stage == LOST:
        return redirect(f"/opportunities/{record_id}/lose")
    answers = {} if stage == WON else {"stage": stage}
    try:
        with Work(actor, f"opportunity.{verb.name}", answers=answers, source=looks.source()) as work:
            verb.run(work, work.on(Opportunity, record_id), answers)
    except NotFound:
        raise
    except NotDone as error:
        flash(str(error), "danger")
    else:
        flash(_("%(verb)s: done.", verb=verb.label), "success")
    return redirect(back(request.form.get("next", "")))


def back(address: str) -> str:
    """The board as it was filtered."""
    return address if address.startswith("/opportunities/board") else "/opportunities/board"


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid(_("Say which opportunity to move."))
    return int(text)
