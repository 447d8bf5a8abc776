"""Writing without asking, for those who set the stage. import-linter says who may hold it."""

from typing import Any

from labapp.access.actor import Actor
from labapp.access.everyone import EVERYONE
from labapp.records.work import Source, Work


class Setup(Work):
    """A Work that needs no permission and never counts as what a student did (product.md §5.11).

    `member` says in whose name the step stands; None: nobody (timeline, automation, a public form).
    """

    asks = False

    def __init__(
        self, actor: Actor, what: str, *, nobody: bool = False, moment: Any = None, **more: Any
    ) -> None:
        more.setdefault("source", Source("setup"))
        super().__init__(actor, what, **more)
        self.nobody = nobody
        self.moment = moment

    @property
    def now(self) -> Any:
        return self.moment or self.actor.lab_now

    def _asker(self) -> Any:
        return EVERYONE
