"""Scenarios in the console: looked at, previewed, copied, changed, shared, sent as zips, opened."""

import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.oplog.models import AdminEntry
from labapp.people.models import Account, Course
from labapp.scenario.copies import By, take_in
from labapp.scenario.kept import kept_texts
from labapp.scenario.library import installed, scenario_of, scenarios
from labapp.scenario.models import ScenarioCopy, ScenarioText
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import read_scenario
from labapp.scenario.zipped import unzipped, zipped
from tests.small import EXAM, TINY

URL = "/instructor/scenarios"


@pytest.fixture
def tiny(app: Any, cast: Any) -> str:
    """A small scenario that Ines owns."""
    take_in(By(db.session.get_one(Account, cast.ines.account_id), "ines"), TINY, "tiny.zip")
    db.session.remove()
    return f"{URL}/tiny"


def copy(key: str = "tiny") -> ScenarioCopy | None:
    db.session.remove()
    return db.session.scalars(select(ScenarioCopy).where(ScenarioCopy.key == key)).one_or_none()


def texts(key: str = "tiny") -> Any:
    found = copy(key)
    return kept_texts(found.sha256).texts if found else None


def a_colleague(cast: Any) -> None:
    """Dee becomes an instructor of this server, too."""
    begin_write()
    db.session.get_one(Account, cast.dee.account_id).instructor = True
    db.session.commit()
    db.session.remove()


def text_of(answer: Any) -> str:
    return answer.get_data(as_text=True)


def test_the_list_says_what_each_scenario_brings(cast, browse, tiny):
    page = text_of(browse(cast.ines).get(URL))
    for said in (
        "First week in sales",
        "13 tasks, 100 points",
        "24 seats",
        "Only you see it",
        f"{tiny}/edit",
    ):
        assert said in page, said


def test_a_page_shows_brief_tasks_positions_and_volumes(cast, browse, tiny):
    page = text_of(browse(cast.ines).get(tiny))
    assert "Read <em>this</em>" in page
    assert "<script>alert" not in page
    assert "小场景" in page
    assert re.search(r"Qualify</th>.*?<td class=\"num\">10</td>", page, re.DOTALL)
    assert '<li class="depth-1">' in page
    assert "/instructor/courses/new?scenario=tiny" in page


def test_a_look_at_its_data_is_what_the_seat_will_be_dealt(app, cast, browse, tiny):
    page = text_of(browse(cast.ines).get(f"{tiny}/preview?seed=7&language=en&position=staff"))
    assert "Li Na" in page
    scenario = read_scenario(kept_texts(copy().sha256))
    sandbox = open_sandbox(scenario, Opening("really", seed=7, language="en", students=1))
    leads = db.session.execute(
        db.text("select name, company from lead where sandbox_id = :s"), {"s": sandbox.id}
    ).all()
    assert len(leads) == 3
    for name, company in leads:
        assert name in page
        assert company in page.replace("&amp;", "&")
    other = text_of(browse(cast.ines).get(f"{tiny}/preview?seed=8&language=en"))
    invented = [company for name, company in leads if name != "Li Na"]
    assert invented
    assert not [company for company in invented if company in other]


def test_a_look_shows_sums_alike_whether_given_or_invented(cast, browse):
    page = text_of(browse(cast.ines).get(f"{URL}/sales-basics/preview?seed=1&language=en"))
    assert "<td>48,600</td>" in page
    assert "<td>48600</td>" not in page


def test_a_course_is_offered_in_a_mode_that_its_scenario_has(cast, browse):
    page = text_of(browse(cast.ines).get("/instructor/courses/new?scenario=crm-implementation"))
    assert re.search(r'<option[^>]*value="individual"[^>]* selected|<option selected[^>]*"individual"', page)
    page = text_of(browse(cast.ines).get("/instructor/courses/new?scenario=nonsense"))
    assert re.search(r'<option[^>]*value="class"[^>]* selected|<option selected[^>]*"class"', page)


def test_no_gap_stands_in_a_chinese_summary(app):
    for key, files in installed().items():
        said = read_scenario(files).said
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef] [\u3000-\u9fff]", said.summary.zh), key


