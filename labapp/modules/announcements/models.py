"""An announcement: what everybody in the organisation should read on the first page (001 §5.9, product.md B8)."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Announcement(Record):
    """Everybody reads it; its author, superiors and instructors change it. It stands on the first page while valid."""

    __tablename__ = "announcement"
    reach = "open"

    title: Mapped[str] = f.text(_l("Title"), required=True, search=True)
    body: Mapped[str] = f.prose(
        _l("Announcement text"),
        required=True,
        search=True,
        help=_l("Markdown: **bold**, - lists, # headings, [text](address)."),
    )
    start_date: Mapped[date | None] = f.day(_l("Valid from"), help=_l("Left empty: at once."))
    end_date: Mapped[date | None] = f.day(_l("Valid until"), help=_l("The last day on the first page."))
    pinned: Mapped[bool] = f.check(_l("Pinned to the top"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return tuple(Index(None, "sandbox_id", name, "id") for name in ("start_date", "end_date"))
