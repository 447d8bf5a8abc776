"""Bringing records from a file: send it, map its columns, look at what would become of it, run it, take it back."""

from typing import Any

from flask import Response, abort, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from labapp import jobs
from labapp.access.actor import Actor
from labapp.access.errors import Invalid, Refused
from labapp.db import db
from labapp.records import looks
from labapp.records.describe import RecordType
from labapp.records.imports import pages, sending, store, tasks, undoing
from labapp.records.imports.models import (
    BUSY,
    CHECKED,
    CHECKING,
    DONE,
    RUNNING,
    SENT,
    UNDOING,
    WRITTEN,
    ImportRun,
)
from labapp.records.imports.running import task_of
from labapp.records.views.common import bp, crumbs, note_attempt, open_type, page


def open_imports(slug: str) -> tuple[Actor, RecordType]:
    """The actor and a type that can be imported, by whoever may make records of it. Raises Refused."""
    actor, record_type = open_type(slug, "create")
    if not record_type.importable:
        abort(404)
    return actor, record_type


def open_run(slug: str, run_id: int) -> tuple[Actor, RecordType, ImportRun]:
    """The same with a run of theirs. Raises NotFound."""
    actor, record_type = open_imports(slug)
    note_attempt(record_type.name, "create", answers={"import": run_id})
    return actor, record_type, store.mine(actor, record_type.name, run_id)


@bp.route("/<slug>/import", methods=["GET", "POST"])
def import_file(slug: str) -> ResponseReturnValue:
    """Ask for a file, and show the imports there were."""
    actor, record_type = open_imports(slug)
    if request.method == "GET":
        return shown(actor, record_type)
    sent = request.files.get("file")
    try:
        run_id = sending.receive(actor, record_type, *_given(sent))
    except Invalid as error:
        name = sending.tidy(sent.filename or "") if sent is not None else ""
        looks.attempted(actor, (record_type.name, "create"), error, answers={"file": name})
        return shown(actor, record_type, str(error)), 422
    return redirect(address(record_type, run_id))


def _given(sent: FileStorage | None) -> tuple[str, Any]:
    if sent is None or not sent.filename:
        raise Invalid(_("Choose a file."))
    return sent.filename, sent.stream


def shown(actor: Actor, record_type: RecordType, error: str = "") -> str:
    g.form_sandbox = actor.sandbox_id
    return page(
        record_type,
        "import",
        error=error,
        runs=[pages.line_of(run, actor) for run in store.runs_of(actor, record_type.name)],
        fields=pages.explained(actor, record_type),
        crumbs=crumbs(record_type, (_("Import"), None)),
    )


@bp.get("/<slug>/import/template.<any(csv, xlsx):form>")
def import_template(slug: str, form: str) -> ResponseReturnValue:
    """An empty table with the titles in the reader's language and one row that shows how to write."""
    actor, record_type = open_imports(slug)
    return pages.template(actor, record_type, form)


@bp.get("/<slug>/import/<int:run_id>")
def import_run(slug: str, run_id: int) -> ResponseReturnValue:
    """Where an import stands: its columns, its preview, its progress or its outcome."""
    actor, record_type, run = open_run(slug, run_id)
    if run.state in BUSY:
        return progress(record_type, run)
    if run.state == SENT or (run.state == CHECKED and request.args.get("columns") == "1"):
        return mapped(actor, record_type, run)
    return outcome(actor, record_type, run)


def progress(record_type: RecordType, run: ImportRun) -> ResponseReturnValue:
    """How far its job is; the page asks again by itself, with and without script."""
    job = db.session.get(jobs.Job, run.job_id, populate_existing=True) if run.job_id else None
    polled = "HX-Request" in request.headers
    name = "_import_progress" if polled else "import_progress"
    return page(
        record_type, name, run=run, job=job, stuck=tasks.is_stuck(run), crumbs=run_crumbs(record_type, run)
    )


def mapped(actor: Actor, record_type: RecordType, run: ImportRun, error: str = "") -> str:
    """Which column of the file is which field."""
    g.form_sandbox = actor.sandbox_id
    return page(
        record_type,
        "import_map",
        run=run,
        error=error,
        form=pages.mapping_form(actor, record_type, run, request.form if error else None),
        crumbs=run_crumbs(record_type, run),
    )


