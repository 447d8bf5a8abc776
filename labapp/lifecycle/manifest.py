"""What an archive says of itself, and where its parts stand in it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from labapp.values import dataclass, fields

FORMAT = 1
MANIFEST, LOG, FACTS, PEOPLE = "manifest.json", "log.jsonl", "sandbox.json", "people.csv"
SCENARIO, FILES = "scenario/", "files/"


class CannotArchive(Exception):
    """Says in a sentence why no archive was made. Nothing is left behind."""


class BadArchive(Exception):
    """The file is no archive, or not as it was made. Says in a sentence what is wrong."""


@dataclass(frozen=True)
class Manifest:
    """`parts` is SHA-256 and size of every other file by its path inside; `revision` that of the schema.

    `origin` is the same for all sandboxes of one course, and for every archive of them.
    """

    made_at: str
    program: str
    revision: str
    sandbox: str
    course: str
    title: str
    unit: str
    scenario: str
    origin: str
    steps: int
    members: int
    parts: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def text(self) -> str:
        parts = {name: {"sha256": sha, "size": size} for name, (sha, size) in self.parts.items()}
        content = {"archive": FORMAT, **asdict(self), "parts": parts}
        return json.dumps(content, ensure_ascii=False, indent=1)

    @property
    def scenario_files(self) -> list[str]:
        return [name for name in self.parts if name.startswith(SCENARIO)]

    @property
    def files(self) -> list[str]:
        return [name for name in self.parts if name.startswith(FILES)]


def read_manifest(text: str) -> Manifest:
    """The manifest of an archive. Raises BadArchive."""
    try:
        content = json.loads(text)
        made_by_later = int(content.pop("archive")) > FORMAT
        parts = {str(name): (str(p["sha256"]), int(p["size"])) for name, p in content.pop("parts").items()}
        known = {each.name: content[each.name] for each in fields(Manifest) if each.name != "parts"}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadArchive(_("It is no archive of a sandbox: its manifest cannot be read.")) from error
    if made_by_later:
        raise BadArchive(later(known))
    wrong = any(
        type(known[name]) is not kind for name, kind in Manifest.__annotations__.items() if name in known
    )
    if wrong or any(not is_inside(name) or size < 0 for name, (_sha, size) in parts.items()):
        raise BadArchive(_("It is no archive of a sandbox: its manifest cannot be read."))
    return Manifest(**known, parts=parts)


def later(said: Mapping[str, Any]) -> str:
    """The sentence for an archive that this program is too old for."""
    return _(
        "It was made by a later version of the program (%(theirs)s); this is %(ours)s. Update the program first.",
        theirs=str(said.get("program")),
        ours=program(),
    )


def is_inside(name: str) -> bool:
    """A plain relative path: nothing is ever written beside the place it is for."""
    parts = name.split("/")
    return "\\" not in name and ":" not in name and all(part not in {"", ".", ".."} for part in parts)


def path_of_file(sha256: str) -> str:
    """Where the content of an attachment or document stands in an archive."""
    return f"{FILES}{sha256[:2]}/{sha256}"


def program() -> str:
    """The version of this program."""
    try:
        return version("labapp")
    except PackageNotFoundError:
        return "0"


def archives() -> Path:
    """The folder of this installation's archives."""
    return Path(current_app.config["DATA"]) / "archives"
