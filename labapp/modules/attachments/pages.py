"""Sending a file to a record, and getting it back. A download never runs in the browser."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.modules.attachments import storage
from labapp.modules.attachments.files import columns_of, given_back, sent_file, sent_name
from labapp.modules.attachments.models import Attachment
from labapp.records import looks, query
from labapp.records.catalog import catalog
from labapp.records.forms import HiddenId, LabForm, add_errors
from labapp.records.standard import create
from labapp.records.views.common import crumbs, me, note_attempt, open_type
from labapp.records.work import Work

BLUEPRINT = Blueprint("attachments", __name__, template_folder="templates")


class UploadForm(LabForm):
    file = FileField(_l("File"))
    related_kind = HiddenField()
    related_id = HiddenId()


@BLUEPRINT.route("/attachments/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Ask for a file; keep it and show the record it belongs to."""
    actor, _type = open_type("attachments", "create")
    given = {name: request.args.get(name) for name in ("related_kind", "related_id")}
    form = UploadForm(request.form, data=given)
    if request.method == "GET":
        return asked(form)
    try:
        attach(actor, form)
    except Invalid as error:
        answers = {"file_name": sent_name(), **place_of(form)}
        looks.attempted(actor, ("attachment", "create"), error, answers=answers)
        add_errors(form, error.fields, error.sentence)
        return asked(form), 422
    flash(_("The file is attached."), "success")
    return redirect(back(form))


def attach(actor: Actor, form: UploadForm) -> Attachment:
    """Check the file, and keep it with its row: both or neither. Raises Invalid, Refused, NotFound."""
    upload, stream = sent_file()
    values = {**columns_of(upload), **place_of(form)}
    with (
        storage.waiting(actor.sandbox_id, upload, stream) as path,
        Work(actor, "attachment.create", answers=values, source=looks.source()) as work,
    ):
        row: Attachment = create(work, catalog()["attachment"], values)
        storage.settle(path, actor.sandbox_id, upload)
    return row


def place_of(form: UploadForm) -> dict[str, Any]:
    """The record the file is for, as the form says."""
    return {"related_kind": form.related_kind.data, "related_id": form.related_id.data}


def asked(form: UploadForm) -> str:
    """The page that asks for the file."""
    g.form_sandbox = me().sandbox_id
    record_type = catalog()["attachment"]
    heading = _("New: %(what)s", what=record_type.label)
    return render_template(
        "attachment/upload.html",
        form=form,
        heading=heading,
        cancel_url=back(form),
        crumbs=crumbs(record_type, (heading, None)),
    )


def back(form: UploadForm) -> str:
    """The address of the record the file is for."""
    found = catalog().get(str(form.related_kind.data))
    return f"/{found.slug}/{form.related_id.data}" if found is not None else "/attachments/"


@BLUEPRINT.get("/attachments/<int:record_id>/file")
def file(record_id: int) -> Response:
    """The file, byte for byte, to be saved and not shown. Raises NotFound where the record is not visible."""
    actor, _type = open_type("attachments", "open")
    row = query.one(Attachment, actor, record_id) if record_id < 2**53 else None
    if row is None:
        raise NotFound(_l("There is no such record, or it is not visible to you."))
    note_attempt("attachment", "open", row)
    answer = given_back(actor.sandbox_id, row.sha256, row.content_type, row.file_name)
    if request.method != "HEAD":
        looks.looked(actor, "attachment", "open", row)
    return answer
