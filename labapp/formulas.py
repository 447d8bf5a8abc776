"""No cell of a file we write is a formula: the one place that says what a spreadsheet would run."""

from typing import Any

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(value: Any) -> Any:
    """A cell that no spreadsheet runs: a risky beginning gets an apostrophe, taken off again on import."""
    if isinstance(value, str) and value.lstrip("'").startswith(RISKY):
        return "'" + value
    return value


def unprotected(cell: str) -> str:
    """The text that `safe` made this cell of."""
    bare = cell.lstrip("'")
    return cell[1:] if bare != cell and bare.startswith(RISKY) else cell
