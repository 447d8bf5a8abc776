"""What an article's page asks besides its fields: the text as it is read, who it helped, what it solved."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.modules.knowledge.markdown import rendered
from labapp.modules.knowledge.models import PUBLISHED, Article
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.views.common import me
from labapp.values import dataclass

BLUEPRINT = Blueprint("knowledge", __name__, template_folder="templates")
BLUEPRINT.add_app_template_filter(rendered, "markdown")


@dataclass(frozen=True)
class Use:
    """How many records of one kind the reader sees that point at an article, and their list."""

    label: Any
    count: int
    url: str


def uses_of(articles: Sequence[int], actor: Actor) -> dict[int, int]:
    """How many records point at each of these articles, those hidden from the actor not counted."""
    found = dict.fromkeys(articles, 0)
    for other, field in pointing(actor):
        column = getattr(other.model, field.name)
        counted = select(column, func.count()).where(column.in_(articles)).group_by(column)
        for article_id, count in query.answers(counted, actor):
            found[article_id] += count
    return found


def pointing(actor: Actor) -> list[tuple[Any, Any]]:
    """(kind, field) of what solves by articles and whose pages are open to the actor: tickets."""
    known = catalog()
    return [(t, f) for t, f in known.pointing_at(known["article"]) if t.name in actor.reads]


@BLUEPRINT.app_template_global()
def article_uses(article: Article) -> list[Use]:
    """What an article solved, by kind, as far as the reader may see it."""
    actor = me()
    uses = []
    for other, field in pointing(actor):
        counted = select(func.count()).where(getattr(other.model, field.name) == article.id)
        ((count,),) = query.answers(counted.select_from(other.model), actor)
        uses.append(Use(other.plural, count, f"/{other.slug}/?{field.name}={article.id}"))
    return uses


@BLUEPRINT.app_template_global()
def own_vote(article: Article) -> str | None:
    """What the reader answered: yes, no, or None for nothing yet."""
    key = me().key
    return next((vote["helpful"] for vote in article.votes or [] if vote["member"] == key), None)


@BLUEPRINT.app_template_global()
def may_vote(article: Article) -> bool:
    """Whether the reader may say if it helped: whoever works here and reads it, once it is published."""
    return granted(me(), "article", "vote") and article.status == PUBLISHED
