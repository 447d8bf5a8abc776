"""People of the cast who work at moments that a test chooses, for what integrity looks at."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from instructor import integrity_run
from instructor.integrity_read import Limits
from labapp import clock
from labapp.oplog.append import Step, append
from labapp.records.work import writing

SENTENCE = "We offer a yearly contract with two visits, and spare parts within one working day."
START = datetime.fromisoformat("2026-11-02T08:00:00")


class Class:
    """People who work at moments of the machine's clock that a test chooses."""

    def __init__(self, cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self.moment, self.serial = cast, START, 100
        monkeypatch.setattr(clock, "now", lambda: self.moment)

    def wait(self, seconds: float) -> "Class":
        self.moment += timedelta(seconds=seconds)
        return self

    def does(self, who: str, verb: str = "lead.create", record: int | None = None, /, **more: Any) -> int:
        """One step of somebody's; `answers` are what was typed, `owner` whose a new record is. Returns its record."""
        person = getattr(self.cast, who, None)
        kind, _dot, name = verb.partition(".")
        if record is None:
            self.serial += 1
        number = record or self.serial
        answers, owner = more.pop("answers", {}), more.pop("owner", person.key if person else None)
        what = {"create": "created", "edit": "changed", "transfer": "changed"}.get(name)
        after = {**answers, **({"owner": owner} if name != "edit" else {})}
        change = {"what": what, "kind": kind, "id": number, "before": {}, "after": after}
        same = (person.membership_id, person.key) if person else (None, None)
        given = {"request": f"r{self.serial}.{self.moment.timestamp()}", "address": "10.1.1.7", **more}
        step = Step(self.cast.ben.sandbox_id, kind, name, *same, record=number, answers=answers, **given)
        with writing():
            append(
                Step(**{**step.__dict__, "changes": [change] if what else []}), self.cast.ben.actor.lab_now
            )
        return number

    def dealt(self, owner: str, **values: Any) -> int:
        """A record that the scenario deals to somebody."""
        return self.does("nobody", "lead.create", origin="setup", owner=owner, answers=values)

    def found(self, **limits: int) -> dict[str, list[tuple[str, ...]]]:
        """The members of what is found, by kind."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for finding in integrity_run.findings(1, Limits(**limits)):
            found.setdefault(finding.kind, []).append(finding.members)
        return found
