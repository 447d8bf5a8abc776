"""What a crowd saw: every answer with its time, every error, and every write that was said to be done."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.numbers import percentile

BACKGROUND = frozenset(("strip", "count"))  # what a page fetches by itself: it is no page


@dataclass(frozen=True)
class Sample:
    """An answer: when it was asked for, what it was, how long it took in milliseconds."""

    at: float
    page: str
    ms: float


@dataclass(frozen=True)
class Failure:
    """What was no answer, or not the one that was due."""

    at: float
    page: str
    what: str


@dataclass(frozen=True)
class Made:
    """A lead that its member was told to be there."""

    member: str
    lead: int
    mobile: str


@dataclass(frozen=True)
class Converted:
    """A lead that its member was told to have become this customer."""

    member: str
    lead: int
    customer: int


@dataclass
class Book:
    """Everything that happened to a crowd. `unknown` counts writes whose answer never came."""

    samples: list[Sample] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    converted: list[Converted] = field(default_factory=list)
    unknown: int = 0

    def between(self, start: float, end: float) -> "Window":
        """What was asked for in this time."""
        return Window(
            end - start,
            [sample for sample in self.samples if start <= sample.at < end],
            [failure for failure in self.failures if start <= failure.at < end],
        )

    def fail(self, page: str, what: str, *, write: bool) -> None:
        self.failures.append(Failure(perf_counter(), page, what))
        self.unknown += write


@dataclass(frozen=True)
class Window:
    """A stretch of time, in seconds, and what was asked for in it."""

    seconds: float
    samples: list[Sample]
    failures: list[Failure]

    @property
    def pages(self) -> list[float]:
        """The times of the pages, without what they fetch by themselves."""
        return [sample.ms for sample in self.samples if sample.page not in BACKGROUND]

    @property
    def rate(self) -> float:
        """Pages a second."""
        return len(self.pages) / self.seconds

    @property
    def background(self) -> float:
        """Requests a second that pages made by themselves."""
        return (len(self.samples) - len(self.pages)) / self.seconds

    def percentile(self, share: float) -> float:
        return percentile(self.pages, share)

    def by_page(self) -> Iterator[tuple[str, list[float]]]:
        """The times of each kind of page, the most frequent first."""
        kinds = Counter(sample.page for sample in self.samples)
        for page, _count in kinds.most_common():
            yield page, [sample.ms for sample in self.samples if sample.page == page]
