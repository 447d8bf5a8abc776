"""Documents: files with versions that come back byte for byte, folders, places on records, sharing, quota.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy;  Class B ── Dee;  Ines instructs; Olga observes.
"""

import hashlib
import io
import zipfile

import pytest
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.backup import back_up
from labapp.lifecycle.verify import verify
from labapp.modules.attachments import storage
from labapp.modules.documents.models import Document, DocumentLink
from labapp.modules.documents.rules import tidy_folder
from labapp.people.models import Sandbox
from labapp.records.organisation import change_settings
from labapp.records.preview import effects
from labapp.records.work import Source
from tests.lives import last_step, steps_since

PDF = b"%PDF-1.4 the first \x00\xff"
SECOND = b"%PDF-1.4 the second, longer \x00\xff"


def send(browser, url, name, content, **more):
    data = {"file": (io.BytesIO(content), name), **more}
    return browser.post(url, data, content_type="multipart/form-data")


@pytest.fixture
def offer(cast, browse):
    """Ben's document. Its id."""
    done = send(browse(cast.ben), "/documents/new", "报价 2026.pdf", PDF, folder=" Offers / 2026/ ")
    assert done.status_code == 302
    return stands().id


def stands():
    db.session.remove()
    asked = select(Document).order_by(Document.id.desc())
    return db.session.scalars(asked, execution_options={"seen_by": EVERYONE}).first()


def links():
    db.session.remove()
    asked = select(DocumentLink).where(DocumentLink.deleted_at.is_(None))
    return db.session.scalars(asked, execution_options={"seen_by": EVERYONE}).all()


def set_mode(cast, mode):
    change_settings(cast.ines.actor, Source(), {"sharing.document": mode})
    db.session.remove()


# -- files and versions ----------------------------------------------------------------------------


