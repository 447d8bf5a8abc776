"""What each part measured last, kept beside the page until it is measured again."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.results import Figure

KEPT = Path(__file__).with_name("figures.json")


@dataclass(frozen=True)
class Kept:
    """The figures of one part, when it was begun (UTC) and how busy the machine was then."""

    at: datetime
    load: float
    figures: list[Figure]


def read(path: Path = KEPT) -> dict[str, Kept]:
    """By the name of the part; nothing where nothing was measured yet."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text("utf-8"))
    return {
        name: Kept(datetime.fromisoformat(one["at"]), one["load"], [Figure(**row) for row in one["figures"]])
        for name, one in found.items()
    }


def keep(name: str, part: Kept, path: Path = KEPT) -> None:
    """Put what a part measured in place of what it measured before."""
    said = {**read(path), name: part}
    whole = {
        key: {"at": one.at.isoformat(), "load": one.load, "figures": rows(one.figures)}
        for key, one in said.items()
    }
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def rows(figures: Iterable[Figure]) -> list[dict[str, object]]:
    return [asdict(figure) for figure in figures]


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def busy() -> float:
    """The machine's load of the last minute; -1 where it does not say."""
    try:
        return float(Path("/proc/loadavg").read_text("ascii").split()[0])
    except OSError:
        return -1.0
