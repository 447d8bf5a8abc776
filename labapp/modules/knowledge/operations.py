"""What an article can be put through: publish, withdraw, and every reader's answer whether it helped."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.modules.knowledge.models import DRAFT, PUBLISHED, Article
from labapp.records.describe import action
from labapp.records.forms import LabForm, Needed, Pick

YES, NO = "yes", "no"


@action(
    _l("Publish"),
    offered=lambda article: article.status == DRAFT,
    icon="send",
    tone="success",
    bulk=True,
    explain=_l("Everybody in the sandbox reads it then."),
)
def publish(work: Any, article: Article, answers: dict[str, Any]) -> Article:
    """From draft to published."""
    if article.status == PUBLISHED:
        work.refuse(_l("This article is published already."))
    work.update(article, status=PUBLISHED)
    return article


@action(
    _l("Withdraw"),
    offered=lambda article: article.status == PUBLISHED,
    icon="eye-slash",
    bulk=True,
    explain=_l("It becomes a draft again, which only its author, their group and superiors read."),
)
def withdraw(work: Any, article: Article, answers: dict[str, Any]) -> Article:
    """From published back to draft."""
    if article.status == DRAFT:
        work.refuse(_l("This article is a draft already."))
    work.update(article, status=DRAFT)
    return article


class VoteForm(LabForm):
    """Asks the one question."""

    helpful = Pick(
        _l("Was this helpful?"),
        [Needed()],
        choices=[SelectChoice(YES, _l("Yes")), SelectChoice(NO, _l("No"))],
    )


@action(
    _l("Was this helpful?"), form=VoteForm, offered=lambda article: article.status == PUBLISHED, icon="star"
)
def vote(work: Any, article: Article, answers: dict[str, Any]) -> Article:
    """One answer a member; the last one counts. An answer is no edit: whoever is editing is not disturbed."""
    said = answers.get("helpful")
    if said not in (YES, NO):
        sentence = _l("Say yes or no.")
        raise Invalid(sentence, {"helpful": sentence})
    key, others = work.actor.key, [v for v in article.votes or [] if v["member"] != work.actor.key]
    votes = [*others, {"member": key, "helpful": said}]
    helpful = sum(v["helpful"] == YES for v in votes)
    if work.update(article, votes=votes, helpful=helpful, unhelpful=len(votes) - helpful):
        article.version -= 1
        db.session.flush()
    return article


ACTIONS = (publish, withdraw, vote)
