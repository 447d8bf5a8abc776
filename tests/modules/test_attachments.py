"""Attachments: what may be kept, and that a file comes back byte for byte and never runs.

Ada manages Ben and Cy; Dee is in another class; Ines instructs.
"""

import hashlib
import io
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from labapp.modules.attachments import storage
from labapp.modules.attachments.models import Attachment
from labapp.modules.attachments.upload import tidy
from labapp.oplog.models import Operation
from labapp.records import query

PDF = b"%PDF-1.4 a small file \x00\xff"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def send(browse: Any, person: Any, customer: int, name: str, content: bytes) -> Any:
    data = {
        "file": (io.BytesIO(content), name),
        "related_kind": "customer",
        "related_id": str(customer),
    }
    return browse(person).post("/attachments/new", data, content_type="multipart/form-data")


def office(inside: str, *more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", inside, *more):
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.fixture
def customer(make: Any, cast: SimpleNamespace) -> int:
    return int(make("customer", cast.ben).id)


def kept(cast: SimpleNamespace) -> list[Attachment]:
    return query.rows(Attachment, cast.ines.actor)


def test_a_file_comes_back_byte_for_byte(cast: SimpleNamespace, customer: int, browse: Any) -> None:
    assert send(browse, cast.ben, customer, "报价单 2026.pdf", PDF).status_code == 302
    (row,) = kept(cast)
    assert (row.file_name, row.size) == ("报价单 2026.pdf", len(PDF))
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    answer = browse(cast.ada).get(f"/attachments/{row.id}/file", buffered=True)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "%E6%8A%A5" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_download_is_a_look(cast: SimpleNamespace, customer: int, browse: Any) -> None:
    send(browse, cast.ben, customer, "a.pdf", PDF)
    (row,) = kept(cast)
    browse(cast.ada).get(f"/attachments/{row.id}/file", buffered=True)
    step = last_step()
    assert (step.kind, step.verb, step.record, step.member) == ("attachment", "open", row.serial, "s001")


def last_step() -> Operation:
    from sqlalchemy import select

    from labapp.db import db

    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def test_the_log_knows_digest_and_size(cast: SimpleNamespace, customer: int, browse: Any) -> None:
    send(browse, cast.ben, customer, "a.pdf", PDF)
    step = last_step()
    after = step.changes[0]["after"]
    assert (after["sha256"], after["size"]) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert (after["related_kind"], after["related"]) == ("customer", 1)


def test_who_does_not_see_the_record_gets_404(cast: SimpleNamespace, customer: int, browse: Any) -> None:
    send(browse, cast.ben, customer, "a.pdf", PDF)
    (row,) = kept(cast)
    assert browse(cast.cy).get(f"/attachments/{row.id}/file", buffered=True).status_code == 404
    assert browse(cast.dee).get(f"/attachments/{row.id}/file", buffered=True).status_code == 404
    assert send(browse, cast.cy, customer, "b.pdf", PDF).status_code == 404
    assert send(browse, cast.olga, customer, "b.pdf", PDF).status_code == 403
    assert len(kept(cast)) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"MZ\x90"),
        ("page.html", b"<script>alert(1)</script>"),
        ("drawing.svg", b"<svg/>"),
        ("noending", b"text"),
        ("empty.pdf", b""),
        ("fake.pdf", b"<html>"),
        ("fake.png", b"GIF89a"),
        ("program.txt", b"MZ\x90\x00"),
        ("zeros.csv", b"a,b\x00c"),
        ("fake.docx", office("xl/workbook.xml")),
        ("macro.xlsx", office("xl/workbook.xml", "xl/vbaProject.bin")),
        ("broken.docx", b"PK\x03\x04 not an archive"),
        ("fake.webp", b"RIFF\x00\x00\x00\x00WAVE"),
    ],
)
def test_what_may_not_be_kept(
    cast: SimpleNamespace, customer: int, browse: Any, name: str, content: bytes
) -> None:
    answer = send(browse, cast.ben, customer, name, content)
    assert answer.status_code == 422
    assert kept(cast) == []
    assert last_step().outcome == "invalid"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.PNG", PNG),
        ("letter.docx", office("word/document.xml")),
        ("table.xlsx", office("xl/workbook.xml")),
        ("list.csv", "编号,名称".encode("gb18030")),
        ("notes.md", "# 记录".encode()),
        ("all.zip", office("readme.txt")),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"),
    ],
)
def test_what_may_be_kept(
    cast: SimpleNamespace, customer: int, browse: Any, name: str, content: bytes
) -> None:
    assert send(browse, cast.ben, customer, name, content).status_code == 302


def test_too_large_is_refused(cast: SimpleNamespace, customer: int, browse: Any, app: Flask) -> None:
    before = app.config["UPLOAD_LIMIT"]
    app.config["UPLOAD_LIMIT"] = 10
    answer = send(browse, cast.ben, customer, "a.pdf", PDF)
    app.config["UPLOAD_LIMIT"] = before
    assert answer.status_code == 422


def test_a_full_sandbox_takes_no_more(cast: SimpleNamespace, customer: int, browse: Any, app: Flask) -> None:
    before = app.config["SANDBOX_LIMIT"]
    app.config["SANDBOX_LIMIT"] = storage.used(cast.ben.sandbox_id) + len(PNG) - 1
    answer = send(browse, cast.ben, customer, "full.png", PNG)
    app.config["SANDBOX_LIMIT"] = before
    assert answer.status_code == 422


def test_nothing_is_left_of_a_refused_file(
    cast: SimpleNamespace, customer: int, browse: Any, app: Flask
) -> None:
    content = PDF + b"refused"
    send(browse, cast.cy, customer, "a.pdf", content)
    digest = hashlib.sha256(content).hexdigest()
    assert not storage.path_of(cast.ben.sandbox_id, digest).exists()
    loose = [path for path in storage.folder_of(cast.ben.sandbox_id).iterdir() if path.is_file()]
    assert loose == []


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\报价.pdf", "报价.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("gpj\u202etxt.exe.pdf", "gpjtxt.exe.pdf"),
        ("..pdf", "pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_are_tidied(raw: str, name: str) -> None:
    assert tidy(raw) == name


def test_an_attachment_is_not_made_without_a_file(cast: SimpleNamespace, customer: int, browse: Any) -> None:
    data = {"related_kind": "customer", "related_id": str(customer)}
    assert browse(cast.ben).post("/attachments/new", data).status_code == 422
    assert kept(cast) == []


def test_the_page_offers_the_download(cast: SimpleNamespace, customer: int, browse: Any) -> None:
    send(browse, cast.ben, customer, "a.pdf", PDF)
    (row,) = kept(cast)
    assert f'href="/attachments/{row.id}/file"' in browse(cast.ben).get(f"/attachments/{row.id}").text
    page = browse(cast.ben).get(f"/attachments/new?related_kind=customer&related_id={customer}").text
    assert 'enctype="multipart/form-data"' in page
    assert f'value="{customer}"' in page
