"""No string reaches a person in one language only."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tools import messages


def message(english: str | tuple[str, str], chinese: str | tuple[str, ...], *flags: str) -> Message:
    return Message(english, chinese, flags=flags)


def test_every_message_has_its_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.check() == 0, capsys.readouterr().out


def test_both_code_and_templates_are_read() -> None:
    said = messages.said_by_the_code()
    assert said.get("Sign in") is not None
    assert len(said) > 500


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        (None, "without Chinese"),
        (message("Lead", ""), "without Chinese"),
        (message("Lead", "线索", "fuzzy"), "fuzzy"),
        (message("Lead", "Lead"), "the same in both languages, and not in allowed_equal.txt"),
        (message("Lead", "线索 %(name)s"), "other placeholders in Chinese"),
    ],
)
def test_a_fault_is_named(known: Message | None, fault: str) -> None:
    assert messages.faults(message("Lead", ""), known, set()) == [fault]


def test_a_name_on_the_list_may_be_the_same() -> None:
    assert messages.faults(message("CSV", ""), message("CSV", "CSV"), {"CSV"}) == []


def test_a_plural_needs_the_placeholders_of_its_plural_form() -> None:
    plural = ("%(num)d lead", "%(num)d leads")
    assert messages.faults(message(plural, ""), message(plural, ("%(num)d 条线索",)), set()) == []
    assert messages.faults(message(plural, ""), message(plural, ("一条线索",)), set()) != []


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(messages, "PO", tmp_path / "messages.po")
    return tmp_path


def fragment(folder: Path, name: str, **texts: str) -> str:
    file = folder / name
    file.write_text("\n".join(f'msgid "{en}"\nmsgstr "{zh}"\n' for en, zh in texts.items()), "utf-8")
    return str(file)


def test_fragments_are_merged_and_disagreements_named(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = fragment(catalog, "one.po", Lead="线索", Owner="负责人")
    two = fragment(catalog, "two.po", Owner="所有者", Contact="联系人")
    assert messages.main(["merge", one, two]) == 0
    stored = messages.stored()
    assert {m.id: m.string for m in stored if m.id} == {
        "Lead": "线索",
        "Owner": "负责人",
        "Contact": "联系人",
    }
    assert "'Owner' is 所有者, elsewhere 负责人" in capsys.readouterr().out


def test_a_later_merge_replaces(catalog: Path) -> None:
    messages.main(["merge", fragment(catalog, "one.po", Owner="所有者")])
    messages.main(["merge", fragment(catalog, "two.po", Owner="负责人")])
    found = messages.stored().get("Owner")
    assert found is not None
    assert found.string == "负责人"


def test_writing_twice_changes_nothing(catalog: Path) -> None:
    messages.main(["merge", fragment(catalog, "one.po", Lead="线索")])
    before = messages.PO.read_bytes()
    messages.store(messages.stored())
    assert messages.PO.read_bytes() == before
    assert b"Date" not in before


def test_extracting_keeps_translations_and_drops_what_is_unused(
    catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Catalog()
    said.add("Lead")
    said.add("Contact")
    monkeypatch.setattr(messages, "said_by_the_code", lambda: said)
    messages.main(["merge", fragment(catalog, "one.po", Lead="线索", Gone="没了")])
    assert messages.main(["extract"]) == 0
    assert {m.id: m.string for m in messages.stored() if m.id} == {"Lead": "线索", "Contact": ""}


def test_wrong_usage_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main([]) == 2
    assert "merge FRAGMENT" in capsys.readouterr().err
