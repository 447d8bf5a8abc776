"""The simulated company: a step for each setting that moved, all of them or none."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from labapp.db import db
from labapp.modules.activities.reminders import quiet_days
from labapp.oplog.models import Operation
from labapp.records.organisation import days_of, public_holidays, with_days

GIVEN = {
    "name_zh": "杭州澜桥科技有限公司",
    "name_en": "Lanqiao",
    "address_zh": "江陵路 268 号",
    "phone": "0571-28860120",
    "website": "www.lanqiao.example",
    "postcode": "310000",
    "currency": "CNY",
    "fiscal_year_start": "4",
    "time_zone": "Asia/Shanghai",
    "days": ["1", "2", "3", "4", "5"],
    "opens": "08:30",
    "closes": "17:30",
    "holidays": "2026-10-01\n2026-10-02",
    "workdays": "",
    "quiet_days": "7",
    "web_enabled": "y",
    "web_owner": "",
}
URL = "/instructor/organisation"


def changes() -> list[Any]:
    query = select(Operation).where(Operation.kind == "setting").order_by(Operation.id)
    return list(db.session.scalars(query))


def test_each_setting_that_moved_is_a_step(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    assert ines.post(URL, GIVEN).status_code == 302
    settings = cast.ines.actor.settings
    assert settings["organisation.name.zh"] == "杭州澜桥科技有限公司"
    assert settings["organisation.website"] == "https://www.lanqiao.example"
    assert settings["organisation.fiscal_year_start"] == 4
    assert settings["organisation.working_hours"] == {"days": [1, 2, 3, 4, 5], "from": "08:30", "to": "17:30"}
    assert settings["organisation.holidays"] == ["2026-10-01", "2026-10-02"]
    labels = [step.label for step in changes()]
    assert len(labels) == len(set(labels))
    assert "organisation.currency" not in labels  # what was only implied stays unsaid
    assert len({step.request for step in changes()}) == 1


def test_saving_the_same_again_is_no_step(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    ines.post(URL, GIVEN)
    before = len(changes())
    assert ines.post(URL, GIVEN).status_code == 302
    assert len(changes()) == before


def test_the_header_shows_the_name_in_the_readers_language(app: Any, cast: Any, browse: Any) -> None:
    browse(cast.ines).post(URL, GIVEN)
    assert "Lanqiao" in browse(cast.ben).get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_zh", "  "),
        ("phone", "12"),
        ("email", "nobody"),
        ("website", "javascript:alert(1)"),
        ("fiscal_year_start", "13"),
        ("time_zone", "Mars/Olympus"),
        ("days", []),
        ("opens", "25:00"),
        ("closes", "08:00"),
        ("holidays", "2026-02-30"),
        ("quiet_days", ""),
        ("quiet_days", "366"),
        ("quiet_days", "-1"),
        ("quiet_days", "a week"),
        ("web_owner", "s999"),
        ("name_en", "a\x00b"),
    ],
)
def test_bad_answers_change_nothing_and_stay_in_the_form(
    app: Any, cast: Any, browse: Any, field: str, value: Any
) -> None:
    before = db.session.execute(select(func.count(Operation.id))).scalar_one()
    answer = browse(cast.ines).post(URL, {**GIVEN, field: value})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "江陵路 268 号" in page
    assert 'role="alert"' in page
    assert changes()[-1].outcome == "invalid"
    assert db.session.execute(select(func.count(Operation.id))).scalar_one() == before + 1
    assert "organisation.postcode" not in cast.ines.actor.settings


def test_the_days_after_which_reminders_come_are_a_step(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    assert 'name="quiet_days"' in ines.get(URL).get_data(as_text=True)
    ines.post(URL, GIVEN)
    assert "reminders.quiet_days" not in cast.ines.actor.settings  # seven were implied
    for said in ("14", "0", "7"):
        assert ines.post(URL, {**GIVEN, "quiet_days": said}).status_code == 302
        assert quiet_days(cast.ines.actor) == int(said)
        assert (changes()[-1].label, changes()[-1].answers) == (
            "reminders.quiet_days",
            {"reminders.quiet_days": int(said)},
        )
        assert f'value="{said}"' in ines.get(URL).get_data(as_text=True).split('name="quiet_days"')[1][:200]


def test_public_holidays_are_filled_in_and_not_saved(app: Any, cast: Any, browse: Any) -> None:
    page = (
        browse(cast.ines)
        .post(URL, {**GIVEN, "fill": "1", "year": "2026", "holidays": "2025-12-31"})
        .get_data(as_text=True)
    )
    assert "2026-02-17" in page
    assert "2025-12-31" in page
    assert "2026-02-14" in page.split('name="workdays"')[1]
    assert changes() == []


def test_a_year_out_of_range_is_said(app: Any, cast: Any, browse: Any) -> None:
    answer = browse(cast.ines).post(URL, {**GIVEN, "fill": "1", "year": "1066"})
    assert answer.status_code == 422
    assert "2001" in answer.get_data(as_text=True)


def test_make_up_workdays_are_no_holidays() -> None:
    free, worked = public_holidays(2026)
    assert date(2026, 2, 20) in free  # taken for the Saturday before
    assert date(2026, 2, 14) in worked
    assert not set(free) & set(worked)
    assert all(day.isoweekday() > 5 for day in worked)


def test_the_days_of_another_year_stay() -> None:
    assert with_days(["2025-01-01", "2026-01-01"], [date(2026, 10, 1)], 2026) == ["2025-01-01", "2026-10-01"]


def test_days_are_read_one_by_one(app: Any) -> None:
    with app.test_request_context():
        assert days_of("2026/10/02，2026-10-01\n2026-10-01") == ["2026-10-01", "2026-10-02"]
        with pytest.raises(ValueError, match="tomorrow"):
            days_of("tomorrow")
