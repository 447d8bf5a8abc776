"""How long sales stay in each stage, and where the pipeline gets stuck (003, template 2; 004 §3.3)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Float, func, type_coerce

from labapp.db import is_sqlite
from labapp.modules.opportunities.models import Stay
from labapp.modules.opportunities.stages import LOST, WON, book_of
from labapp.records.describe import Column, Filters, Report, ReportRow
from labapp.records.figure_sums import Sums, summed
from labapp.records.figures import added_up
from labapp.records.reports import Ask, merged
from labapp.records.values import CENT
from labapp.records.words import language
from labapp.values import dataclass

DAY, EPOCH = 86_400, 2_440_587.5  # seconds; the day number of 1970-01-01
TENTH = Decimal("0.1")


def weighted(model: Any) -> Any:
    """Amount times probability: what the pipeline is worth (001 §5.4)."""
    return func.coalesce(model.amount, 0) * func.coalesce(model.probability, 0) / 100


def open_ones(ask: Ask) -> Filters:
    stages = (s.key for s in book_of(ask.actor).values("stage") if s.outcome == "open")
    return {"stage": tuple(key for key in stages if key not in (WON, LOST))}


@dataclass
class Stand:
    """One stage: what stands in it, since when (`since`: day numbers added up), and the stays that are over."""

    count: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    since: float = 0.0
    first: datetime | None = None
    over: int = 0
    stayed: int = 0

    def running(self, now: datetime) -> int:
        """The seconds of all running stays."""
        return round((self.count * day_number_of(now) - self.since) * DAY)

    def mean_of_all(self, now: datetime) -> Decimal | None:
        """Days of a stay, over or running, on average."""
        return mean(self.running(now) + self.stayed, self.count + self.over)


def stands_of(ask: Ask) -> dict[str, Stand]:
    """Every open stage with what stands and stood in it, of the opportunities asked for. Two statements."""
    found = {key: Stand() for key in open_ones(ask)["stage"]}
    model, where = ask.model, ask.where(ask.filters)
    since = func.coalesce(model.stage_since, model.created_at)
    sums = [summed(func.coalesce(model.amount, 0)), summed(weighted(model)), func.sum(day_number(since))]
    now = Sums(model, model.stage, (func.count(), *sums, func.min(since)), where, least=frozenset({4}))
    for stage, (count, amount, worth, days_, first) in added_up(ask.actor, now):
        if stage in found:
            found[stage] = Stand(count, Decimal(amount), Decimal(worth), float(days_), first)
    for key, (count, seconds) in stayed(ask, where, found).items():
        found[key].over, found[key].stayed = count, seconds
    return found


def stayed(ask: Ask, where: tuple[Any, ...], stages: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How many stays in each of these stages are over, and their seconds."""
    numbers = func.count(), func.sum(Stay.seconds)
    past = Sums(ask.model, Stay.stage, numbers, where, joined=(Stay, Stay.opportunity_id == ask.model.id))
    found = {stage: (int(count), int(seconds)) for stage, (count, seconds) in added_up(ask.actor, past)}
    return {stage: found[stage] for stage in stages if stage in found}


def total_of(stands: Mapping[str, Stand]) -> Stand:
    """All stages together."""
    whole = Stand()
    for stand in stands.values():
        whole.count += stand.count
        whole.amount += stand.amount
        whole.weighted += stand.weighted
        whole.since += stand.since
        whole.over += stand.over
        whole.stayed += stand.stayed
    whole.first = min((s.first for s in stands.values() if s.first), default=None)
    return whole


def day_number(column: Any) -> Any:
    """A moment of lab time as a number of days, which databases add up faster than anything else about time."""
    number = func.julianday(column) if is_sqlite() else func.extract("epoch", column) / DAY + EPOCH
    return type_coerce(number, Float)


def day_number_of(moment: datetime) -> float:
    """The same of a moment at hand."""
    return moment.replace(tzinfo=UTC).timestamp() / DAY + EPOCH


def days(seconds: float) -> Decimal:
    """Days with one decimal."""
    return (Decimal(int(seconds)) / DAY).quantize(TENTH, ROUND_HALF_UP)


def mean(seconds: int, count: int) -> Decimal | None:
    return days(seconds / count) if count else None


