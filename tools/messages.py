"""The translations: what the code says, against what labapp/translations holds.

    python tools/messages.py extract            bring messages.po up to date with the code
    python tools/messages.py check              fail on missing, fuzzy, unused or untranslated messages
    python tools/messages.py merge FRAGMENT…    take translations from other .po files
    python tools/messages.py compile            write messages.mo

English is the msgid, so there is one catalog: zh_Hans_CN. Messages that are the same in both languages
(names, abbreviations) stand in labapp/translations/allowed_equal.txt, one a line.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "zh_Hans_CN"
TRANSLATIONS = ROOT / "labapp" / "translations"
PO = TRANSLATIONS / LOCALE / "LC_MESSAGES" / "messages.po"
ALLOWED_EQUAL = TRANSLATIONS / "allowed_equal.txt"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
# They differ at every writing and say nothing that git does not say.
HEADERS_LEFT_OUT = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)


def main(arguments: list[str]) -> int:
    """Exit 0 done, 1 something to mend, 2 wrong usage."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "extract": lambda rest: extract(),
        "check": lambda rest: check(),
        "merge": merge,
        "compile": lambda rest: compile_all(),
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[arguments[0]](arguments[1:])


def said_by_the_code() -> Catalog:
    """Every message of the code and the templates, without translations."""
    catalog = Catalog()
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(ROOT), methods, options, KEYWORDS, directory_filter=is_ours)
    for _file, _line, message, _comments, _context in found:
        catalog.add(message)
    return catalog


def is_ours(folder: str) -> bool:
    """Is it worth walking into that folder?"""
    return (
        Path(folder).name not in {"node_modules", "vendor", "__pycache__", "tests"} and ".venv" not in folder
    )


def stored() -> Catalog:
    """The Chinese catalog as it is, or an empty one."""
    return read(PO) if PO.exists() else Catalog(locale=LOCALE, fuzzy=False)


def read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=LOCALE)


def store(catalog: Catalog) -> None:
    """Write the catalog in an order and a form that change only where a message does."""
    buffer = io.BytesIO()
    catalog.fuzzy = False
    catalog.header_comment = "# Chinese of the lab"
    write_po(buffer, catalog, width=100, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = buffer.getvalue().decode("utf-8").splitlines(keepends=True)
    PO.parent.mkdir(parents=True, exist_ok=True)
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}' for name in HEADERS_LEFT_OUT))]
    PO.write_text("".join(kept), "utf-8")


def extract() -> int:
    """Add what the code says anew, drop what it no longer says; translations stay."""
    old, new = stored(), Catalog(locale=LOCALE, fuzzy=False)
    for message in messages(said_by_the_code()):
        known = old.get(message.id if isinstance(message.id, str) else message.id[0])
        new.add(message.id, known.string if known else "")
    store(new)
    without = sum(not translated(message) for message in messages(new))
    print(f"{len(new)} messages, {without} of them without Chinese")
    return 0


def merge(fragments: list[str]) -> int:
    """Take every translation of the fragments; where two disagree the first stays and both are named."""
    catalog, conflicts = stored(), 0
    taken: dict[str, str] = {}
    for name in fragments:
        for message in messages(read(Path(name))):
            key, text = singular(message), str(message.string)
            if not translated(message):
                continue
            if taken.setdefault(key, text) != text:
                conflicts += 1
                print(f"{name}: {key!r} is {text}, elsewhere {taken[key]}")
                continue
            put(catalog, message)
    store(catalog)
    print(f"{len(catalog)} messages, {conflicts} disagreements")
    return 0


def put(catalog: Catalog, message: Message) -> None:
    """Add or replace; a message that exists in the plural stays one."""
    known = catalog.get(singular(message))
    if known is not None:
        catalog.delete(singular(message))
    catalog.add(message.id, message.string)


def compile_all() -> int:
    sys.path.insert(0, str(ROOT))
    from hatch_build import compile_translations

    compile_translations(ROOT)
    return 0


def check() -> int:
    """Print every message that is missing, fuzzy, without Chinese, the same in both, or no longer used."""
    said, have = said_by_the_code(), stored()
    allowed = set(ALLOWED_EQUAL.read_text("utf-8").splitlines()) if ALLOWED_EQUAL.exists() else set()
    wrong = []
    for message in messages(said):
        known = have.get(singular(message))
        wrong += [f"{why}: {singular(message)!r}" for why in faults(message, known, allowed)]
    used = {singular(message) for message in messages(said)}
    wrong += [
        f"no longer used (make messages drops it): {singular(message)!r}"
        for message in messages(have)
        if singular(message) not in used
    ]
    print("\n".join(wrong) or f"{len(used)} messages, all in both languages")
    return 1 if wrong else 0


def faults(message: Message, known: Message | None, allowed: set[str]) -> list[str]:
    """What is wrong with the Chinese of one message, in words; empty if nothing."""
    if known is None or not translated(known):
        return ["without Chinese"]
    texts = known.string if isinstance(known.string, (tuple, list)) else (known.string,)
    found = []
    if known.fuzzy:
        found.append("fuzzy")
    if any(text == singular(message) for text in texts) and singular(message) not in allowed:
        found.append("the same in both languages, and not in allowed_equal.txt")
    if any(placeholders(message) != set(PLACEHOLDER.findall(text)) for text in texts):
        found.append("other placeholders in Chinese")
    return found


def placeholders(message: Message) -> set[str]:
    """Names in the message; of a plural one, those of its plural form."""
    return set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[-1]))


def messages(catalog: Catalog) -> list[Message]:
    """All messages of it but the header."""
    return [message for message in catalog if message.id]


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(texts) and all(texts)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