def test_a_document_has_the_name_of_its_file_and_a_tidy_folder(cast, offer):
    row = stands()
    assert (row.title, row.folder, row.edition) == ("报价 2026", "Offers/2026", 1)
    assert (row.size, row.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    assert (row.uploaded_by_id, row.versions) == (cast.ben.membership_id, [])


def test_it_comes_back_byte_for_byte_and_never_runs(cast, browse, offer):
    answer = browse(cast.ada).get(f"/documents/{offer}/file", buffered=True)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_new_version_keeps_the_ones_before(cast, browse, offer):
    before = last_step(cast.ada)
    done = send(browse(cast.ada), f"/documents/{offer}/upload", "offer-b.pdf", SECOND, change="New prices")
    assert done.status_code == 302
    row = stands()
    assert (row.edition, row.file_name, row.change) == (2, "offer-b.pdf", "New prices")
    (old,) = row.versions
    assert (old["edition"], old["file_name"], old["by"]) == (1, "报价 2026.pdf", cast.ben.key)
    ben = browse(cast.ben)
    files = {
        path: ben.get(f"/documents/{offer}/{path}", buffered=True) for path in ("file", "file/1", "file/2")
    }
    assert [answer.data for answer in files.values()] == [SECOND, PDF, SECOND]
    assert ben.get(f"/documents/{offer}/file/3").status_code == 404
    page = ben.get(f"/documents/{offer}").get_data(as_text=True)
    assert all(word in page for word in ("New prices", "offer-b.pdf", "报价 2026.pdf", "Ada", "Ben"))
    step = steps_since(cast.ada, before)[0]
    assert (step.kind, step.verb, step.answers["sha256"]) == (
        "document",
        "upload",
        hashlib.sha256(SECOND).hexdigest(),
    )


def test_the_log_hashes_every_version(cast, browse, offer):
    send(browse(cast.ben), f"/documents/{offer}/upload", "b.pdf", SECOND)
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    assert verify(sandbox) is None
    first = storage.path_of(cast.ben.sandbox_id, hashlib.sha256(PDF).hexdigest())
    first.write_bytes(b"%PDF-1.4 somebody else's")
    difference = verify(db.session.get(Sandbox, cast.ben.sandbox_id))
    assert difference is not None
    assert (difference.kind, difference.record) == ("document", stands().serial)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("tool.exe", b"MZ" + bytes(9), "Files of this type cannot be kept"),
        ("plan.pdf", b"MZ" + bytes(9), "does not fit its ending"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_what_is_not_safe_is_not_kept_and_what_was_typed_stays(cast, browse, name, content, sentence):
    answer = send(browse(cast.ben), "/documents/new", name, content, title="My offer", folder="Offers")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="My offer"' in page
    assert stands() is None


def test_without_a_file_there_is_no_document(cast, browse):
    answer = browse(cast.ben).post("/documents/new", {"title": "Nothing"})
    assert answer.status_code == 422
    assert "Choose a file." in answer.get_data(as_text=True)


def test_versions_count_for_the_room_of_the_sandbox(app, cast, browse, offer):
    before = app.config["SANDBOX_LIMIT"]
    app.config["SANDBOX_LIMIT"] = storage.used(cast.ben.sandbox_id) + len(SECOND) - 1
    try:
        answer = send(browse(cast.ben), f"/documents/{offer}/upload", "b.pdf", SECOND)
    finally:
        app.config["SANDBOX_LIMIT"] = before
    assert answer.status_code == 422
    assert "no room" in answer.get_data(as_text=True)
    assert stands().edition == 1


def test_a_backup_holds_every_version(cast, browse, offer, tmp_path):
    send(browse(cast.ben), f"/documents/{offer}/upload", "b.pdf", SECOND)
    back_up(tmp_path / "whole.zip")
    with zipfile.ZipFile(tmp_path / "whole.zip") as archive:
        names = " ".join(archive.namelist())
    assert all(hashlib.sha256(content).hexdigest() in names for content in (PDF, SECOND))


# -- sharing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "reads", "sends"), [("private", 404, 404), ("read_only", 200, 403), ("read_write", 200, 302)]
)
def test_a_peer_stands_as_the_mode_of_documents_says(cast, browse, offer, mode, reads, sends):
    set_mode(cast, mode)
    peer = browse(cast.cy)
    assert peer.get(f"/documents/{offer}").status_code == reads
    assert peer.get(f"/documents/{offer}/file", buffered=True).status_code == reads
    assert send(peer, f"/documents/{offer}/upload", "b.pdf", SECOND).status_code == sends


def test_an_observer_downloads_and_sends_nothing(cast, browse, offer):
    olga = browse(cast.olga)
    assert olga.get(f"/documents/{offer}/file", buffered=True).data == PDF
    assert send(olga, f"/documents/{offer}/upload", "b.pdf", SECOND).status_code == 403
    assert send(olga, "/documents/new", "b.pdf", SECOND).status_code == 403


def test_a_change_of_mode_says_how_many_documents_it_opens(cast, offer):
    actor = cast.ines.actor
    found = effects(actor, settings={**actor.settings, "sharing.document": "read_only"})
    assert [(e.record_type.name, e.need, e.gain_people, e.gain_records) for e in found] == [
        ("document", "read", 2, 1)
    ]


def test_folders_show_what_the_reader_sees(cast, browse, offer):
    send(browse(cast.dee), "/documents/new", "own.pdf", SECOND, folder="Secret plans")
    page = browse(cast.ben).get("/documents/").get_data(as_text=True)
    assert "/documents/?folder=Offers%2F2026" in page
    assert "Secret plans" not in page
    rows = browse(cast.ben).get("/documents/?folder=Offers/2026&format=json").json["rows"]
    assert [row["id"] for row in rows] == [offer]
    form = browse(cast.ben).get("/documents/new").get_data(as_text=True)
    assert '<option value="Offers/2026">' in form
    assert "Secret plans" not in form


@pytest.mark.parametrize(
    ("typed", "kept"), [("a\\b//c", "a/b/c"), ("/ a / ", "a"), ("  ", None), (None, None)]
)
def test_a_folder_is_written_one_way(typed, kept):
    assert tidy_folder(typed) == kept


# -- places ----------------------------------------------------------------------------------------


def test_a_document_stands_on_a_record_and_the_record_on_it(cast, browse, make, offer):
    lead = make("lead", cast.ben, name="Quartz Grace").id
    data = {"document_id": offer, "related_kind": "lead", "related_id": lead, "comment": "First offer"}
    done = browse(cast.ben).post("/document-links/new", data)
    assert done.headers["Location"].endswith(f"/leads/{lead}")
    on_lead = browse(cast.ben).get(f"/leads/{lead}").get_data(as_text=True)
    on_document = browse(cast.ben).get(f"/documents/{offer}").get_data(as_text=True)
    assert f'href="/documents/{offer}"' in on_lead
    assert f'href="/leads/{lead}"' in on_document
    assert browse(cast.ben).post("/document-links/new", data).status_code == 422


def test_hidden_places_are_not_named_and_a_hidden_document_neither(cast, browse, make, offer):
    set_mode(cast, "read_only")
    lead = make("lead", cast.ben, name="Quartz Grace").id
    data = {"document_id": offer, "related_kind": "lead", "related_id": lead}
    browse(cast.ben).post("/document-links/new", data)
    page = browse(cast.dee).get(f"/documents/{offer}").get_data(as_text=True)
    assert f"/leads/{lead}" not in page
    assert "Quartz" not in page
    set_mode(cast, "private")
    customer = make("customer", cast.ben).id
    change_settings(cast.ines.actor, Source(), {"sharing.customer": "read_only"})
    db.session.remove()
    browse(cast.ben).post("/document-links/new", {**data, "related_kind": "customer", "related_id": customer})
    page = browse(cast.dee).get(f"/customers/{customer}").get_data(as_text=True)
    assert "报价" not in page
    assert "not visible to you" in page


def test_it_is_attached_from_its_own_page(cast, browse, make, offer):
    lead = make("lead", cast.ben, name="Quartz Grace").id
    hidden = make("lead", cast.dee, name="Quartz Hidden").id
    ben = browse(cast.ben)
    offered = ben.get("/documents/targets?q=Quartz").json["results"]
    assert [one["id"] for one in offered] == [f"lead:{lead}"]
    assert ben.post(f"/documents/{offer}/attach", {"record": f"lead:{lead}"}).status_code == 302
    assert [(link.related_kind, link.related_id) for link in links()] == [("lead", lead)]
    for record in (f"lead:{hidden}", "lead:x", "nothing:1", "note:1"):
        assert ben.post(f"/documents/{offer}/attach", {"record": record}).status_code == 422, record
    assert len(links()) == 1


def test_only_who_may_edit_a_record_attaches_to_it(cast, browse, make, offer):
    change_settings(cast.ines.actor, Source(), {"sharing.lead": "read_only"})
    db.session.remove()
    data = {"document_id": offer, "related_kind": "lead", "related_id": make("lead", cast.cy).id}
    assert browse(cast.ben).post("/document-links/new", data).status_code == 403


def test_places_go_to_the_bin_with_the_document_and_come_back(cast, browse, make, offer):
    data = {"document_id": offer, "related_kind": "lead", "related_id": make("lead", cast.ben).id}
    ben = browse(cast.ben)
    ben.post("/document-links/new", data)
    ben.post(f"/documents/{offer}/delete", {})
    assert links() == []
    assert ben.get(f"/documents/{offer}/file").status_code == 404
    ben.post(f"/documents/{offer}/restore", {})
    assert len(links()) == 1
    assert ben.get(f"/documents/{offer}/file", buffered=True).data == PDF


def test_a_pick_that_is_refused_stays_picked(cast, browse, make, offer):
    change_settings(cast.ines.actor, Source(), {"sharing.lead": "read_only"})
    db.session.remove()
    ben = browse(cast.ben)
    lead = make("lead", cast.ben, name="Quartz Grace").id
    ben.post(f"/documents/{offer}/attach", {"record": f"lead:{lead}"})
    for number in range(4):
        make("lead", cast.ben, name=f"Newer {number}")
    answer = ben.post(f"/documents/{offer}/attach", {"record": f"lead:{lead}"})
    page = answer.get_data(as_text=True)
    assert "attached to that record already" in page
    assert f'<option selected value="lead:{lead}">Lead: Quartz Grace</option>' in page


def test_the_history_of_a_document_leaves_out_the_list_of_versions(cast, browse, offer):
    send(browse(cast.ben), f"/documents/{offer}/upload", "b.pdf", SECOND)
    page = browse(cast.ben).get(f"/documents/{offer}").get_data(as_text=True)
    history = page[page.index('id="history"') :]
    assert "What changed" in page
    assert "Earlier versions" not in history
