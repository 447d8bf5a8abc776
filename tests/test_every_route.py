"""Every address of the program, asked for and posted to by everybody who may not.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy (a peer)
└── Class B ── Sales B ── Staff B: Dee
"""

from itertools import product

import pytest

from labapp.db import db
from labapp.people.models import Membership
from labapp.web.identity import PUBLIC
from tests.lives import last_step, steps_since
from tests.tables import everything, moved

ALL_BUT_TEACHERS = ("olga", "tess", "cy", "dee")
# What stands between the angle brackets of an address. A function of (cast, the ids of Ben's records).
VALUES = {
    "slug": lambda cast, ids: "leads",
    "record_id": lambda cast, ids: ids["lead"],
    "verb": lambda cast, ids: "edit",
    "view_id": lambda cast, ids: 1,
    "name": lambda cast, ids: "status",
    "key": lambda cast, ids: "s002",
    "day_text": lambda cast, ids: "2026-09-07",
    "number": lambda cast, ids: 1,
    "place_id": lambda cast, ids: 4,
    "group_id": lambda cast, ids: 1,
    "member_id": lambda cast, ids: cast.ben.membership_id,
    "membership_id": lambda cast, ids: cast.ben.membership_id,
    "account_id": lambda cast, ids: cast.ben.account_id,
    "course_id": lambda cast, ids: 1,
    "job_id": lambda cast, ids: 1,
    "sandbox_id": lambda cast, ids: 1,
    "run_id": lambda cast, ids: 1,
    "table": lambda cast, ids: "source",
    "task": lambda cast, ids: "make",
    "code_id": lambda cast, ids: 1,
    "field_id": lambda cast, ids: 1,
    "upload_id": lambda cast, ids: 1,
    "entry_id": lambda cast, ids: 1,
    "kind": lambda cast, ids: "customer",
    "token": lambda cast, ids: "nonsense",
    "filename": lambda cast, ids: "css/records.css",
    "path": lambda cast, ids: "nonsense",
    "scenario_key": lambda cast, ids: "sales-basics",
    "file_name": lambda cast, ids: "rubric.yaml",
    "paper_key": lambda cast, ids: "entry",
    "place": lambda cast, ids: 1,
    "attempt_id": lambda cast, ids: 1,
    "archive_id": lambda cast, ids: 1,
}
# Who may not post there. The console is closed to all but instructors and needs no entry.
MAY_NOT = {
    "records.create": ("olga", "tess"),
    "records.act": ALL_BUT_TEACHERS,
    "records.restore": ALL_BUT_TEACHERS,
    "records.choose": ("olga", "tess"),
    "records.bulk": ("olga", "tess"),
    "records.keep_view": ("olga",),
    "records.import_file": ("olga", "tess"),
    "records.mend": ALL_BUT_TEACHERS,
    "records.import_check": ALL_BUT_TEACHERS,
    "records.import_rows": ALL_BUT_TEACHERS,
    "records.import_undo": ALL_BUT_TEACHERS,
    "records.import_drop": ALL_BUT_TEACHERS,
    "reports.keep": ("olga",),
    "records.tag": ALL_BUT_TEACHERS,
    "attachments.new": ALL_BUT_TEACHERS,
    "board.move": ALL_BUT_TEACHERS,
    "calendar.add": ("olga", "tess"),
    "clock.end_day": ("olga", "tess", "cy", "dee", "ben"),
    "calendar.complete": ALL_BUT_TEACHERS,
    "calendar.move": ALL_BUT_TEACHERS,
    "home.confirm": ALL_BUT_TEACHERS,
    "documents.new": ("olga", "tess"),
    "documents.upload": ALL_BUT_TEACHERS,
    "forecasts.submit": ("olga", "tess"),
    "exams.start": ("olga", "tess"),
    "exams.keep": ALL_BUT_TEACHERS,
    "exams.submit": ALL_BUT_TEACHERS,
    "grades.dispute": ALL_BUT_TEACHERS,
    "grades.withdraw": ALL_BUT_TEACHERS,
}
# These are everybody's own: pages before sign-in, one's own settings, notices and saved views.
OPEN = frozenset(
    "account.login_page account.logout account.register account.join account.language account.theme account.setup "
    "account.reset account.sandbox account.profile account.password web_to_lead.form tickets.feedback notices.read "
    "records.forget_view reports.forget viewing.leave coach.check calendar.settings".split()
)
FORMS = {
    "attachments.new": lambda ids: {"related_kind": "lead", "related_id": str(ids["lead"])},
    "board.move": lambda ids: {"id": str(ids["opportunity"]), "stage": "needs"},
    "calendar.complete": lambda ids: {"id": str(ids["activity"])},
    "calendar.move": lambda ids: {"id": str(ids["activity"]), "version": "1", "start": "2026-09-09T09:00"},
    "home.confirm": lambda ids: {"name": "codes"},
    "reports.keep": lambda ids: {"name": "Mine", "address": "/leads/reports/status"},
    "records.tag": lambda ids: {"add": "quartz"},
    "records.mend": lambda ids: {"id": str(ids["lead"]), "field": "email", "value": "ben@school.test"},
    "records.choose": lambda ids: {"verb": "transfer", "ids": str(ids["lead"])},
    "records.bulk": lambda ids: {"confirm": "1", "ids": str(ids["lead"])},
}
ASSISTANTS_TOO = frozenset({"instructor.grades", "instructor.log", "instructor.wall", "instructor.disputes"})


