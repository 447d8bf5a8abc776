"""Bringing files, as the tests of imports do it."""

import io

from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.people.models import Sandbox
from labapp.records.imports.models import ImportRow, ImportRun

LEADS = "Lead name,Company,Mobile,E-mail,City\n"
GRACE = "Grace,Hangzhou Lifts Co Ltd,138 1234 5678,grace@lifts.test,Hangzhou\n"
HENRY = "Henry,Ningbo Cranes Co Ltd,+86-13912345678,henry@cranes.test,Ningbo\n"


def send(browser, slug, content, name="file.csv"):
    """Send a file; the number of the import it became."""
    content = content.encode() if isinstance(content, str) else content
    answer = browser.post(
        f"/{slug}/import", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return int(answer.location.rpartition("/")[2])


def run_of(run_id):
    db.session.remove()
    return db.session.get(ImportRun, run_id)


def rows_of(run_id):
    """The checked or written rows by their number in the file."""
    db.session.remove()
    run = db.session.get(ImportRun, run_id)
    query = select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.number > run.head_row)
    return {row.number: row for row in db.session.scalars(query.order_by(ImportRow.number))}


def check(browser, slug, run_id, **said):
    """Check with the columns as they were guessed, or as said."""
    run = run_of(run_id)
    form = {f"c{place}": name for place, name in run.mapping.items()} | run.options | said
    answer = browser.post(f"/{slug}/import/{run_id}/check", form)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return rows_of(run_id)


def bring(browser, slug, content, name="file.csv", **said):
    """Send, check and run; the number of the import."""
    run_id = send(browser, slug, content, name)
    check(browser, slug, run_id, **said)
    assert browser.post(f"/{slug}/import/{run_id}/run").status_code == 302
    return run_id


def all_of(model):
    db.session.remove()
    query = select(model).where(model.deleted_at.is_(None)).order_by(model.id)
    return list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))


def whole(person):
    """The log of the sandbox is whole."""
    db.session.remove()
    return verify(db.session.get(Sandbox, person.sandbox_id)) is None


def said(row):
    return " ".join(sentence for _place, sentence in row.remarks)
