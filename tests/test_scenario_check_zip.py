"""A zip is read with nothing trusted of what it says about itself, and refused with a sentence for every fault."""

import io
import stat
import struct
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from labapp.scenario.problems import BadScenario
from labapp.scenario.zipped import MOST_BYTES, unzipped, zipped
from tests.small import TINY


def packed(*entries, zeros=None):
    """A zip of (name or ZipInfo, content) pairs."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
        if zeros:
            with file.open(zeros[0], "w", force_zip64=True) as stream:
                for _ in range(zeros[1]):
                    stream.write(bytes(1024 * 1024))
    return made.getvalue()


def refused(content, language="en"):
    with pytest.raises(BadScenario) as bad:
        unzipped(content)
    assert all(problem.text.zh != problem.text.en for problem in bad.value.problems)
    return [f"{p.file}:{p.line}: {getattr(p.text, language)}" for p in bad.value.problems]


def test_what_was_zipped_comes_out_again():
    assert unzipped(zipped("tiny", TINY)) == TINY
    assert zipped("tiny", TINY) == zipped("tiny", dict(reversed(TINY.items())))


def test_a_zip_without_a_folder_and_with_litter_is_taken():
    entries = [*TINY.items(), ("__MACOSX/._scenario.yaml", b"\0"), (".DS_Store", b"\0")]
    assert unzipped(packed(*entries)) == TINY


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../scenario.yaml", "its path leads out of the zip"),
        ("tiny/../../scenario.yaml", "its path leads out of the zip"),
        ("tiny\\..\\scenario.yaml", "its path leads out of the zip"),
        ("/etc/scenario.yaml", "its path is absolute"),
        ("C:/scenario.yaml", "its path is absolute"),
        ("tiny/inner.zip", "an archive inside the zip"),
        ("tiny/inner.tar.gz", "an archive inside the zip"),
        ("tiny/run.py", "no scenario has such a file; possible: scenario.yaml"),
        ("tiny/timeline.yml", "no scenario has such a file"),
    ],
)
def test_an_entry_that_leads_elsewhere_is_named(name, sentence):
    assert any(sentence in line for line in refused(packed((name, b"x"))))


def test_a_symlink_is_no_file():
    link = ZipInfo("tiny/rubric.yaml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused(packed((link, "/etc/passwd"))) == ["tiny/rubric.yaml:1: is a link or a device, not a file"]


def test_a_flood_of_zeros_is_refused_by_its_own_word():
    content = packed(zeros=("tiny/records.yaml", 64))
    assert len(content) < 1024 * 1024
    assert refused(content) == ["tiny/records.yaml:1: larger than 2 MiB"]


def test_zeros_that_say_they_are_few_end_at_the_same_border():
    content = bytearray(packed(zeros=("tiny/records.yaml", 64)))
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", 10)  # the size it says it has
    assert refused(bytes(content))[0].endswith(("larger than 2 MiB", "this is no zip, or it is broken"))


def test_many_files_just_small_enough_end_at_the_border_of_all():
    entries = [(f"tiny/part{number}.csv", b"x" * (2 * 1024 * 1024 - 1)) for number in range(6)]
    assert refused(packed(*entries)) == [
        f"upload.zip:1: more than {MOST_BYTES // 1024 // 1024} MiB when unpacked"
    ]


def test_too_many_entries_and_too_many_files_are_refused():
    assert refused(packed(*((f"tiny/{n}.md", b"x") for n in range(201)))) == [
        "upload.zip:1: more than 200 entries"
    ]
    assert "upload.zip:1: more than 40 files" in refused(packed(*((f"tiny/{n}.md", b"x") for n in range(41))))


def test_folders_below_the_folder_are_refused():
    assert "one folder with nothing below it" in refused(packed(("a/b/scenario.yaml", b"x")))[0]
    assert "found: a, b" in refused(packed(("a/scenario.yaml", b"x"), ("b/rubric.yaml", b"x")))[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused():
    twice = packed(("tiny/rubric.yaml", b"a"), ("tiny/rubric.yaml", b"b"))
    assert refused(twice) == ["rubric.yaml:1: is in the zip twice"]


def test_a_file_in_another_encoding_is_named_with_its_line():
    content = packed(("tiny/brief.zh.md", "# 小场景\n第二行".encode("gb18030")))
    assert refused(content) == ["brief.zh.md:1: not UTF-8; save the file as UTF-8"]
    assert refused(content, "zh") == ["brief.zh.md:1: 不是 UTF-8 编码，请另存为 UTF-8"]
    assert refused(packed(("tiny/brief.en.md", b"one\ntwo\0"))) == [
        "brief.en.md:2: a zero byte; this is no text"
    ]


@pytest.mark.parametrize("content", [b"", b"no zip", zipped("tiny", TINY)[:-30], zipped("tiny", TINY)[40:]])
def test_what_is_no_zip_is_called_so(content):
    assert refused(content) == ["upload.zip:1: this is no zip, or it is broken"]


def test_a_zip_with_a_byte_changed_is_broken():
    content = bytearray(packed(("tiny/records.yaml", b"records: []\n" * 50)))
    content[60] ^= 0xFF
    assert refused(bytes(content)) == ["upload.zip:1: this is no zip, or it is broken"]


def test_an_entry_under_a_password_is_named():
    content = bytearray(packed(("tiny/records.yaml", b"records: []")))
    for head, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + offset] |= 1
    assert refused(bytes(content)) == ["tiny/records.yaml:1: is protected by a password"]
