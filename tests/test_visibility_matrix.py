"""The visibility matrix by the real pages: relation × mode × surface × kind of record, and that it can go red.

School (Ines instructs, Tess assists, Olga observes)
├── Class A: Eva, superior's superior
│   └── Sales: Ada, superior
│       └── Staff: Ben owns; Cy, his peer
└── Class B
    └── Sales B: Hal
        └── Staff B: Dee, a stranger; Finn, who shares a group with Ben; Gia, to whom Ben's ticket is assigned
another sandbox: its own instructor
"""

import io
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import and_, select

from labapp.access import guard, rules
from labapp.access.actor import system_actor
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.people.models import Course, Position, Sandbox, SharingGroup
from labapp.records.organisation import change_settings
from labapp.records.setup import Setup
from labapp.records.work import Source
from tests import world
from tests.company import outreach, papers
from tests.looker import Looker

NINE = datetime(2026, 9, 9, 9)  # noqa: DTZ001 (lab time has no zone)
MODES = ("private", "read_only", "read_write")
ALWAYS, NEVER, OPENED, OPENED_WIDE = "yyy", "nnn", "nyy", "nny"
READS = {
    "owner": ALWAYS,
    "superior": ALWAYS,
    "top": ALWAYS,
    "peer": OPENED,
    "mate": ALWAYS,
    "stranger": OPENED,
    "assignee": OPENED,
    "assignee_superior": OPENED,
    "observer": ALWAYS,
    "instructor": ALWAYS,
    "assistant": ALWAYS,
    "elsewhere": NEVER,
}
EDITS = {
    **READS,
    "peer": OPENED_WIDE,
    "stranger": OPENED_WIDE,
    "assignee": OPENED_WIDE,
    "assignee_superior": OPENED_WIDE,
    "observer": NEVER,
    "assistant": NEVER,
}
CATALOGUE = {"product", "category"}  # everybody in the sandbox reads; who has the profile edits
KEEPERS = {"top", "instructor"}
CIRCLE = {"owner", "superior", "top", "mate", "instructor"}
OPEN = {  # everybody in the sandbox reads; of the owner's circle edits who has the profile
    "competitor": CIRCLE,
    "article": CIRCLE - {"owner", "mate"},
    "announcement": {"superior", "instructor"},
    "campaign": CIRCLE - {"owner", "mate"},
    "campaign_member": CIRCLE - {"owner", "mate"},
}
PERSONAL = {  # read by the owner's circle whatever the mode; edited by these
    "forecast": {"owner", "instructor"},
    "quota": {"superior", "top", "instructor"},
    "adjustment": {"superior", "instructor"},  # of Ada's, on Ben's forecast
}
HANDLERS = CIRCLE | {
    "assignee",
    "assignee_superior",
}  # edit a ticket, whatever the mode; read by the staff too
TICKET_READERS = HANDLERS | {"observer", "assistant"}
SURFACES = (
    *("list", "json", "detail", "record_json", "edit", "search", "suggest"),
    *("related", "report", "board", "export", "download", "calendar"),
    *("feed", "network", "merge", "hint", "results", "met", "uses"),
)
COMMANDERS = {"owner", "superior", "top", "instructor"}  # whatever the mode
IN_THE_TEAM = COMMANDERS | {"mate", "assistant"}  # whose calendars come by the feed, whatever the mode


