"""Scenarios in the database: the copies of instructors, and each course's own as it was at its opening.

Texts are kept by the SHA-256 of everything in them, so that a course and a copy may have the same, and a copy that is
changed points at others: what a course was opened from stays as it was.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from labapp.db import db
from labapp.people.models import Account
from labapp.scenario.files import KeptFiles, digest_of
from labapp.scenario.models import ScenarioCopy, ScenarioText
from labapp.scenario.problems import Problems
from labapp.values import dataclass

if TYPE_CHECKING:  # read when a scenario is: it takes a tenth of the time of a start
    from labapp.scenario.read import Scenario


def keep_texts(key: str, texts: Mapping[str, str]) -> str:
    """Keep a scenario's files, inside the running write transaction. Returns their SHA-256."""
    digest = digest_of(texts)
    if db.session.get(ScenarioText, digest) is None:
        db.session.add(ScenarioText(sha256=digest, key=key, files=dict(texts)))
        db.session.flush()
    return digest


@lru_cache(maxsize=64)
def kept_texts(digest: str) -> KeptFiles:
    """The files of that SHA-256, which never change. Raises NoResultFound."""
    row = db.session.get_one(ScenarioText, digest)
    return KeptFiles(row.key, row.sha256, dict(row.files))


@dataclass(frozen=True)
class CopyFiles:
    """The files of a copy, fetched when they are asked for."""

    name: str
    stamp: str

    def names(self) -> list[str]:
        return kept_texts(self.stamp).names()

    def read(self, name: str, problems: Problems) -> bytes | None:
        return kept_texts(self.stamp).read(name, problems)


def copies() -> dict[str, CopyFiles]:
    """The files of every copy, by key."""
    query = select(ScenarioCopy.key, ScenarioCopy.sha256)
    return {key: CopyFiles(key, sha256) for key, sha256 in db.session.execute(query)}


def copies_for(account: Account) -> Sequence[ScenarioCopy]:
    """The copies an account may look at: its own and shared ones; an administrator every one."""
    query = select(ScenarioCopy).order_by(ScenarioCopy.key)
    if not account.administrator:
        query = query.where(or_(ScenarioCopy.owner_account_id == account.id, ScenarioCopy.shared))
    return db.session.scalars(query).all()


@lru_cache(maxsize=16)
def kept_scenario(digest: str) -> "Scenario":
    """What kept texts say; they never change. Raises NoResultFound."""
    from labapp.scenario.read import read_scenario

    return read_scenario(kept_texts(digest), trusted=True)