def stages_shown(ask: Ask, stands: Mapping[str, Stand]) -> list[tuple[str, str]]:
    """(key, label) of the open stages in their order."""
    return [(s.key, s.name(language())) for s in book_of(ask.actor).values("stage") if s.key in stands]


def here(ask: Ask, key: str) -> Filters | None:
    """The list filters of what stands in a stage."""
    return merged(ask.filters, {"stage": (key,)})


# -- time in each stage --------------------------------------------------------------------------------------


def dwell_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(_l("Stage")),
        Column(_l("There now"), numeric=True, counts=True),
        Column(_l("Days so far, average"), numeric=True),
        Column(_l("Days so far, longest"), numeric=True),
        Column(_l("Stays that are over"), numeric=True),
        Column(_l("Days stayed, average"), numeric=True),
    )


def dwell_rows(ask: Ask) -> list[ReportRow]:
    """Per open stage how many stand in it and for how long, and how long the stays took that are over."""
    stands = stands_of(ask)
    rows = [_dwell_row(ask, label, stands[key], here(ask, key)) for key, label in stages_shown(ask, stands)]
    everything = merged(ask.filters, open_ones(ask))
    return [*rows, _dwell_row(ask, _("Total"), total_of(stands), everything, total=True)]


def _dwell_row(ask: Ask, label: Any, stand: Stand, link: Filters | None, *, total: bool = False) -> ReportRow:
    now = ask.actor.lab_now
    longest = days((now - stand.first).total_seconds()) if stand.first else None
    running = mean(stand.running(now), stand.count)
    values = (label, stand.count, running, longest, stand.over, mean(stand.stayed, stand.over))
    return ReportRow(values, (link, link), records=stand.count, total=total)


CONDITIONS = ("from", "to", "owner", "source", "opportunity_type")
dwell = Report(
    "dwell",
    _l("Time in each stage"),
    dwell_rows,
    dwell_columns,
    conditions=CONDITIONS,
    series=(2, 5),
    explain=_l("Days on the clock of the sandbox. From and to speak of the day the opportunity was created."),
)


# -- where it gets stuck -------------------------------------------------------------------------------------


def bottleneck_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(_l("Stage")),
        Column(_l("Count"), numeric=True, counts=True),
        Column(_l("Amount"), numeric=True, money=True),
        Column(_l("Weighted amount"), numeric=True, money=True),
        Column(_l("Days in the stage, average"), numeric=True),
        Column(_l("Stays counted"), numeric=True),
    )


def bottleneck_rows(ask: Ask) -> list[ReportRow]:
    """Per open stage count, amount and time; the stage in which sales stay longest is marked."""
    stands, now = stands_of(ask), ask.actor.lab_now
    means = {key: stand.mean_of_all(now) for key, stand in stands.items()}
    longest = max((mean for mean in means.values() if mean), default=None)
    rows = [
        _bottleneck_row(
            ask, label, stands[key], here(ask, key), mark=longest is not None and means[key] == longest
        )
        for key, label in stages_shown(ask, stands)
    ]
    everything = merged(ask.filters, open_ones(ask))
    return [*rows, _bottleneck_row(ask, _("Total"), total_of(stands), everything, total=True)]


def _bottleneck_row(
    ask: Ask, label: Any, stand: Stand, link: Filters | None, *, mark: bool = False, total: bool = False
) -> ReportRow:
    values = (
        label,
        stand.count,
        stand.amount.quantize(CENT, ROUND_HALF_UP),
        stand.weighted.quantize(CENT, ROUND_HALF_UP),
        stand.mean_of_all(ask.actor.lab_now),
        stand.count + stand.over,
    )
    word = _("slowest") if mark else ""
    return ReportRow(values, (link, link, link, link), records=stand.count, total=total, mark=word)


bottleneck = Report(
    "bottleneck",
    _l("Where the pipeline gets stuck"),
    bottleneck_rows,
    bottleneck_columns,
    conditions=CONDITIONS,
    series=(4,),
    explain=_l(
        "Count, amount and time in each open stage; the slowest is marked. The days are those of all stays, over "
        "and running, on the clock of the sandbox."
    ),
)
