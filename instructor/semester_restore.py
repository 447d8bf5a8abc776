"""An archive becomes a course that is read and graded; also where there is no course yet (product.md L9)."""

import secrets
from pathlib import Path

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from instructor import semester_data as data
from instructor.common import asks, bp, staff_page
from instructor.semester import GOING, allowed, asker, how_far
from labapp.access.errors import Invalid
from labapp.lifecycle import asking
from labapp.lifecycle.asking import ask_alone
from labapp.lifecycle.manifest import BadArchive, archives
from labapp.lifecycle.reading import opened
from labapp.web.identity import takes_large_files

HERE = "/instructor/semester/restore"


@bp.get("/semester/restore")
@staff_page("semester", or_console=True)
def semester_restore() -> ResponseReturnValue:
    """Send the file of an archive, also from another machine; what became of those sent before."""
    return page()


def page(problem: Invalid | None = None) -> str:
    going = data.restoring()
    return render_template(
        "instructor/semester_restore.html",
        going=going,
        lately=[] if going else data.restored(),
        problem=problem,
        names=GOING,
        progress_url=f"{HERE}/progress",
        crumbs=[(_("Courses"), "/instructor/courses"), (_("Restore an archive"), None)],
    )


@bp.get("/semester/restore/progress")
@staff_page("semester", or_console=True)
def semester_restore_progress() -> ResponseReturnValue:
    """How far the work is."""
    return how_far(data.restoring(), HERE)


@bp.post("/semester/restore")
@staff_page("semester", or_console=True)
@takes_large_files
@asks(lambda error, **_more: page(error))
def semester_restore_sent() -> ResponseReturnValue:
    """Have an archive that was sent restored, into a sandbox that is read and graded."""
    file = _received(request.files.get("file"))
    try:
        with opened(archives() / file):
            pass
    except BadArchive as error:
        (archives() / file).unlink(missing_ok=True)
        raise Invalid(_("Nothing was restored. %(why)s", why=error)) from error
    ask_alone(asking.RESTORE, {"file": file, "match": bool(request.form.get("match"))}, asker())
    return redirect(HERE)


def _received(sent: FileStorage | None) -> str:
    """Put what was sent into the folder of archives; what it is called there. Raises Invalid."""
    if sent is None or not sent.filename:
        raise Invalid(_("Choose the file of an archive first."))
    archives().mkdir(parents=True, exist_ok=True)
    stem = allowed(Path(sent.filename).stem)[:80] or "archive"
    name = f"received-{stem}-{secrets.token_hex(4)}.zip"
    aside = archives() / f".{name}.part"
    try:
        sent.save(aside)
        aside.replace(archives() / name)
    finally:
        aside.unlink(missing_ok=True)
    return name
