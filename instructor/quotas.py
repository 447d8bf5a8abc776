"""Quotas of everybody below, a year at a time: given, changed, taken back, copied (004 §2.11-1, §2.11-8)."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from instructor.common import asks, back_to, bp, console_page, me
from instructor.quota_steps import amount_typed, change, give, take_back
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import may_give, require_granted
from labapp.modules.forecasts.models import Quota
from labapp.modules.forecasts.rollup import homes
from labapp.people.directory import Place
from labapp.people.words import language
from labapp.records import query
from labapp.records.fiscal import FIRST_YEAR, LAST_YEAR, QUARTERS, Quarter, is_year, this_quarter
from labapp.records.values import CENT, plain
from labapp.records.work import writing
from labapp.values import dataclass

HERE = "/instructor/quotas"
NOTHING = Decimal(0)
Key = tuple[int, int]  # member, quarter


@dataclass(frozen=True)
class Row:
    """A line of the grid: a position with sums, or a member with amounts by quarter; `total` of the year."""

    label: str
    depth: int
    amounts: tuple[Any, ...]
    total: Decimal
    member_id: int | None = None


def year_asked() -> int:
    """The year of the address or the form, else the one that runs."""
    said = request.values.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and len(said) == 4 else 0
    return year if is_year(year) else this_quarter(me()).year


def standing(actor: Actor, year: int) -> dict[Key, Quota]:
    """The quotas of a year that the actor gives, by member and quarter: one statement."""
    where = Quota.year == year, Quota.owner_id.in_(may_give(actor))
    return {(row.owner_id, row.quarter): row for row in query.rows(Quota, actor, *where)}


@bp.get("/quotas")
@console_page("quotas")
def quotas() -> ResponseReturnValue:
    """Members by position against the quarters of a year, with the sum of every position (F127, F128)."""
    return grid_page(None)


def grid_page(error: Invalid | None) -> str:
    actor, year = me(), year_asked()
    g.form_sandbox = actor.sandbox_id
    found = standing(actor, year)
    return render_template(
        "instructor/quotas.html",
        year=year,
        years=range(max(year - 3, FIRST_YEAR), min(year + 3, LAST_YEAR) + 1),
        rows=rows_of(actor, found),
        stands={key: plain(row.amount) for key, row in found.items()},
        typed=request.form,
        wrong=error.fields if error else {},
        problem=str(error) if error else "",
        quarters=[Quarter(year, number) for number in QUARTERS],
        earlier=Quarter(year, 1).plus(-1),
        crumbs=[(_("Quotas"), None)],
    )


def rows_of(actor: Actor, found: Mapping[Key, Quota]) -> list[Row]:
    """Positions with what is below them, and the members each; then those in none, and the whole."""
    members, tree = may_give(actor), actor.directory.tree()
    home = homes(actor.directory, tree, members)
    top = min((place.path.count("/") for place in home.values() if place is not None), default=1) - 1
    rows: list[Row] = []
    for place in tree:
        inside = [i for i in members if is_in(home[i], place)]
        if inside and place.path.count("/") >= top:
            depth = place.path.count("/") - top
            rows.append(summed(str(place.name(language())), depth, found, inside))
            rows += [member_row(actor, i, depth + 1, found) for i in inside if home[i] == place]
    nowhere = [i for i in members if home[i] is None]
    if nowhere:
        rows.append(summed(_("In no position"), 0, found, nowhere))
        rows += [member_row(actor, i, 1, found) for i in nowhere]
    return [*rows, summed(_("Total"), 0, found, members)]


def is_in(home: Place | None, place: Place) -> bool:
    return home is not None and home.path.startswith(place.path)


def summed(label: str, depth: int, found: Mapping[Key, Quota], members: list[int]) -> Row:
    """The sum of the quotas of these members, by quarter."""
    sums = tuple(sum((amount_of(found, i, q) for i in members), NOTHING) for q in QUARTERS)
    return Row(label, depth, sums, sum(sums, NOTHING))


def member_row(actor: Actor, member_id: int, depth: int, found: Mapping[Key, Quota]) -> Row:
    amounts = tuple(found.get((member_id, q)) for q in QUARTERS)
    total = sum((amount_of(found, member_id, q) for q in QUARTERS), NOTHING)
    return Row(actor.directory.members[member_id].name, depth, amounts, total, member_id)


def amount_of(found: Mapping[Key, Quota], member_id: int, quarter: int) -> Decimal:
    row = found.get((member_id, quarter))
    return row.amount if row is not None else NOTHING


# -- changing ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A cell whose amount was typed anew; `stood` is what it showed, '' for nothing."""

    member_id: int
    quarter: int
    amount: Decimal | None
    stood: str

    @property
    def name(self) -> str:
        return f"q-{self.member_id}-{self.quarter}"


