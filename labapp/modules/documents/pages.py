"""Documents: sending a file, sending a new version of it, and getting any version back (004 §2.11-6)."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.modules.attachments import storage
from labapp.modules.attachments.files import columns_of, given_back, sent_file, sent_name
from labapp.modules.documents.attaching import found_targets
from labapp.modules.documents.folders import Folder, tree_of
from labapp.modules.documents.models import Document
from labapp.modules.documents.versions import Version, replaced, versions_of
from labapp.records import looks
from labapp.records.catalog import catalog
from labapp.records.forms import LabForm, LongField, Typed, add_errors
from labapp.records.standard import create
from labapp.records.views.common import crumbs, me, note_attempt, open_type, record_or_404
from labapp.records.views.writing import checked, require_standing
from labapp.records.work import Work

BLUEPRINT = Blueprint("documents", __name__, template_folder="templates")
FOLDERS = {"list": "folders"}  # the browser offers the folders that there are


class DocumentForm(LabForm):
    file = FileField(_l("File"))
    title = Typed(_l("Title"), [Optional()], description=_l("Left empty, the name of the file."))
    folder = Typed(
        _l("Folder"),
        [Optional()],
        description=_l("Parts are divided by a slash: Contracts/2026."),
        render_kw=FOLDERS,
    )
    description = LongField(_l("Description"), [Optional()], shape="prose")


class VersionForm(LabForm):
    file = FileField(_l("File"))
    change = Typed(_l("What changed"), [Optional()])


@BLUEPRINT.route("/documents/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Ask for a file with its title and folder; keep it and show the document."""
    actor, record_type = open_type("documents", "create")
    form = DocumentForm(request.form, data={"folder": request.args.get("folder")})
    heading = _("New: %(what)s", what=record_type.label)
    if request.method == "GET":
        return asked(form, heading)
    try:
        checked(form)
        document_id = kept(actor, form)
    except Invalid as error:
        return again(actor, form, heading, error, "create")
    flash(_("The document is kept."), "success")
    return redirect(f"/documents/{document_id}")


def kept(actor: Actor, form: DocumentForm) -> int:
    """The id of the new document, kept with its file: both or neither. Raises Invalid, Refused."""
    upload, stream = sent_file()
    typed = {name: form.answers[name] for name in ("title", "folder", "description")}
    values = {**typed, "title": typed["title"] or upload.name.rpartition(".")[0], **columns_of(upload)}
    with (
        storage.waiting(actor.sandbox_id, upload, stream) as path,
        Work(actor, "document.create", answers=values, source=looks.source()) as work,
    ):
        values |= {"edition": 1, "uploaded_by_id": actor.id, "uploaded_at": work.now}
        row: Document = create(work, catalog()["document"], values)
        document_id = row.id
        storage.settle(path, actor.sandbox_id, upload)
    return document_id


@BLUEPRINT.route("/documents/<int:record_id>/upload", methods=["GET", "POST"])
def upload(record_id: int) -> ResponseReturnValue:
    """Ask for a new version of a document; the version before stays to be had."""
    actor, document = opened(record_id, "upload")
    require_granted(actor, "document", "upload")
    require_standing(actor, document, "upload")
    form = VersionForm(request.form)
    heading = _("New version: %(title)s", title=document.title)
    if request.method == "GET":
        return asked(form, heading, document)
    try:
        checked(form)
        add_version(actor, record_id, form)
    except Invalid as error:
        return again(actor, form, heading, error, "upload", document)
    flash(_("The new version is kept."), "success")
    return redirect(f"/documents/{record_id}")


def add_version(actor: Actor, record_id: int, form: VersionForm) -> None:
    """Put a new file in the place of the present one, which becomes an earlier version. Raises Invalid, Refused."""
    sent, stream = sent_file()
    values = {**columns_of(sent), "change": form.answers["change"]}
    with (
        storage.waiting(actor.sandbox_id, sent, stream) as path,
        Work(actor, "document.upload", answers=values, source=looks.source()) as work,
    ):
        document = work.on(Document, record_id)
        work.update(document, **replaced(work, document, values))
        storage.settle(path, actor.sandbox_id, sent)


def opened(record_id: int, verb: str) -> tuple[Actor, Document]:
    """The reader and the document, if it is visible. Raises Refused, NotFound."""
    actor, record_type = open_type("documents", "open")
    note_attempt("document", verb)
    document: Document = record_or_404(actor, record_type, record_id)
    note_attempt("document", verb, document)
    return actor, document


def asked(form: LabForm, heading: str, document: Document | None = None) -> str:
    """The page that asks for a file."""
    actor = me()
    g.form_sandbox = actor.sandbox_id
    inner = [(document.title, f"/documents/{document.id}")] if document is not None else []
    return render_template(
        "document/upload.html",
        form=form,
        heading=heading,
        document=document,
        folders=tree_of(actor) if document is None else [],
        cancel_url=f"/documents/{document.id}" if document is not None else "/documents/",
        crumbs=crumbs(catalog()["document"], *inner, (heading, None)),
    )


def again(
    actor: Actor, form: LabForm, heading: str, error: Invalid, verb: str, document: Document | None = None
) -> ResponseReturnValue:
    """The form with what was typed; the attempt is in the log."""
    typed = {name: request.form.get(name, "") for name in form.data if name in request.form}
    answers = {**typed, "file_name": sent_name()}
    looks.attempted(actor, ("document", verb), error, document, answers=answers)
    add_errors(form, error.fields, error.sentence) if error.fields or not form.errors else None
    return asked(form, heading, document), 422


@BLUEPRINT.get("/documents/<int:record_id>/file")
def file(record_id: int) -> Response:
    """The newest version."""
    return version_file(record_id, None)


@BLUEPRINT.get("/documents/<int:record_id>/file/<int:number>")
def earlier(record_id: int, number: int) -> Response:
    """An earlier version, or the newest, by its number."""
    return version_file(record_id, number)


def version_file(record_id: int, number: int | None) -> Response:
    """The file of a version, byte for byte, to be saved and not shown. Raises NotFound."""
    actor, document = opened(record_id, "open")
    wanted = document.edition if number is None else number
    found = next((v for v in versions_of(document, actor) if v.edition == wanted), None)
    if found is None:
        abort(404)
    answer = given_back(actor.sandbox_id, found.sha256, found.content_type, found.file_name)
    if request.method != "HEAD":
        looks.looked(actor, "document", "open", document, answers={"edition": wanted})
    return answer


@BLUEPRINT.get("/documents/targets")
def targets() -> ResponseReturnValue:
    """Type-ahead over every kind a document can be attached to."""
    actor, _type = open_type("documents", "list")
    found = found_targets(actor, request.args.get("q", ""))
    return jsonify(results=[{"id": key, "text": name} for key, name in found])


@BLUEPRINT.app_template_global("document_versions")
def document_versions(document: Document) -> list[Version]:
    """All versions, the newest first."""
    return versions_of(document, me())


@BLUEPRINT.app_template_global("document_folders")
def document_folders() -> list[Folder]:
    """The tree of folders as the reader sees it."""
    return tree_of(me())


@BLUEPRINT.app_template_global("offer_folders")
def offer_folders(form: Any) -> list[Folder]:
    """The same for the type-ahead of a form's folder; none where the form does not ask for one."""
    if "folder" not in form:
        return []
    form.folder.render_kw = {**(form.folder.render_kw or {}), **FOLDERS}
    return document_folders()
