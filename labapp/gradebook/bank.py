"""The comment bank of a course: remarks kept for use again, one's own and those that are shared."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from labapp import clock
from labapp.db import begin_write, db
from labapp.gradebook.models import BankComment

LONGEST, MOST = 1_000, 500


def found(course_id: int, account_id: int, task: str | None = None) -> Sequence[BankComment]:
    """What this account finds in the bank, oldest first: of one task, those for every task included, or all."""
    query = select(BankComment).where(
        BankComment.course_id == course_id,
        BankComment.retired_at.is_(None),
        or_(BankComment.account_id == account_id, BankComment.shared.is_(True)),
    )
    if task is not None:
        query = query.where(BankComment.task.in_(("", task)))
    return db.session.scalars(query.order_by(BankComment.task, BankComment.id).limit(MOST)).all()


def keep(course_id: int, account_id: int, task: str, text: str, shared: bool) -> bool:
    """Keep a comment. False where this account finds the same one already."""
    begin_write()
    if any(known.text == text and known.task == task for known in found(course_id, account_id, task)):
        db.session.rollback()
        return False
    comment = BankComment(course_id=course_id, account_id=account_id, task=task, text=text, shared=shared)
    db.session.add(comment)
    db.session.commit()
    return True


def own(course_id: int, account_id: int, number: int) -> BankComment | None:
    """A comment that this account may change: its own."""
    comment = db.session.get(BankComment, number, populate_existing=True) if number < 2**53 else None
    mine = comment is not None and (comment.course_id, comment.account_id) == (course_id, account_id)
    return comment if mine and comment is not None and comment.retired_at is None else None


def share(comment_id: int, shared: bool) -> None:
    """Let the others who grade find it, or no longer."""
    begin_write()
    db.session.get_one(BankComment, comment_id, populate_existing=True).shared = shared
    db.session.commit()


def retire(comment_id: int) -> None:
    """Offer it no more. What was said with it stays said."""
    begin_write()
    db.session.get_one(BankComment, comment_id, populate_existing=True).retired_at = clock.now()
    db.session.commit()


def copy(old_id: int, new_id: int) -> int:
    """What is offered in one course, for another; inside the running write transaction. Again: nothing. How many."""
    told = {(row.account_id, row.task, row.text) for row in _all(new_id)}
    fresh = [row for row in _all(old_id) if row.retired_at is None]
    fresh = [row for row in fresh if (row.account_id, row.task, row.text) not in told]
    db.session.add_all(
        BankComment(
            course_id=new_id, account_id=row.account_id, task=row.task, text=row.text, shared=row.shared
        )
        for row in fresh
    )
    return len(fresh)


def _all(course_id: int) -> Sequence[BankComment]:
    return db.session.scalars(
        select(BankComment).filter_by(course_id=course_id).order_by(BankComment.id)
    ).all()
