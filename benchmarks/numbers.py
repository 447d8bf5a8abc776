"""What many times say: shares of them, medians, and how far they lie apart."""

from collections.abc import Sequence
from math import ceil
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of these values that so many hundredths of them do not exceed (nearest rank).

    Raises ValueError where there are none.
    """
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, ceil(share / 100 * len(ordered)) - 1)]


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """'2.43× (2.31 to 2.60)': the median, the least and the most."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def in_words(times: Sequence[float]) -> str:
    """'p50 12 ms, p95 40 ms, p99 80 ms'."""
    return ", ".join(f"p{share} {percentile(times, share):.0f} ms" for share in (50, 95, 99))
