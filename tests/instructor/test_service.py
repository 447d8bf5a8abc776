"""The service desk as instructor and configurator set it up: a step for each setting that moved."""

from typing import Any

from sqlalchemy import select

from labapp.db import db
from labapp.modules.tickets import desk
from labapp.oplog.models import Operation
from tests.playing import Forms

URL = "/instructor/service"


def standing(browser: Any) -> dict[str, str]:
    """The form as it stands."""
    page = browser.get(URL)
    assert page.status_code == 200
    return next(dict(fields) for _action, fields in Forms(page.text).found if "flow_1" in fields)


def changes() -> list[str]:
    query = select(Operation.label).where(Operation.kind == "setting").order_by(Operation.id)
    return list(db.session.scalars(query))


def test_what_moved_is_a_step_and_what_is_usual_stays_unsaid(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    form = standing(ines)
    places = {p.name_en: p.serial for p in cast.ines.actor.directory.places.values()}
    said = {
        "response_high": "2",
        "assignment_complaint": "least_busy",
        "team_complaint": f"position:{places['staff']}",
        "flow_1": str(places["staff"]),
        "flow_2": str(places["sales"]),
    }
    assert ines.post(URL, {**form, **said}).status_code == 302
    actor = cast.ines.actor
    assert desk.promise(actor, "response", "high") == 2
    assert desk.promise(actor, "resolution", "high") == desk.RESOLUTION["high"]
    assert [member.name for member in desk.team_of(actor, "complaint")] == ["Ben", "Cy"]
    assert [place.name_en for place in desk.flow_of(actor)] == ["staff", "sales"]
    assert sorted(changes()) == [
        "service.assignment.complaint",
        "service.flow",
        "service.response_hours.high",
        "service.team.complaint",
    ]
    before = len(changes())
    assert ines.post(URL, standing(ines)).status_code == 302
    assert len(changes()) == before


def test_nothing_is_saved_where_something_is_missing(app: Any, cast: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    form = standing(ines)
    place = next(str(p.serial) for p in cast.ines.actor.directory.places.values())
    for wrong in (
        {"response_low": "0"},
        {"resolution_low": "1001"},
        {"resolution_low": "soon"},
        {"assignment_service": "round_robin"},
        {"flow_1": place, "flow_2": place},
    ):
        answer = ines.post(URL, {**form, "response_high": "3", **wrong})
        assert answer.status_code == 422, wrong
        assert 'value="3"' in answer.text
    assert [label for label in changes() if label.startswith("service.")] == []


def test_students_do_not_set_it_up(app: Any, cast: Any, browse: Any) -> None:
    for person in (cast.ben, cast.ada, cast.tess, cast.olga):
        assert browse(person).get(URL).status_code == 403