def outcome(actor: Actor, record_type: RecordType, run: ImportRun) -> ResponseReturnValue:
    """What would become of the rows, or has become of them."""
    if "HX-Request" in request.headers:
        return Response("", headers={"HX-Redirect": address(record_type, run.id)})
    g.form_sandbox = actor.sandbox_id
    return page(
        record_type,
        "import_preview" if run.state == CHECKED else "import_done",
        run=run,
        line=pages.line_of(run, actor),
        table=pages.preview(actor, record_type, run),
        mine=run.membership_id == actor.id,
        crumbs=run_crumbs(record_type, run),
    )


@bp.post("/<slug>/import/<int:run_id>/check")
def import_check(slug: str, run_id: int) -> ResponseReturnValue:
    """Take the columns as they were said, and look at every row."""
    actor, record_type, run = open_run(slug, run_id)
    require_mine(actor, run)
    if run.state not in {SENT, CHECKED, CHECKING}:
        raise Invalid(_("This import has run: its columns stay as they are. Send the file again."))
    try:
        if request.form.get("move"):
            sending.move_heads(actor, record_type, run, pages.number(request.form.get("head_row", "")))
            return redirect(address(record_type, run_id))
        said = pages.said_columns(actor, record_type, run, request.form)
    except Invalid as error:
        looks.attempted(actor, (record_type.name, "create"), error, answers={"import": run_id})
        return mapped(actor, record_type, store.get(run_id), str(error)), 422
    tasks.begin(run, actor.id, CHECKING, looks.source(), **said)
    return redirect(address(record_type, run_id))


@bp.post("/<slug>/import/<int:run_id>/run")
def import_rows(slug: str, run_id: int) -> ResponseReturnValue:
    """Write what the preview shows."""
    actor, record_type, run = open_run(slug, run_id)
    require_mine(actor, run)
    way = looks.source()
    fresh = {"request": way.request, "address": way.address} if run.state == CHECKED else {}
    tasks.begin(run, actor.id, RUNNING, way, **fresh)
    return redirect(address(record_type, run_id))


@bp.post("/<slug>/import/<int:run_id>/undo")
def import_undo(slug: str, run_id: int) -> ResponseReturnValue:
    """Take the whole import back. Refused, naming them, where its records were changed or built upon."""
    actor, record_type, run = open_run(slug, run_id)
    if run.state in {DONE, RUNNING}:
        undoing.require_free(task_of(run_id, actor.id))
    tasks.begin(run, actor.id, UNDOING, looks.source())
    return redirect(address(record_type, run_id))


@bp.post("/<slug>/import/<int:run_id>/drop")
def import_drop(slug: str, run_id: int) -> ResponseReturnValue:
    """Forget a file that was not imported."""
    _actor, record_type, run = open_run(slug, run_id)
    if run.state in WRITTEN:
        raise Refused(_("This import has run. Undo it instead."))
    store.drop(run_id)
    flash(_("The file is discarded; nothing was imported."), "success")
    return redirect(f"/{record_type.slug}/import")


@bp.get("/<slug>/import/<int:run_id>/report.<any(csv, xlsx):form>")
def import_report(slug: str, run_id: int, form: str) -> ResponseReturnValue:
    """Every row with its fate and why; with ?errors=1 only what is to be corrected and sent again."""
    _actor, _type, run = open_run(slug, run_id)
    return pages.report(run, form, only_errors=request.args.get("errors") == "1")


def require_mine(actor: Actor, run: ImportRun) -> None:
    """Raises Refused: an instructor sees everybody's imports, and runs only their own."""
    if run.membership_id != actor.id:
        raise Refused(_("Only the one who brought this file can import it."))


def address(record_type: RecordType, run_id: int) -> str:
    return f"/{record_type.slug}/import/{run_id}"


def run_crumbs(record_type: RecordType, run: ImportRun) -> list[tuple[Any, str | None]]:
    return crumbs(record_type, (_("Import"), f"/{record_type.slug}/import"), (run.file_name, None))
