"""Code tables: keys stay, names change, retired values stay readable, used ones cannot be deleted."""

from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.oplog.models import Operation
from labapp.records.codes import Code, Stage, codes_of

URL = "/instructor/codes"


def row(table: str, key: str) -> Any:
    if table == "stage":
        return db.session.scalars(select(Stage).where(Stage.key == key)).one_or_none()
    return db.session.scalars(select(Code).where(Code.code_table == table, Code.key == key)).one_or_none()


def offered(cast: Any, table: str) -> list[str]:
    actor = cast.ines.actor
    return [key for key, _label in codes_of(actor.sandbox_id, actor.stamp).choices(table, "en")]


def last() -> Any:
    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def test_a_new_value_is_offered_last(app: Any, cast: Any, browse: Any) -> None:
    answer = browse(cast.ines).post(
        f"{URL}/source/add", {"key": "wechat", "name_zh": "微信", "name_en": "WeChat"}
    )
    assert answer.status_code == 302
    assert offered(cast, "source")[-1] == "wechat"
    assert (last().kind, last().verb, last().outcome) == ("code", "create", "done")
    assert "微信" in browse(cast.ines).get(f"{URL}/source").get_data(as_text=True)


def test_a_new_stage_stands_before_won_and_lost(app: Any, cast: Any, browse: Any) -> None:
    given = {
        "key": "trial",
        "name_zh": "试用",
        "name_en": "Trial",
        "probability": "60",
        "meaning_zh": "正在试用",
    }
    assert browse(cast.ines).post(f"{URL}/stage/add", given).status_code == 302
    assert offered(cast, "stage")[-3:] == ["trial", "won", "lost"]
    assert row("stage", "trial").probability == 60
    assert last().kind == "stage"


@pytest.mark.parametrize(
    "given",
    [
        {"key": "Web Site", "name_zh": "x"},
        {"key": "web", "name_zh": "x"},
        {"key": "fresh", "name_zh": " "},
        {"key": "", "name_zh": "x"},
        {"key": "fresh", "name_zh": "x" * 300},
    ],
)
def test_a_bad_value_is_said_and_kept_in_the_form(
    app: Any, cast: Any, browse: Any, given: dict[str, str]
) -> None:
    answer = browse(cast.ines).post(f"{URL}/source/add", given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert f'name="key" type="text" value="{given["key"]}"' in answer.get_data(as_text=True)
    assert last().outcome == "invalid"
    assert row("source", "fresh") is None


def test_a_stage_needs_a_probability(app: Any, cast: Any, browse: Any) -> None:
    for wrong in ("", "101", "-1", "many"):
        answer = browse(cast.ines).post(
            f"{URL}/stage/add", {"key": "trial", "name_zh": "试用", "probability": wrong}
        )
        assert answer.status_code == 422
        assert "试用" in answer.get_data(as_text=True)


def test_renaming_leaves_the_key(app: Any, cast: Any, browse: Any) -> None:
    web = row("source", "web").id
    browse(cast.ines).post(
        f"{URL}/source/{web}/edit", {"name_zh": "官网", "name_en": "Site", "key": "hacked"}
    )
    renamed = row("source", "web")
    assert (renamed.id, renamed.name_zh, renamed.name_en) == (web, "官网", "Site")


def test_values_change_places(app: Any, cast: Any, browse: Any) -> None:
    ines, before = browse(cast.ines), offered(cast, "rating")
    assert ines.post(f"{URL}/rating/{row('rating', before[1]).id}/up").status_code == 302
    assert offered(cast, "rating") == [before[1], before[0], *before[2:]]
    assert ines.post(f"{URL}/rating/{row('rating', before[1]).id}/up").status_code == 422


def test_a_retired_value_stays_readable_and_is_not_offered(
    app: Any, cast: Any, browse: Any, make: Any
) -> None:
    lead = make("lead", cast.ben, source="exhibition")
    code, ines = row("source", "exhibition"), browse(cast.ines)
    label, code_id, lead_id = code.name_en, code.id, lead.id
    assert ines.post(f"{URL}/source/{code_id}/retire").status_code == 302
    assert "exhibition" not in offered(cast, "source")
    assert last().verb == "retire"
    assert label in browse(cast.ben).get(f"/leads/{lead_id}").get_data(as_text=True)
    assert ines.post(f"{URL}/source/{code_id}/offer").status_code == 302
    assert "exhibition" in offered(cast, "source")


def test_a_used_value_cannot_be_deleted_and_the_number_is_said(
    app: Any, cast: Any, browse: Any, make: Any
) -> None:
    make("lead", cast.ben, source="partner")
    make("customer", cast.dee, source="partner")
    code_id = row("source", "partner").id
    answer = browse(cast.ines).post(f"{URL}/source/{code_id}/delete")
    assert answer.status_code == 422
    assert "2 records" in answer.get_data(as_text=True)
    assert row("source", "partner") is not None


def test_an_unused_value_is_deleted(app: Any, cast: Any, browse: Any) -> None:
    code_id = row("source", "advertisement").id
    assert browse(cast.ines).post(f"{URL}/source/{code_id}/delete").status_code == 302
    assert row("source", "advertisement") is None
    assert (last().kind, last().verb) == ("code", "delete")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("stage", "won"),
        ("stage", "lost"),
        ("lead_status", "converted"),
        ("stage", "contact"),
        ("source", "web"),
    ],
)
def test_what_the_program_sets_itself_stays(app: Any, cast: Any, browse: Any, table: str, key: str) -> None:
    row_id = row(table, key).id
    for verb in ("retire", "delete"):
        assert browse(cast.ines).post(f"{URL}/{table}/{row_id}/{verb}").status_code == 422
    found = row(table, key)
    assert found is not None
    assert not found.retired


def test_a_stage_of_the_past_counts_as_used(app: Any, cast: Any, browse: Any, make: Any) -> None:
    stay = {"stage": "needs", "entered_at": "2026-09-01T09:00:00", "left_at": "2026-09-02T09:00:00"}
    make("opportunity", cast.ben, stage="quote", stage_history=[stay])
    needs = row("stage", "needs").id
    assert browse(cast.ines).post(f"{URL}/stage/{needs}/delete").status_code == 422
    assert browse(cast.ines).post(f"{URL}/stage/{needs}/retire").status_code == 302


def test_a_value_of_another_table_is_not_found(app: Any, cast: Any, browse: Any) -> None:
    other = row("rating", "hot").id
    assert browse(cast.ines).post(f"{URL}/source/{other}/edit", {"name_zh": "x"}).status_code == 404
    assert browse(cast.ines).get(f"{URL}/source/{other}").status_code == 404
    assert browse(cast.ines).get(f"{URL}/nothing").status_code == 404
