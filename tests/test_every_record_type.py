"""Every record type goes through its life. A new module is tested by existing.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

import csv
import io
import re

import pytest
from markupsafe import escape

from labapp import modules
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.people.models import Membership, Sandbox
from labapp.records.catalog import catalog_of
from labapp.records.search import searched
from labapp.records.values import plain
from tests import world
from tests.forms import form_on
from tests.lives import Life, last_step, steps_since
from tests.playing import Forms

KINDS = list(catalog_of(modules))
READERS, OUTSIDERS = ("ben", "ada", "ines", "tess", "olga"), ("cy", "dee")


@pytest.fixture(params=KINDS)
def life(request, app, cast, make, browse):
    """One kind of record and its keeper."""
    return Life(app, request.param, cast, make, browse)


def ids(answer):
    assert answer.status_code == 200
    return [row["id"] for row in answer.json["rows"]]


def shown_on(life, person, record_id):
    """The surfaces of the kind on which this person meets the record."""
    browser, slug = life.browse(person), life.slug
    link = f'href="/{slug}/{record_id}"'
    exported = browser.get(f"/{slug}/export.csv").get_data(as_text=True)
    surfaces = {
        "list": link in browser.get(f"/{slug}/").get_data(as_text=True),
        "list as JSON": record_id in ids(browser.get(f"/{slug}/?format=json")),
        "export": len(list(csv.reader(io.StringIO(exported)))) > 1,
        "count": browser.get(f"/{slug}/count?format=json").json["count"] > 0,
        "suggestions": record_id in [row["id"] for row in browser.get(f"/{slug}/suggest").json["results"]],
        "page": browser.get(life.url(record_id)).status_code == 200,
        "page as JSON": browser.get(life.url(record_id) + "?format=json").status_code == 200,
    }
    return {name for name, shown in surfaces.items() if shown}


ALL = {"list", "list as JSON", "export", "count", "suggestions", "page", "page as JSON"}


def test_owner_superior_and_staff_meet_it_everywhere(life, cast):
    record_id = life.made()
    assert {name: shown_on(life, getattr(cast, name), record_id) for name in READERS} == dict.fromkeys(
        READERS, ALL
    )


def test_peer_and_other_class_meet_it_nowhere(life, cast):
    record_id = life.made()
    expected = dict.fromkeys(OUTSIDERS, ALL if life.open_to_all else set())
    assert {name: shown_on(life, getattr(cast, name), record_id) for name in OUTSIDERS} == expected


def test_search_finds_it_for_its_keeper_alone(life, cast):
    fields = [f for f in searched(life.type.model) if f.required]
    record_id = life.made()
    row = life.row(record_id)
    words = " ".join(re.findall(r"\w+", str(getattr(row, fields[0].name))))[:40] if fields else "anything"
    asked = {"format": "json", "q": words}
    found = ids(life.browse(life.keeper).get(f"/{life.slug}/", query_string=asked))
    assert (record_id in found) == bool(fields)
    outside = ids(life.browse(cast.cy).get(f"/{life.slug}/", query_string=asked))
    assert (record_id in outside) == (life.open_to_all and bool(fields))


def test_created_by_its_form_in_one_step(life):
    if life.has_file:
        before = last_step(life.keeper)
        record_id, typed = life.uploaded(), {}
    else:
        url, typed = life.new_form()
        before = last_step(life.keeper)
        done = life.browse(life.keeper).post(url, typed)
        assert done.status_code == 302, re.findall(
            r"invalid-feedback[^>]*>([^<]*)", done.get_data(as_text=True)
        )
        record_id = life.newest()
    step = steps_since(life.keeper, before)[-1]
    assert len(steps_since(life.keeper, before)) == 1 or life.has_file
    row = life.row(record_id)
    assert (step.kind, step.verb, step.outcome, step.record) == (life.kind, "create", "done", row.serial)
    assert (step.member, step.origin, row.owner_id) == (life.keeper.key, "screen", life.holder.membership_id)
    created = [c for c in step.changes if c["what"] == "created"]
    assert [(c["kind"], c["id"]) for c in created] == [(life.kind, row.serial)]
    for name, field in life.type.fields.items():
        if field.shape in {"text", "prose", "email", "mobile", "choice"} and name in typed:
            assert (created[0]["after"][name] or "") == typed[name].strip()


def edited(life, record_id, **typed):
    url = life.url(record_id, "edit")
    fields = form_on(life.browse(life.keeper), url, next(iter(typed)))
    return life.browse(life.keeper).post(url, {**fields, **typed})


def test_edited_in_one_step_that_names_the_field_alone(life):
    record_id = life.made()
    if "edit" not in life.verbs:
        assert life.browse(life.keeper).get(life.url(record_id, "edit")).status_code == 404
        return
    old = life.row(record_id)
    before = last_step(life.keeper)
    assert edited(life, record_id, **life.other).status_code == 302
    (step,) = steps_since(life.keeper, before)
    ((name, value),) = life.other.items()
    change = next(c for c in step.changes if c["kind"] == life.kind)
    follows = {"total"} if life.kind == "line" else set()
    assert (step.verb, step.outcome) == ("edit", "done")
    assert set(change["after"]) - follows == {name}
    assert str(change["after"][name]) == value
    assert change["before"][name] == plain(getattr(old, name))


def test_edited_in_two_tabs_shows_both_and_saves_my_choice(life):
    record_id = life.made()
    if "edit" not in life.verbs:
        return
    ((name, theirs),) = life.other.items()
    mine = {
        "line": "9",
        "quota": "78.00",
        "contact_role": next((r for r in life.roles() if r != theirs), ""),
    }.get(life.kind, "Mine, typed second")
    url, browser = life.url(record_id, "edit"), life.browse(life.keeper)
    second_tab = form_on(browser, url, name)
    assert edited(life, record_id, **{name: theirs}).status_code == 302
    answer = browser.post(url, {**second_tab, name: mine})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert f'value="{theirs}"' in page
    assert f'value="{mine}"' in page
    choice = next(fields for _action, fields in Forms(page).found if name in fields)
    assert browser.post(url, choice).status_code == 302
    assert str(getattr(life.row(record_id), name)) == mine


def test_saving_without_a_change_leaves_the_record_alone(life):
    record_id = life.made()
    if "edit" not in life.verbs:
        return
    before, version = last_step(life.keeper), life.row(record_id).version
    stands = form_on(life.browse(life.keeper), life.url(record_id, "edit"), next(iter(life.other)))
    assert life.browse(life.keeper).post(life.url(record_id, "edit"), stands).status_code == 302
    assert [step.changes for step in steps_since(life.keeper, before)] == [[]]
    assert life.row(record_id).version == version


def test_cloned_into_another_with_its_own_serial_and_number(life):
    record_id = life.made()
    if "clone" not in life.verbs:
        assert life.browse(life.keeper).get(life.url(record_id, "clone")).status_code == 404
        return
    url = life.url(record_id, "clone")
    fields = {**form_on(life.browse(life.keeper), url, life.title), **life.fresh_copy()}
    before = last_step(life.keeper)
    assert life.browse(life.keeper).post(url, fields).status_code == 302
    (step,) = steps_since(life.keeper, before)
    first, copy = life.row(record_id), life.row(life.newest())
    assert copy.id != first.id
    assert copy.serial > life.row(record_id).serial
    assert (step.verb, step.record) == ("clone", copy.serial)
    if "number" in life.type.fields:
        assert copy.number != life.row(record_id).number


def test_transferred_to_a_peer_who_is_told(life, cast):
    record_id = life.made()
    if "transfer" not in life.verbs:
        assert life.browse(life.keeper).get(life.url(record_id, "transfer")).status_code == 404
        return
    title = life.type.title_of(life.row(record_id))
    url = life.url(record_id, "transfer")
    fields = form_on(life.browse(life.keeper), url, "owner_id")
    before = last_step(life.keeper)
    done = life.browse(life.keeper).post(url, {**fields, "owner_id": str(cast.cy.membership_id)})
    assert done.status_code == 302
    (step,) = steps_since(life.keeper, before)
    assert (step.verb, step.changes[0]["after"]) == ("transfer", {"owner": cast.cy.key})
    assert life.row(record_id).owner_id == cast.cy.membership_id
    seen = life.browse(life.keeper).get(life.url(record_id)).status_code
    assert seen == (404 if life.type.model.reach in {"private", "assigned", "related"} else 200)
    assert str(escape(title[:20])) in life.browse(cast.cy).get("/notices").get_data(as_text=True)


def deleted(life, record_id):
    return life.browse(life.keeper).post(life.url(record_id, "delete"), {})


def test_deleted_to_the_bin_and_absent_everywhere(life, cast):
    record_id = life.made()
    before = last_step(life.keeper)
    assert deleted(life, record_id).status_code == 302
    (step,) = steps_since(life.keeper, before)
    assert (step.verb, step.outcome) == ("delete", "done")
    assert (life.kind, "deleted") in {(c["kind"], c["what"]) for c in step.changes}
    for person in (life.keeper, cast.ada, cast.ines, cast.olga):
        assert shown_on(life, person, record_id) == set()
    words = {"format": "json", "q": str(getattr(life.row(record_id), life.type.title))[:20]}
    assert ids(life.browse(life.keeper).get(f"/{life.slug}/", query_string=words)) == []
    assert {life.browse(life.keeper).get(life.url(record_id, verb)).status_code for verb in life.verbs} == {
        404
    }
    assert f"/{life.slug}/{record_id}/restore" in life.browse(life.keeper).get(f"/{life.slug}/bin").get_data(
        as_text=True
    )


def test_restored_from_the_bin_in_one_step(life):
    record_id = life.made()
    deleted(life, record_id)
    before = last_step(life.keeper)
    assert life.browse(life.keeper).post(life.url(record_id, "restore"), {}).status_code == 302
    (step,) = steps_since(life.keeper, before)
    assert (step.verb, step.record) == ("restore", life.row(record_id).serial)
    assert shown_on(life, life.keeper, record_id) == ALL


def test_nobody_else_restores_it(life, cast):
    record_id = life.made()
    deleted(life, record_id)
    for person in (cast.cy, cast.dee, cast.olga, cast.tess):
        assert life.browse(person).post(life.url(record_id, "restore"), {}).status_code in {403, 404}
    assert life.row(record_id).deleted_at is not None


def test_history_tells_the_edit(life):
    record_id = life.made()
    if "edit" not in life.verbs:
        return
    edited(life, record_id, **life.other)
    page = life.browse(life.keeper).get(life.url(record_id)).get_data(as_text=True)
    history = page[page.index('id="history"') :]
    assert "<ins>" in history
    assert "Edit" in history


@pytest.mark.parametrize("name", ["olga", "tess", "dee"])
def test_who_may_not_is_refused_every_verb_and_logged_once_each(life, cast, name):
    record_id, person = life.made(), getattr(cast, name)
    status = 404 if name == "dee" and not life.open_to_all else 403
    version, browser = life.row(record_id).version, life.browse(person)
    copies = (
        life.open_to_all and life.kind in person.actor.writes
    )  # what one reads and may write, one may copy
    for verb in (verb for verb in life.verbs if verb != "clone" or not copies):
        before = last_step(person)
        assert (
            browser.post(life.url(record_id, verb), {**life.other, "owner_id": "5"}).status_code == status
        ), verb
        (step,) = steps_since(person, before)
        assert (step.kind, step.verb, step.outcome) == (life.kind, verb, "refused")
        assert step.label == "" or status == 403
    assert life.row(record_id).version == version


def test_a_visitor_is_asked_to_sign_in(life):
    record_id = life.made()
    visitor = life.browse()
    assert visitor.get(life.url(record_id)).headers["Location"].startswith("/login")
    for verb in life.verbs:
        assert visitor.post(life.url(record_id, verb), life.other).status_code == 401


def test_one_who_waits_gets_no_further(life, cast):
    record_id = life.made()
    with db.engine.connect() as connection:
        table = Membership.__table__
        connection.execute(table.update().where(table.c.id == cast.cy.membership_id).values(state="pending"))
        connection.commit()
    for url in (f"/{life.slug}/", life.url(record_id), f"/{life.slug}/new"):
        assert life.browse(cast.cy).get(url).headers["Location"] == "/waiting"


def test_records_of_another_sandbox_are_not_there(app, cast, make, browse):
    lives = [Life(app, kind, cast, make, browse) for kind in KINDS]
    made = [(life, life.made()) for life in lives]
    browser = browse(world.build("spring-b")["Ines"])
    for life, record_id in made:
        assert browser.get(life.url(record_id)).status_code == 404
        assert browser.get(f"/{life.slug}/?format=json").json["rows"] == []
        for verb in life.verbs:
            assert browser.post(life.url(record_id, verb), life.other).status_code == 404


def test_the_log_verifies_after_a_whole_life(life, cast):
    record_id = life.made()
    if "edit" in life.verbs:
        edited(life, record_id, **life.other)
    deleted(life, record_id)
    life.browse(life.keeper).post(life.url(record_id, "restore"), {})
    life.browse(life.keeper).post(life.url(record_id, "transfer"), {"owner_id": str(cast.cy.membership_id)})
    db.session.remove()
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None