@bp.post("/quotas/save")
@console_page("quotas")
@asks(grid_page)
def quotas_save() -> ResponseReturnValue:
    """Every cell that was typed anew: a quota given, changed or taken back, a step each, all of them or none."""
    actor, year = me(), year_asked()
    require_granted(actor, "quota", "edit")
    cells = list(changed_cells(actor))
    found = standing(actor, year)
    with writing():
        for cell in cells:
            write(actor, year, cell, found.get((cell.member_id, cell.quarter)))
    done = ngettext("%(num)s quota is saved.", "%(num)s quotas are saved.", len(cells))
    return back_to(f"{HERE}?year={year}", done if cells else _("Nothing was changed."), "success")


def changed_cells(actor: Actor) -> Iterator[Cell]:
    """The cells of the form that no longer say what stood in them. Raises Invalid, naming every bad one."""
    wrong, cells = {}, []
    for member_id in may_give(actor):
        for quarter in QUARTERS:
            name = f"q-{member_id}-{quarter}"
            typed, stood = request.form.get(name, "").strip(), request.form.get(f"was-{name}", "")
            if name not in request.form or typed == stood:
                continue
            try:
                cells.append(Cell(member_id, quarter, amount_typed(typed), stood))
            except ValueError as error:
                wrong[name] = str(error)
    if wrong:
        raise Invalid(_("Some amounts cannot be taken. Nothing was saved."), wrong)
    yield from (cell for cell in cells if plain(cell.amount) != cell.stood)


def write(actor: Actor, year: int, cell: Cell, row: Quota | None) -> None:
    """One step for one cell. Raises Invalid where somebody else changed it since the page was shown."""
    if (plain(row.amount) if row is not None else "") != cell.stood:
        name = actor.directory.members[cell.member_id].name
        sentence = _("Somebody changed the quota of %(name)s meanwhile. Look again.", name=name)
        raise Invalid(sentence, {cell.name: sentence})
    if row is None:
        give(actor, cell.member_id, Quarter(year, cell.quarter), cell.amount)
    elif cell.amount is None:
        take_back(actor, row.id)
    else:
        change(actor, row.id, cell.amount)


# -- copying -----------------------------------------------------------------------------------------


@bp.post("/quotas/copy")
@console_page("quotas")
@asks(grid_page)
def quotas_copy() -> ResponseReturnValue:
    """Fill what is empty from last year, or a quarter from the one before, changed by so many per cent."""
    actor, year = me(), year_asked()
    require_granted(actor, "quota", "create")
    wanted = quarters_wanted(year)
    factor = (100 + per_cent_typed()) / Decimal(100)
    missing = list(copied(actor, wanted))
    with writing():
        for member_id, quarter, amount in missing:
            give(actor, member_id, quarter, (amount * factor).quantize(CENT, ROUND_HALF_UP))
    done = ngettext("%(num)s quota is copied.", "%(num)s quotas are copied.", len(missing))
    return back_to(f"{HERE}?year={year}", done if missing else _("There was nothing to copy."))


def quarters_wanted(year: int) -> dict[Quarter, Quarter]:
    """Where to copy from, by where to. Raises Invalid."""
    what = request.form.get("what", "")
    if what == "year":
        return {Quarter(year, q): Quarter(year - 1, q) for q in QUARTERS}
    if what in {str(q) for q in QUARTERS}:
        quarter = Quarter(year, int(what))
        return {quarter: quarter.plus(-1)}
    raise Invalid(_("Choose what to copy."))


def per_cent_typed() -> int:
    """By how many per cent the copies change. Raises Invalid."""
    text = request.form.get("percent", "").strip() or "0"
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4 and int(text) > -100):
        raise Invalid(_("Change by a whole number of per cent above -100."))
    return int(text)


def copied(actor: Actor, wanted: Mapping[Quarter, Quarter]) -> Iterator[tuple[int, Quarter, Decimal]]:
    """(member, quarter, amount to start from) for every empty cell whose source has an amount."""
    by_year = {quarter.year: standing(actor, quarter.year) for pair in wanted.items() for quarter in pair}
    for target, source in wanted.items():
        for member_id in may_give(actor):
            row = by_year[source.year].get((member_id, source.quarter))
            if row is not None and (member_id, target.quarter) not in by_year[target.year]:
                yield member_id, target, row.amount