@pytest.fixture
def scene(app: Any, cast: Any, make: Any, browse: Any) -> Any:
    """Everybody who looks, and one record of every kind that Ben owns."""
    people = {
        "owner": cast.ben,
        "superior": cast.ada,
        "top": joined("Eva", "s005", "class_a", cast),
        "peer": cast.cy,
        "mate": joined("Finn", "s006", "staff_b", cast),
        "stranger": cast.dee,
        "assignee": joined("Gia", "s007", "staff_b", cast),
        "assignee_superior": joined("Hal", "s008", "sales_b", cast),
        "observer": cast.olga,
        "instructor": cast.ines,
        "assistant": cast.tess,
        "elsewhere": world.build("spring-b")["Ines"],
    }
    with Setup(cast.ines.actor, "group.create", nobody=True) as work:
        work.create(SharingGroup, name="Pool", members=[cast.ben.membership_id, people["mate"].membership_id])
    customer = make("customer", cast.ben, name="Quartz Trading").id
    hung = {"related_kind": "customer", "related_id": customer}
    campaign = outreach(make, cast)
    came = {"campaign_id": campaign["campaign"]}
    article = make("article", cast.ben, title="Quartz article", status="published").id
    category = make("category", cast.ben, name="Quartz goods").id
    product = make("product", cast.ben, name="Quartz lamp", category_id=category).id
    sale = make("opportunity", cast.ben, name="Quartz deal", customer_id=customer, stage="contact", **came).id
    competitor = make("competitor", cast.ben, name="Quartz Rivals").id
    contact = make("contact", cast.ben, name="Quartz Person", customer_id=customer).id
    forecast = make("forecast", cast.ben, comment="Quartz forecast").id
    made = {
        "lead": make("lead", cast.ben, name="Quartz Lead", **came).id,
        "customer": customer,
        "contact": contact,
        "opportunity": sale,
        "line": make("line", cast.ben, opportunity_id=sale, product_id=product).id,
        "contact_role": make("contact_role", cast.ben, opportunity_id=sale, contact_id=contact).id,
        "partner": make("partner", cast.ben, opportunity_id=sale).id,
        "competitor": competitor,
        "rival": make("rival", cast.ben, opportunity_id=sale, competitor_id=competitor).id,
        "article": article,
        "announcement": make("announcement", cast.ben, title="Quartz news").id,
        "forecast": forecast,
        "quota": make("quota", cast.ben).id,
        "adjustment": make("adjustment", cast.ada, forecast_id=forecast).id,
        "ticket": make(
            "ticket",
            cast.ben,
            subject="Quartz ticket",
            customer_id=customer,
            assignee_id=people["assignee"].membership_id,
            article_id=article,
        ).id,
        "survey": make("survey", cast.ben, subject="Quartz survey", customer_id=customer).id,
        "product": product,
        "category": category,
        "activity": make("activity", cast.ben, subject="Quartz call", starts_at=NINE, **hung).id,
        "note": make("note", cast.ben, body="Quartz note", **hung).id,
        "attachment": uploaded(app, browse(cast.ben), hung),
        **campaign,
        **papers(make, cast, hung),
        "relation": make("relation", cast.ben, from_customer_id=customer, to_contact_id=contact).id,
    }
    assert made.keys() == app.extensions["catalog"].keys(), "a new kind of record belongs into this matrix"
    return people, made


def joined(name: str, key: str, place: str, cast: Any) -> world.Person:
    """One more student of the first sandbox."""
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    places = {
        row.name_en: row
        for row in db.session.scalars(select(Position).where(Position.sandbox_id == sandbox.id))
    }
    course = db.session.get(Course, sandbox.course_id)
    return world._person(system_actor(sandbox), course, sandbox, (name, key, "student", place), places, None)


def uploaded(app: Any, ben: Any, hung: dict[str, Any]) -> int:
    """A real file on the customer."""
    sent = {**hung, "file": (io.BytesIO(b"quartz in words"), "quartz.txt")}
    assert ben.post("/attachments/new", sent, content_type="multipart/form-data").status_code == 302
    model = app.extensions["catalog"]["attachment"].model
    query = select(model.id).order_by(model.id.desc())
    return int(db.session.scalars(query, execution_options={"seen_by": EVERYONE}).first())


def set_mode(cast: Any, mode: str) -> None:
    names = ("lead", "customer", "opportunity", "document")
    change_settings(cast.ines.actor, Source(), {f"sharing.{name}": mode for name in names})
    db.session.remove()


def wanted(kind: str, relation: str, mode: str, surface: str) -> bool:
    """The literal expectation; nothing of the program is asked."""
    if kind in OPEN and relation != "elsewhere":
        return surface != "edit" or relation in OPEN[kind]
    if kind in CATALOGUE and relation != "elsewhere":
        return surface != "edit" or relation in KEEPERS
    if kind == "ticket" and relation != "elsewhere":
        on_its_customer = surface != "related" or READS[relation][MODES.index(mode)] == "y"
        return relation in (HANDLERS if surface == "edit" else TICKET_READERS) and on_its_customer
    if kind in PERSONAL and relation != "elsewhere":
        return relation in PERSONAL[kind] if surface == "edit" else READS[relation][0] == "y"
    if surface == "merge":
        return relation in COMMANDERS
    if surface == "feed":
        return relation in IN_THE_TEAM
    table = EDITS if surface == "edit" else READS
    return table[relation][MODES.index(mode)] == "y"


