"""Asking for the work of an import: at once for up to 500 rows, as a job for more; and doing it."""

from datetime import timedelta
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from labapp import jobs
from labapp.access.errors import Invalid, NotDone
from labapp.clock import now
from labapp.db import db
from labapp.records.imports import running, store, undoing
from labapp.records.imports.models import (
    CHECKED,
    CHECKING,
    DONE,
    READING,
    RUNNING,
    SENT,
    UNDOING,
    ImportRun,
)
from labapp.records.work import Source, writing

KINDS = {CHECKING: "import.check", RUNNING: "import.write", UNDOING: "import.undo"}
FROM = {CHECKING: (SENT, CHECKED), RUNNING: (CHECKED,), UNDOING: (DONE, RUNNING)}
KEPT = timedelta(days=3)


def begin(run: ImportRun, membership_id: int, state: str, source: Source, **more: Any) -> None:
    """Check, write or take back a run, in its order. Up to 500 rows are done when this returns. Raises Invalid.

    A small run has its new state only with what was done: a kill leaves it as it was.
    """
    again = is_stuck(run) and run.state == state
    if run.state not in FROM[state] and not again:
        raise Invalid(_("This is not possible for this import as it stands. Load the page again."))
    if state == UNDOING and run.state == RUNNING and not is_stuck(run):
        raise Invalid(_("This import is still running. Wait until it is done."))
    run_id, sandbox_id, before, small = run.id, run.sandbox_id, run.state, run.total <= running.AT_ONCE
    args = {
        "import": run_id,
        "membership": membership_id,
        "locale": str(get_locale() or "zh_Hans_CN"),
        "request": source.request,
        "address": source.address,
    }
    with writing():
        values = more if small else {"state": state, **more}
        if state == UNDOING and before != UNDOING:
            values["written"] = undoing.BEYOND
        if not small:
            values["job_id"] = jobs.ask(KINDS[state], args, sandbox_id=sandbox_id).id
        if values:
            store.change(run_id, **values)
    if small:
        _do(state, args, lambda done, total: None)


def is_stuck(run: ImportRun) -> bool:
    """Whether its job has failed: it can be begun again, or taken back."""
    job = db.session.get(jobs.Job, run.job_id, populate_existing=True) if run.job_id else None
    return job is not None and job.state == jobs.FAILED


def _do(state: str, args: dict[str, Any], progress: running.Progress) -> None:
    run_id, member = args["import"], args["membership"]
    if state == CHECKING:
        running.check(running.task_of(run_id, member), progress)
    elif state == RUNNING:
        running.write(run_id, member, progress)
    else:
        undoing.undo(run_id, member, Source("import", args["request"], args["address"]), progress)


def _as_job(state: str) -> None:
    @jobs.task(KINDS[state])
    def run_it(run: jobs.Run) -> None:
        """In the language of whoever asked; what is refused as a whole is told on the page."""
        with force_locale(run.args["locale"]):
            try:
                _do(state, run.args, run.progress)
            except NotDone as error:
                raise jobs.GaveUp(str(error)) from error


for _state in KINDS:
    _as_job(_state)


@jobs.chore("imports")
def forget() -> str | None:
    """Imports that were brought and not run within three days go, rows and all."""
    old = select(ImportRun.id).where(
        ImportRun.state.in_((READING, SENT, CHECKING, CHECKED)),
        ImportRun.created_at < now() - KEPT,
    )
    ids = list(db.session.scalars(old.limit(20)))
    for run_id in ids:
        store.drop(run_id)
    return None
