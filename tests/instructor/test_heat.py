"""The heat map of the log: counts per member and day or hour, and where its cells lead."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.oplog import heat
from labapp.oplog.append import Step, append_all
from labapp.oplog.models import Operation
from labapp.oplog.read import A_DAY
from labapp.records.work import writing

URL = "/instructor/log/heat"
START = datetime.fromisoformat("2026-10-05T08:30:00")


@pytest.fixture
def busy(cast) -> None:
    """Ben takes a step every three hours for four days, Cy three on the second day, the house one a day."""
    steps, moments = [], []
    for number in range(32):
        at = START + timedelta(hours=3 * number)
        who = [cast.ben, *([cast.cy] * 3 if number == 12 else []), *([None] if number % 8 == 0 else [])]
        for person in who:
            same = (person.membership_id, person.key) if person else (None, None)
            steps.append(Step(cast.ben.sandbox_id, "lead", "list", *same))
            moments.append(at)
    with writing():
        append_all(steps, moments)


def of(person) -> tuple[int, str]:
    return person.membership_id, person.key


def midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00")


def counted(sandbox_id: int, shape: str) -> Counter[tuple[str, str]]:
    """The same by reading every step."""
    rows = db.session.execute(
        select(Operation.member, Operation.lab_at).where(Operation.sandbox_id == sandbox_id)
    )
    return Counter((row.member, row.lab_at.strftime(shape)) for row in rows if row.member)


def test_counts_are_those_of_the_steps(busy, cast):
    sandbox_id = cast.ben.sandbox_id
    days = [midnight("2026-10-04") + timedelta(days=n) for n in range(8)]
    found = heat.counts(sandbox_id, days)
    known = counted(sandbox_id, "%Y-%m-%d")
    assert found == {
        (member, n): known[member, f"{day:%Y-%m-%d}"]
        for n, day in enumerate(days[:-1])
        for member in ("s002", "s003")
        if known[member, f"{day:%Y-%m-%d}"]
    }
    assert sum(found.values()) == 35
    hours = [midnight("2026-10-06") + timedelta(hours=n) for n in range(25)]
    assert heat.counts(sandbox_id, hours) == {
        (member, int(hour[-2:])): count
        for (member, hour), count in counted(sandbox_id, "%Y-%m-%d %H").items()
        if hour.startswith("2026-10-06")
    }


def test_nothing_is_counted_where_nothing_happened(cast):
    later = [midnight("2099-01-01"), midnight("2099-01-02")]
    assert heat.counts(cast.ben.sandbox_id, later) == {}
    assert heat.counts(cast.ben.sandbox_id, []) == {}


def test_a_cell_leads_to_the_members_day(busy, browse, cast):
    page = browse(cast.ines).get(f"{URL}?since=2026-10-05&until=2026-10-08").text
    assert '<a href="/instructor/log/member/s002/2026-10-06" title="Ben, 2026-10-06 Tue: 8">8</a>' in page
    assert '<a href="/instructor/log/member/s003/2026-10-06" title="Cy, 2026-10-06 Tue: 3">3</a>' in page
    assert 'href="/instructor/log/heat?day=2026-10-06"' in page
    assert "/instructor/log/member/None" not in page, "the house is no member"


def test_the_hours_of_a_day(busy, browse, cast):
    page = browse(cast.ines).get(f"{URL}?day=2026-10-06").text
    assert 'href="/instructor/log/member/s003/2026-10-06?hour=20#h20"' in page
    assert 'id="h20"' in browse(cast.ines).get("/instructor/log/member/s003/2026-10-06").text
    assert "2026-10-06 20:00–21:00" in page


def test_an_hour_of_a_long_day_is_on_the_page_it_leads_to(busy, browse, cast):
    """Ben's day before his steps at nine in the evening has more steps than a page."""
    day, steps = datetime.fromisoformat("2026-10-12T10:00:00"), []
    for number in range(A_DAY + 20):
        steps.append(
            (day + timedelta(seconds=number), Step(cast.ben.sandbox_id, "lead", "list", *of(cast.ben)))
        )
    steps.append((day.replace(hour=21), Step(cast.ben.sandbox_id, "lead", "list", *of(cast.ben))))
    with writing():
        append_all([step for _at, step in steps], [at for at, _step in steps])
    ines, url = browse(cast.ines), "/instructor/log/member/s002/2026-10-12"
    assert 'id="h21"' not in ines.get(url).text
    late = ines.get(f"{url}?hour=21").text
    assert 'id="h21"' in late
    assert 'id="h10"' not in late
    assert f'href="{url}">First page' in late
    assert 'id="h10"' in ines.get(f"{url}?hour=10").text
    assert 'id="h10"' in ines.get(f"{url}?hour=25").text


def test_the_map_follows_the_position(busy, browse, cast):
    place = {place.name_en: place.id for place in cast.ines.actor.directory.places.values()}
    page = browse(cast.ines).get(f"{URL}?position={place['class_b']}&until=2026-10-08").text
    assert ">Dee</a>" in page
    assert ">Ben</a>" not in page


def test_the_busiest_cell_is_darkest_and_the_table_says_what_it_is(busy, browse, cast):
    page = browse(cast.ines).get(f"{URL}?since=2026-10-05&until=2026-10-08").text
    assert '<td class="heat-5"><a href="/instructor/log/member/s002' in page
    assert "<caption" in page
    assert '<th scope="col" abbr="2026-10-06 Tue">' in page
    assert '<th scope="row" class="heat-name">' in page


def test_a_range_is_cut_to_four_weeks_and_nonsense_is_ignored(busy, browse, cast):
    ines = browse(cast.ines)
    wide = ines.get(f"{URL}?since=2020-01-01&until=2026-10-08").text
    assert wide.count('<th scope="col" abbr="') == 28
    assert ines.get(f"{URL}?since=soon&until=later&position=x&day=never").status_code == 200


@pytest.mark.parametrize("who", ["olga", "ben"])
def test_the_map_is_closed_to_others(who: str, browse, cast):
    assert browse(getattr(cast, who)).get(URL).status_code == 403