def test_a_look_writes_nothing(cast, browse, tiny):
    before = db.session.scalar(db.text("select count(*) from lead"))
    fragment = browse(cast.ines).get(
        f"{tiny}/preview?seed=99999999999999&language=fr&position=moon", headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 200
    assert text_of(fragment).lstrip().startswith('<div id="preview">')
    assert db.session.scalar(db.text("select count(*) from lead")) == before


def test_a_shipped_scenario_is_copied_and_the_copy_is_in_the_library(app, cast, browse):
    answer = browse(cast.ines).post(f"{URL}/sales-basics/copy")
    assert answer.headers["Location"] == f"{URL}/sales-basics-2/edit"
    assert read_scenario(scenarios()["sales-basics-2"]).title.en == "First week in sales"
    assert copy("sales-basics-2").made_from == "sales-basics"
    assert (
        db.session.scalars(select(AdminEntry.action).order_by(AdminEntry.id.desc())).first()
        == "scenario.create"
    )


def test_the_form_changes_what_moved_and_leaves_every_other_byte(cast, browse, tiny):
    ines = browse(cast.ines)
    given = form_of(text_of(ines.get(f"{tiny}/edit")))
    given |= {"volume_lead": "5", "title_en": 'My "own"', "due": "+12d 17:00", "language": "en"}
    given |= {"starts_at": "2026-10-12T08:00", "brief_en": "# New\r\n\r\nbrief"}
    assert ines.post(f"{tiny}/edit", given).headers["Location"] == f"{tiny}/edit"
    said = texts()["scenario.yaml"]
    assert "volumes: {lead: 5}  # two are enough\n" in said
    assert 'title: {en: "My \\"own\\"", zh: 小场景}\n' in said
    assert 'starts_at: "2026-10-12T08:00:00"\n' in said
    assert said.startswith('language: "en"\n# Written') or 'language: "en"\n' in said
    assert 'due: "+12d 17:00"\n' in texts()["rubric.yaml"]
    assert texts()["brief.en.md"] == "# New\n\nbrief\n"
    assert texts()["brief.zh.md"] == TINY["brief.zh.md"]
    assert texts()["records.yaml"] == TINY["records.yaml"]


def form_of(page: str) -> dict[str, str]:
    """What the form of a page holds."""
    found = dict(re.findall(r'<input[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', page))
    found |= {n: v for v, n in re.findall(r'<input[^>]*?value="([^"]*)"[^>]*?name="(\w+)"', page)}
    found |= dict(re.findall(r'<textarea[^>]*?name="(\w+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL))
    for name, options in re.findall(r'<select[^>]*?name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = re.search(r'selected[^>]*?value="(\w+)"|value="(\w+)"[^>]*selected', options).group(1)
    found.pop("csrf_token", None)
    return {
        name: value.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
        for name, value in found.items()
    }


def test_a_form_saved_as_it_is_changes_nothing(cast, browse, tiny):
    ines = browse(cast.ines)
    ines.post(f"{tiny}/edit", form_of(text_of(ines.get(f"{tiny}/edit"))))
    assert (copy().version, texts()) == (1, TINY)


def test_wrong_answers_in_the_form_keep_what_was_typed(cast, browse, tiny):
    ines = browse(cast.ines)
    given = form_of(text_of(ines.get(f"{tiny}/edit"))) | {
        "volume_lead": "700",
        "due": "soon",
        "title_en": "Kept",
    }
    answer = ines.post(f"{tiny}/edit", given)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "A whole number from 0 to 500." in page
    assert "Write it like +10d 18:00" in page
    assert 'value="Kept"' in page
    assert texts() == TINY


def test_a_file_is_changed_as_text(cast, browse, tiny):
    ines = browse(cast.ines)
    assert "did: {what: lead.qualify}" in text_of(ines.get(f"{tiny}/files/rubric.yaml"))
    typed = TINY["rubric.yaml"].replace("points: 10", "points: 25").replace("\n", "\r\n")
    answer = ines.post(f"{tiny}/files/rubric.yaml", {"text": typed, "version": "1"})
    assert answer.status_code == 302
    assert texts()["rubric.yaml"] == typed.replace("\r\n", "\n")
    assert copy().version == 2


def test_a_file_with_mistakes_is_not_saved_and_its_text_is_kept(cast, browse, tiny):
    typed = TINY["rubric.yaml"].replace("lead.qualify", "lead.fly")
    answer = browse(cast.ines).post(f"{tiny}/files/rubric.yaml", {"text": typed, "version": "1"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'data-line="9">rubric.yaml:9</a> lead has no verb &#39;fly&#39;' in page
    assert "did: {what: lead.fly}" in page
    assert texts() == TINY


def test_a_mistake_that_shows_in_another_file_is_named_there(cast, browse, tiny):
    typed = TINY["records.yaml"].replace("key: good", "key: other")
    page = text_of(browse(cast.ines).post(f"{tiny}/files/records.yaml", {"text": typed, "version": "1"}))
    assert f'{tiny}/files/walkthrough.yaml#L3">walkthrough.yaml:3</a>' in page


def test_mistakes_are_named_in_chinese_to_who_reads_chinese(cast, browse, tiny):
    begin_write()
    db.session.get_one(Account, cast.ines.account_id).language = "zh"
    db.session.commit()
    browser = browse(cast.ines)
    page = text_of(browser.post(f"{tiny}/files/brief.zh.md", {"text": " ", "version": "1"}))
    assert "简介内容为空" in page


def test_an_optional_file_is_added_and_taken_away(cast, browse, tiny):
    ines = browse(cast.ines)
    ines.post(f"{tiny}/files/exam.yaml", {"text": EXAM, "version": "1"})
    assert texts()["exam.yaml"] == EXAM
    assert "Entry test" in text_of(ines.get(tiny))
    ines.post(f"{tiny}/files/exam.yaml", {"text": "", "version": "2"})
    assert "exam.yaml" not in texts()


def test_of_two_tabs_the_second_is_told_and_keeps_its_text(cast, browse, tiny):
    ines = browse(cast.ines)
    first, second = (TINY["brief.en.md"] + word for word in ("first", "second"))
    ines.post(f"{tiny}/files/brief.en.md", {"text": first, "version": "1"})
    answer = ines.post(f"{tiny}/files/brief.en.md", {"text": second, "version": "1"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Somebody changed this scenario" in page
    assert page.count("first") == 1
    assert "second\n</textarea>" in page
    assert texts()["brief.en.md"].endswith("first\n")
    assert 'name="version" value="2"' in page
    form = ines.post(
        f"{tiny}/edit", form_of(text_of(ines.get(f"{tiny}/edit"))) | {"version": "1", "title_en": "Mine"}
    )
    assert form.status_code == 409
    assert 'value="Mine"' in text_of(form)


@pytest.mark.parametrize("name", ["secret.yaml", "..%2Fx", "run.py", "key"])
def test_a_scenario_has_no_other_files(cast, browse, tiny, name):
    assert browse(cast.ines).get(f"{tiny}/files/{name}").status_code == 404
    assert browse(cast.ines).post(f"{tiny}/files/{name}", {"text": "x", "version": "1"}).status_code == 404


# -- zips ------------------------------------------------------------------------------------------


def upload(browser: Any, content: bytes, name: str = "mine.zip") -> Any:
    return browser.post(f"{URL}/upload", {"file": (io.BytesIO(content), name)})


def test_what_is_downloaded_can_be_uploaded(cast, browse, tiny):
    ines = browse(cast.ines)
    answer = ines.get(f"{tiny}.zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tiny.zip"'
    assert unzipped(answer.get_data()) == TINY
    assert upload(ines, answer.get_data()).headers["Location"] == f"{URL}/tiny-2"
    assert texts("tiny-2")["scenario.yaml"] == TINY["scenario.yaml"].replace("key: tiny", 'key: "tiny-2"')


def test_a_zip_with_mistakes_names_them_all_and_leaves_nothing(cast, browse):
    bad = {**TINY, "rubric.yaml": TINY["rubric.yaml"].replace("points: 10", "points: none")}
    del bad["brief.zh.md"]
    answer = upload(browse(cast.ines), zipped("tiny", bad))
    page = text_of(answer)
    assert answer.status_code == 422
    assert "brief.zh.md:1: this file is missing" in page
    assert "rubric.yaml:7:" in page
    assert copy() is None
    assert db.session.scalars(select(ScenarioText)).all() == []


@pytest.mark.parametrize("content", [b"", b"x" * 100, zipped("tiny", {"../x.md": "x"})])
def test_what_is_no_scenario_is_refused_with_a_sentence(cast, browse, content):
    answer = upload(browse(cast.ines), content)
    assert answer.status_code == 422
    assert 'role="alert"' in text_of(answer)
    assert db.session.scalars(select(ScenarioCopy)).all() == []


def test_a_zip_is_read_up_to_its_limit_only(cast, browse, monkeypatch):
    monkeypatch.setattr("instructor.scenarios.MOST_BYTES", 1000)
    answer = upload(browse(cast.ines), zipped("tiny", TINY))
    assert answer.status_code == 422
    assert "The zip is larger than 8 MiB" in text_of(answer)
    assert copy() is None


def test_a_form_without_a_file_is_refused(cast, browse):
    assert browse(cast.ines).post(f"{URL}/upload", {}).status_code == 422


# -- whose ----------------------------------------------------------------------------------------


def test_a_copy_is_seen_by_its_owner_alone_until_it_is_shared(cast, browse, tiny):
    a_colleague(cast)
    dee, ines = browse(cast.dee), browse(cast.ines)
    assert "tiny" not in text_of(dee.get(URL))
    for page in (tiny, f"{tiny}/preview", f"{tiny}.zip", f"{tiny}/edit", f"{tiny}/files/rubric.yaml"):
        assert dee.get(page).status_code == 404, page
    assert "小场景" not in text_of(dee.get("/instructor/courses/new"))
    ines.post(f"{tiny}/share")
    assert "Shared by Ines" in text_of(dee.get(URL))
    assert dee.get(f"{tiny}.zip").status_code == 200
    assert 'value="tiny"' in text_of(dee.get("/instructor/courses/new"))
    for page in ("edit", "delete", "unshare", "files/rubric.yaml"):
        assert dee.post(f"{tiny}/{page}", {"version": "1", "text": "x"}).status_code == 403, page
    assert texts() == TINY
    assert dee.post(f"{tiny}/copy").headers["Location"] == f"{URL}/tiny-2/edit"
    ines.post(f"{tiny}/unshare")
    assert dee.get(tiny).status_code == 404


def test_an_administrator_sees_and_changes_every_copy(cast, browse, tiny):
    begin_write()
    db.session.get_one(Account, cast.dee.account_id).administrator = True
    db.session.commit()
    assert browse(cast.dee).get(f"{tiny}/edit").status_code == 200


@pytest.mark.parametrize("name", ["olga", "tess", "ben"])
def test_scenarios_are_not_for_others(cast, browse, tiny, name):
    browser = browse(getattr(cast, name))
    for page in (URL, tiny, f"{tiny}/edit", f"{tiny}.zip", f"{URL}/upload"):
        assert browser.get(page).status_code == 403, page
    assert browser.post(f"{tiny}/delete").status_code == 403
    assert copy() is not None


def test_a_deleted_copy_is_gone_with_its_texts(cast, browse, tiny):
    assert browse(cast.ines).post(f"{tiny}/delete").headers["Location"] == URL
    assert copy() is None
    assert db.session.scalars(select(ScenarioText)).all() == []
    assert "tiny" not in scenarios()


# -- courses keep theirs ---------------------------------------------------------------------------


def test_a_course_keeps_the_scenario_it_was_opened_from(app, cast, browse, tiny):
    sandbox = open_sandbox(read_scenario(scenarios()["tiny"]), Opening("autumn", seed=3, students=1))
    course_id = sandbox.course_id
    ines = browse(cast.ines)
    ines.post(
        f"{tiny}/files/records.yaml", {"text": TINY["records.yaml"].replace("Li Na", "Wu Di"), "version": "1"}
    )
    db.session.remove()
    course = db.session.get_one(Course, course_id)
    assert scenario_of(course).records[0].values["name"]["en"] == "Li Na"
    assert read_scenario(scenarios()["tiny"]).records[0].values["name"]["en"] == "Wu Di"
    ines.post(f"{tiny}/delete")
    db.session.remove()
    assert scenario_of(db.session.get_one(Course, course_id)).texts == TINY


def test_saving_often_leaves_only_texts_that_are_used(cast, browse, tiny):
    ines = browse(cast.ines)
    for version in range(1, 5):
        ines.post(f"{tiny}/files/brief.en.md", {"text": f"# {version}", "version": str(version)})
    assert copy().version == 5
    assert len(db.session.scalars(select(ScenarioText)).all()) == 1


def test_a_scenario_of_the_instance_folder_needs_no_database(tmp_path, monkeypatch):
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path))
    place = tmp_path / "scenarios" / "tiny"
    place.mkdir(parents=True)
    for name, text in TINY.items():
        (place / name).write_text(text, "utf-8")
    assert read_scenario(installed()["tiny"]).key == "tiny"