@pytest.fixture
def ids(cast, make):
    """Records of Ben's."""
    found = {kind: make(kind, cast.ben).id for kind in ("lead", "customer", "opportunity", "activity")}
    db.session.remove()
    return found


def rules(app, method):
    found = [rule for rule in app.url_map.iter_rules() if method in rule.methods]
    return sorted(found, key=lambda rule: (rule.rule, rule.endpoint))


def address(app, rule, cast, ids, **instead):
    """An address under this rule, with sensible values for its parts."""
    parts = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        offered = getattr(converter, "items", None)
        if offered is None:
            assert name in VALUES or name in instead, f"say in VALUES what <{name}> of {rule.rule} may be"
        given = instead.get(name) or (VALUES[name](cast, ids) if name in VALUES else None)
        parts[name] = given if offered is None or given in offered else sorted(offered)[0]
    parts |= {"name": "autumn-a"} if rule.endpoint in {"web_to_lead.form", "tickets.feedback"} else {}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, parts, method=next(iter(rule.methods)))


def is_console(rule):
    return rule.endpoint.startswith("instructor.")


def who_may_not(rule):
    if is_console(rule):
        readers = tuple(name for name in ALL_BUT_TEACHERS if name != "tess")
        return readers if rule.endpoint.startswith(tuple(ASSISTANTS_TOO)) else ALL_BUT_TEACHERS
    return MAY_NOT.get(rule.endpoint, ())


def test_every_post_says_who_may_not(app):
    for rule in rules(app, "POST"):
        known = is_console(rule) or rule.endpoint in MAY_NOT or rule.endpoint in OPEN
        assert known, (
            f"{rule.rule}: say in MAY_NOT of tests/test_every_route.py who may not post to {rule.endpoint}"
        )


def variants(app, rule, cast, ids):
    """The rule's address for every kind of record and every report."""
    catalog = app.extensions["catalog"]
    slugs = sorted(catalog.slugs) if "slug" in rule.arguments else [None]
    for slug in slugs:
        more = {"slug": slug} if slug else {}
        names = [None]
        if rule.endpoint.startswith("reports.") and "name" in rule.arguments:
            names = [report.name for report in catalog.slugs[slug].reports]
        verbs = list(catalog.verbs(catalog.slugs[slug])) if rule.endpoint == "records.act" else [None]
        for name, verb in product(names, verbs):
            yield address(
                app,
                rule,
                cast,
                ids,
                **more,
                **({"name": name} if name else {}),
                **({"verb": verb} if verb else {}),
            )


