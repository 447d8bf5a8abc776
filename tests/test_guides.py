"""README and guides say only what is there: commands, make targets, settings, buttons, pictures, links.

In the guides **bold** is what the screen says.
"""

import re
import shlex
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from labapp.cli import labapp

ROOT = Path(__file__).resolve().parents[1]
CATALOG = ROOT / "labapp" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
TEXTS = tuple(sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]))
BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.S)
COMMAND = re.compile(r"(?:^|[\s/])labapp((?: +(?!#|\|)[^\s`]+)*)")


def name(path: Path) -> str:
    return path.name


def messages(language: str) -> frozenset[str]:
    """Every message of the screens, as it is read in that language."""
    with CATALOG.open("rb") as file:
        catalog = read_po(file, locale="zh_Hans_CN")
    found = set()
    for message in catalog:
        texts = message.string if language == "zh" else message.id
        found |= {texts} if isinstance(texts, str) else set(texts or ())
    return frozenset(found - {""})


def codes(text: str) -> list[str]:
    return [line for block in CODE.findall(text) for line in block.strip("`").splitlines()]


@pytest.mark.parametrize("guide", sorted((ROOT / "docs").glob("*.??.md")), ids=name)
def test_every_button_named_in_a_guide_is_on_a_screen(guide: Path) -> None:
    language = guide.name.split(".")[1]
    known = messages(language)
    named = {" ".join(words.split()) for words in BOLD.findall(guide.read_text(encoding="utf-8"))}
    assert len(named - {"bold", "粗体字"}) > 10
    missing = sorted(words for words in named - {"bold", "粗体字"} if words not in known)
    assert missing == []


@pytest.mark.parametrize("guide", sorted((ROOT / "docs").glob("*.en.md")), ids=name)
def test_both_languages_of_a_guide_tell_of_the_same_pictures(guide: Path) -> None:
    other = guide.with_name(guide.name.replace(".en.", ".zh."))
    shown = re.findall(r"images/(\w+)(?:\.zh)?\.png", guide.read_text(encoding="utf-8"))
    assert shown == re.findall(r"images/(\w+)\.zh\.png", other.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", TEXTS, ids=name)
def test_every_command_named_is_there_with_its_options(text: Path) -> None:
    lines = codes(text.read_text(encoding="utf-8"))
    said = [found for line in lines for found in COMMAND.findall(line) if found.strip()]
    for words in said:
        check(shlex.split(words))


def check(words: list[str]) -> None:
    """Walk from `labapp` down to the command, and look up each option."""
    command: click.Command = labapp
    context = click.Context(command, info_name="labapp")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"labapp has no command {words[0]} ({' '.join(words)})"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in known, f"{command.name} has no option {word}"


@pytest.mark.parametrize("text", TEXTS, ids=name)
def test_every_make_target_and_setting_named_is_there(text: Path) -> None:
    lines = codes(text.read_text(encoding="utf-8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in lines:
        for target in re.findall(r"(?:^|\s)make ([a-z-]+)", line):
            assert f"\n{target}:" in makefile, f"make {target}"
    read = [path for folder in ("labapp", "deploy") for path in (ROOT / folder).rglob("*.py")]
    python = "".join(path.read_text(encoding="utf-8") for path in read)
    for setting in set(re.findall(r"LABAPP_[A-Z_]+", "\n".join(lines))):
        assert f'"{setting}"' in python, setting


@pytest.mark.parametrize("text", TEXTS, ids=name)
def test_every_picture_and_link_leads_to_a_file(text: Path) -> None:
    for target in re.findall(r"(?:\]\(|src=\")([^)#:\"]+)[)\"]", text.read_text(encoding="utf-8")):
        assert (text.parent / target).exists(), target


def test_the_pictures_are_those_the_target_takes_and_small() -> None:
    from tests.browser.screenshots import PICTURES

    files = {path.name: path.stat().st_size for path in (ROOT / "docs" / "images").glob("*.png")}
    assert set(files) == {f"{picture.name}{end}.png" for picture in PICTURES for end in ("", ".zh")}
    assert max(files.values()) < 250 * 1024
    assert sum(files.values()) < 8 * 1024 * 1024
