"""What the house has learnt: articles that answer a question once for everybody (product.md M13)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f

DRAFT, PUBLISHED = "draft", "published"


class Article(Record):
    """A published one is read by everybody; a draft by its author, their group, superiors and instructors.

    `votes` holds one answer a member, {"member": key, "helpful": "yes" or "no"}; `helpful` and `unhelpful`
    count them. How many tickets it solved is not stored: it is what points at it.
    """

    __tablename__ = "article"
    reach = "published"

    title: Mapped[str] = f.text(_l("Title"), required=True, search=True)
    category: Mapped[str | None] = f.choice(_l("Category"), "article_category")
    status: Mapped[str] = f.choice(
        _l("Status"), "article_status", required=True, default=DRAFT, on_edit=False
    )
    body: Mapped[str] = f.prose(
        _l("Text"),
        required=True,
        search=True,
        help=_l("Markdown: # heading, **bold**, - list, 1. list, [words](address), > quotation, | tables |."),
    )
    tags: Mapped[list[str]] = f.tags(_l("Tags"), search=True)
    helpful: Mapped[int] = f.number(_l("Helped"), default=0, on_create=False, on_edit=False)
    unhelpful: Mapped[int] = f.number(_l("Did not help"), default=0, on_create=False, on_edit=False)
    votes: Mapped[list[dict[str, str]]] = f.data(_l("Answers"), default=list)

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("title", "category", "status", "helpful")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)