def waits(cast):
    """Cy's membership waits again."""
    with db.engine.connect() as connection:
        table = Membership.__table__
        connection.execute(table.update().where(table.c.id == cast.cy.membership_id).values(state="pending"))
        connection.commit()


@pytest.mark.parametrize("name", ["visitor", "pending", "olga", "tess", "cy", "dee", "ines"])
def test_no_page_breaks_for_anybody(app, cast, ids, browse, name):
    if name == "pending":
        waits(cast)
    person = cast.cy if name == "pending" else None if name == "visitor" else getattr(cast, name)
    browser = browse(person)
    answers = {
        url: browser.get(url, buffered=True).status_code
        for rule in rules(app, "GET")
        for url in [address(app, rule, cast, ids)]
    }
    assert {url: status for url, status in answers.items() if status >= 500} == {}


def test_no_page_of_any_kind_breaks(app, cast, ids, browse):
    browser = browse(cast.ben)
    urls = [url for rule in rules(app, "GET") for url in variants(app, rule, cast, ids)]
    assert {url: s for url in urls if (s := browser.get(url, buffered=True).status_code) >= 500} == {}


def may_post(app, name):
    return [rule for rule in rules(app, "POST") if name in who_may_not(rule)]


@pytest.mark.parametrize("name", ALL_BUT_TEACHERS)
def test_who_may_not_changes_nothing_and_is_logged_once(app, cast, ids, browse, name):
    person = getattr(cast, name)
    browser, stands, wrong = browse(person), everything(), {}
    for rule in may_post(app, name):
        url = address(app, rule, cast, ids)
        before = last_step(person)
        answer = browser.post(url, FORMS.get(rule.endpoint, lambda ids: {})(ids))
        outcomes = [step.outcome for step in steps_since(person, before)]
        if answer.status_code not in {403, 404, 422} or outcomes not in (["refused"], ["invalid"]):
            wrong[url] = answer.status_code, outcomes
        assert moved(stands) == [], f"{url} posted by {name} changed something"
    assert wrong == {}


def test_a_visitor_posts_nothing(app, cast, ids, browse):
    visitor, stands, before = browse(), everything(), last_step(cast.ben)
    for rule in rules(app, "POST"):
        if getattr(app.view_functions[rule.endpoint], "access_level", "member") == PUBLIC:
            continue
        url = address(app, rule, cast, ids)
        assert visitor.post(url, {}).status_code == 401, url
    assert moved(stands) == []
    assert last_step(cast.ben) == before


def test_one_who_waits_posts_nothing(app, cast, ids, browse):
    waits(cast)
    browser, stands, before = browse(cast.cy), everything(), last_step(cast.ben)
    for rule in rules(app, "POST"):
        if rule.endpoint in MAY_NOT or is_console(rule):
            url = address(app, rule, cast, ids)
            assert browser.post(url, {}).status_code in {302, 401, 403}, url
    assert moved(stands) == []
    assert last_step(cast.ben) == before


@pytest.fixture
def guarded(app):
    """The application with its protection against forged posts, which the other tests go without."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


def test_no_post_goes_without_the_token_of_its_page(guarded, cast, ids, browse):
    browser, stands = browse(cast.ines), everything()
    for rule in rules(guarded, "POST"):
        url = address(guarded, rule, cast, ids)
        answer = browser.post(url, {"name": "forged"})
        assert answer.status_code == 400, url
        assert "This form was not sent from a page of yours" in answer.get_data(as_text=True), url
    assert moved(stands) == []


def test_a_post_with_the_token_of_its_page_is_taken(guarded, cast, ids, browse):
    from tests.forms import form_on

    browser = browse(cast.ben)
    fields = form_on(browser, f"/leads/{ids['lead']}/edit", "company")
    assert "csrf_token" in fields
    assert (
        browser.post(f"/leads/{ids['lead']}/edit", {**fields, "company": "Hangzhou Lifts"}).status_code == 302
    )
