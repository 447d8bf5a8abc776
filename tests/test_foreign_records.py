"""Records of others, tried from every side: no page tells of them, no field takes them, no verb moves them."""

import re
from random import Random

import pytest
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.records.organisation import change_settings
from labapp.records.work import Source
from tests.forms import invented
from tests.playing import Forms
from tests.tables import everything, moved
from tests.test_every_route import is_console, rules, variants
from tests.test_visibility_matrix import scene  # noqa: F401

SECRETS = re.compile(
    "Quartz (Lead|Trading|Person|deal|forecast|ticket|survey|call|note|terms)|quartz\\.txt", re.IGNORECASE
)
HOUSE = {"execution_options": {"seen_by": EVERYONE}}
HIDDEN = (
    "lead",
    "customer",
    "contact",
    "opportunity",
    "ticket",
    "survey",
    "document",
    "activity",
    "forecast",
)


def told(answer):
    return sorted(set(SECRETS.findall(answer.get_data(as_text=True))))


MODES = {  # sharing modes, and which titles stay hidden from a stranger then
    "private": ({}, "Lead|Trading|Person|deal|forecast|ticket|survey|call|note|terms"),
    "customers": ({"customer": "read_only"}, "Lead|deal|forecast|ticket|terms"),
    "sales": (
        {"opportunity": "read_only", "document": "read_only"},
        "Lead|Trading|Person|forecast|ticket|survey|call|note",
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_no_page_of_any_kind_tells_of_what_is_hidden(app, cast, browse, scene, mode):  # noqa: F811
    """Also where one may see the customer and not the sale, or the sale and not the customer."""
    people, made = scene
    modes, hidden = MODES[mode]
    change_settings(cast.ines.actor, Source(), {f"sharing.{name}": said for name, said in modes.items()})
    browser, catalog = browse(people["stranger"]), app.extensions["catalog"]
    slugs, seen = {record_type.slug: name for name, record_type in catalog.items()}, {}
    asked = [
        url for rule in rules(app, "GET") if not is_console(rule) for url in variants(app, rule, cast, made)
    ]
    for url in [*asked, *OTHERS]:
        kind = slugs.get(url.split("/")[1], "customer")
        url = re.sub(r"^(/[^/]+/)\d+", lambda hit, kind=kind: f"{hit[1]}{made[kind]}", url)
        answer = browser.get(url.format(**made), buffered=True)
        assert answer.status_code < 500, url
        if found := re.findall(f"Quartz (?:{hidden})", answer.get_data(as_text=True)):
            seen[url] = found
    assert seen == {}


OTHERS = (
    "/search?q=Quartz",
    "/customers/1/network?format=json",
    "/documents/targets?q=Quartz",
    "/calendar?scope=organisation&view=week",
    "/calendar?customer={customer}",
    "/calendar/events?customer={customer}&scope=organisation&start=2026-09-07&end=2026-09-14",
    "/calendar/add?related_kind=customer&related_id={customer}",
    "/campaigns/tasks?view=all",
    "/activities/new?related_kind=opportunity&related_id={opportunity}",
    "/adjustments/new?forecast_id={forecast}",
    "/tickets/new?customer_id={customer}",
    "/customers/similar?name=Quartz+Trading",
)


def hidden_links(record_type, made):
    """What a form of this kind is given that points at each hidden record it could point at."""
    for field in record_type.fields.values():
        if field.shape == "link" and field.target in HIDDEN and field.on_create:
            yield {field.name: str(made[field.target])}
        if field.shape == "related":
            yield from ({"related_kind": kind, field.name: str(made[kind])} for kind in HIDDEN)


def own_links(person, record_type, make):
    """The links this kind needs, each to a record of the person's own."""
    links = [f for f in record_type.fields.values() if f.shape == "link" and f.required]
    links += [record_type.fields[names[0]] for names in record_type.model.ends]
    return {field.name: str(make(field.target, person).id) for field in links}


@pytest.mark.parametrize("who", ["peer", "stranger"])
def test_no_field_of_a_new_record_takes_a_hidden_one(app, make, browse, scene, who):  # noqa: F811
    people, made = scene
    person, chance, wrong, tried = people[who], Random(3), {}, 0
    browser = browse(person)
    for kind, record_type in app.extensions["catalog"].items():
        typed = {**invented(app, kind, person, chance), **own_links(person, record_type, make)}
        for pointing in hidden_links(record_type, made):
            stands = everything()
            answer = browser.post(f"/{record_type.slug}/new", {**typed, **pointing})
            tried += 1
            if answer.status_code not in {403, 404, 422} or moved(stands) or told(answer):
                wrong[kind, str(pointing)] = answer.status_code, moved(stands), told(answer)
    assert wrong == {}
    assert tried > 30


@pytest.mark.parametrize("who", ["peer", "stranger"])
def test_no_verb_takes_a_hidden_record(app, make, browse, scene, who):  # noqa: F811
    """Every form of every verb on one's own record, each of its record fields pointed at what is hidden."""
    people, made = scene
    person, tried, wrong = people[who], 0, {}
    browser, catalog, stands = browse(person), app.extensions["catalog"], versions(app, made)
    for kind, record_type in catalog.items():
        own = make(kind, person).id
        for url in [f"/{record_type.slug}/{own}/{verb}" for verb in catalog.verbs(record_type)]:
            for typed in pointed(browser, url, made):
                answer = browser.post(url, typed)
                tried += 1
                if answer.status_code >= 500 or told(answer):
                    wrong[url, str(typed)] = answer.status_code, told(answer)
    assert wrong == {}
    assert tried > 20
    assert versions(app, made) == stands
    assert pointing_at_hidden(app, person, made) == []


def versions(app, made):
    """How often each of the hidden records was changed, and whether it is in the bin."""
    db.session.remove()
    models = {kind: app.extensions["catalog"][kind].model for kind in HIDDEN}
    rows = {kind: db.session.get(model, made[kind], **HOUSE) for kind, model in models.items()}
    return {kind: (row.version, row.deleted_at, row.owner_id) for kind, row in rows.items()}


def pointing_at_hidden(app, person, made):
    """What of this person's points at one of them."""
    found = []
    for kind, record_type in app.extensions["catalog"].items():
        rows = list(
            db.session.scalars(select(record_type.model).filter_by(owner_id=person.membership_id), **HOUSE)
        )
        links = [f for f in record_type.fields.values() if f.shape == "link" and f.target in HIDDEN]
        found += [(kind, f.name) for f in links for row in rows if getattr(row, f.name) == made[f.target]]
    return found


def pointed(browser, url, made):
    """The form at this address, filled, once for each of its record fields and each hidden record."""
    page = browser.get(url)
    text = page.get_data(as_text=True) if page.status_code == 200 else ""
    names = set(re.findall(r'<select[^>]* name="([a-z_]+_id|record)"', text)) - {"owner_id", "assignee_id"}
    for name in sorted(names):
        form = next((fields for _action, fields in Forms(text).found if name in fields), {})
        fields = {k: v or "because" for k, v in form.items() if not k.endswith("_id")}
        kinds = [kind for kind in HIDDEN if name.endswith(f"{kind}_id")] or HIDDEN
        for kind in kinds:
            yield {**fields, name: f"{kind}:{made[kind]}" if name == "record" else str(made[kind])}


ALREADY = {  # kind: what it stands on, what it points at
    "campaign_member": ("campaign_id", "lead_id"),
    "contact_role": ("opportunity_id", "contact_id"),
    "partner": ("opportunity_id", "customer_id"),
    "document_link": ("related_id", "document_id"),
}


@pytest.mark.parametrize("kind", ALREADY)
def test_that_a_hidden_record_is_there_already_is_not_told(app, cast, make, browse, scene, kind):  # noqa: F811
    """A number tried in a form answers the same whether it is one of the hidden ones or nobody's."""
    people, made = scene
    person = people["assignee_superior"] if kind == "campaign_member" else cast.dee
    on, name = ALREADY[kind]
    fields = app.extensions["catalog"][kind].fields
    base = "customer" if on == "related_id" else fields[on].target
    upon = {on: make(base, person).id} | ({"related_kind": base} if on == "related_id" else {})
    target = made[fields[name].target]
    others = {"lead_id": None, "contact_id": None} if kind == "campaign_member" else {}
    make(kind, person, **{**others, **upon, name: target})
    browser, typed = browse(person), invented(app, kind, person, Random(2))
    slug = app.extensions["catalog"][kind].slug
    answers = [browser.post(f"/{slug}/new", {**typed, **upon, name: tried}) for tried in (target, 99_999)]
    for answer in answers:
        assert answer.status_code == 422
        assert "There is no such record, or it is not visible to you." in answer.get_data(as_text=True)
        assert "already" not in answer.get_data(as_text=True)