def red_cells(
    app: Any, browse: Any, scene: Any, mode: str, who: Any = READS, kinds: Any = None
) -> tuple[Counter[str], list[str], Counter[str]]:
    """(red cells by surface, each in words, cells tried by surface)."""
    people, made = scene
    red, tried, words = Counter[str](), Counter[str](), []
    for relation in who:
        browser = browse(people[relation])
        for kind in kinds or made:
            looker = Looker(app, people[relation], browser, kind, made)
            for surface in SURFACES:
                seen = getattr(looker, f"see_{surface}")()
                if seen is None:
                    continue
                tried[surface] += 1
                if seen != wanted(kind, relation, mode, surface):
                    red[surface] += 1
                    words.append(f"{mode}: {relation} {'meets' if seen else 'misses'} {kind} on {surface}")
    return red, words, tried


@pytest.fixture(autouse=True)
def verbs(app: Any) -> Any:
    app.extensions["verbs"] = lambda record_type: app.extensions["catalog"].verbs(record_type)
    yield
    del app.extensions["verbs"]


# -- green -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_every_surface_shows_exactly_what_the_rules_open(
    app: Any, cast: Any, browse: Any, scene: Any, mode: str
) -> None:
    set_mode(cast, mode)
    red, words, tried = red_cells(app, browse, scene, mode)
    assert words == []
    assert red.total() == 0
    assert set(tried) == set(SURFACES)
    assert tried.total() > 700


# -- and red where a clause is missing -------------------------------------------------------------

KINDS = ("lead", "customer", "contact", "opportunity", "attachment", "activity", "relation", "rival")
BEYOND = {  # surfaces that the clause does not open
    "without_groups": {"merge"},  # asks for more than a group gives
    "open_to_all": {"feed"},  # shows one's own team alone
}


def without_groups(monkeypatch: Any) -> None:
    """Owners: mine and those below, but not those of my groups."""
    monkeypatch.setattr(rules, "owners", lambda actor, need: sorted(actor.commands))


def without_superiors(monkeypatch: Any) -> None:
    """Owners: mine and those of my groups, but not those below."""
    monkeypatch.setattr(rules, "owners", lambda actor, need: sorted({actor.id} | actor.mates))


def open_to_all(monkeypatch: Any) -> None:
    """Whoever is in the sandbox stands as well as the owner."""
    monkeypatch.setattr(rules, "standing", lambda actor, model, need: rules.true())


def closed_to_all(monkeypatch: Any) -> None:
    """Nobody but instructors stands anywhere."""
    monkeypatch.setattr(
        rules, "standing", lambda actor, model, need: rules.true() if actor.sees_all else rules.false()
    )


@pytest.mark.parametrize(
    ("drop", "who"),
    [
        (without_groups, ("mate",)),
        (without_superiors, ("superior",)),
        (open_to_all, ("peer",)),
        (closed_to_all, ("owner",)),
    ],
)
def test_a_dropped_clause_reddens_every_surface(
    app: Any, cast: Any, browse: Any, scene: Any, monkeypatch: Any, drop: Any, who: Any
) -> None:
    drop(monkeypatch)
    red, _words, tried = red_cells(app, browse, scene, "private", who, (*KINDS, "ticket"))
    assert tried.keys() - red.keys() <= BEYOND.get(drop.__name__, set()), dict(red)
    assert tried.keys() == set(SURFACES)
    print(f"{drop.__name__}: {red.total()} of {tried.total()} cells red: {dict(red)}")


def test_a_dropped_mode_reddens_every_surface(
    app: Any, cast: Any, browse: Any, scene: Any, monkeypatch: Any
) -> None:
    set_mode(cast, "read_write")
    monkeypatch.setattr(
        rules, "_private", lambda actor, model, need: model.owner_id.in_(rules.owners(actor, need))
    )
    monkeypatch.setitem(rules.RULES, "private", rules._private)
    red, _words, tried = red_cells(app, browse, scene, "read_write", ("peer",), KINDS)
    assert tried.keys() - red.keys() <= {"merge", "feed"}, dict(red)


def test_a_dropped_sandbox_reddens_what_another_sandbox_sees(
    app: Any, cast: Any, browse: Any, scene: Any, monkeypatch: Any
) -> None:
    def reachable(actor: Any, model: Any, need: str = rules.READ) -> Any:
        return and_(model.deleted_at.is_(None), rules.standing(actor, model, need))

    monkeypatch.setattr(rules, "reachable", reachable)
    monkeypatch.setattr(guard, "reachable", reachable)
    red, _words, _tried = red_cells(app, browse, scene, "private", ("elsewhere",), KINDS)
    assert {"list", "json", "report", "export"} <= {surface for surface, count in red.items() if count}, dict(
        red
    )
