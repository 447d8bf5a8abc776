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
import re
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
ON_CUSTOMER = {
    "ticket",
    "survey",
    "contact",
    "opportunity",
    "activity",
    "note",
    "attachment",
    "document_link",
}
ON_OPPORTUNITY = {"line", "contact_role", "partner", "rival"}
REPORTS = {"lead": "status", "customer": "owner", "contact": "role", "opportunity": "pipeline"}
REPORTS |= {"ticket": "overview", "survey": "satisfaction", "competitor": "threat", "rival": "performance"}
SURFACES = (
    *("list", "json", "detail", "record_json", "edit", "search", "suggest"),
    *("related", "report", "board", "export", "download", "calendar"),
)


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
    category = make("category", cast.ben, name="Quartz goods").id
    product = make("product", cast.ben, name="Quartz lamp", category_id=category).id
    sale = make("opportunity", cast.ben, name="Quartz deal", customer_id=customer, stage="contact").id
    competitor = make("competitor", cast.ben, name="Quartz Rivals").id
    contact = make("contact", cast.ben, name="Quartz Person", customer_id=customer).id
    forecast = make("forecast", cast.ben, comment="Quartz forecast").id
    made = {
        "lead": make("lead", cast.ben, name="Quartz Lead").id,
        "customer": customer,
        "contact": contact,
        "opportunity": sale,
        "line": make("line", cast.ben, opportunity_id=sale, product_id=product).id,
        "contact_role": make("contact_role", cast.ben, opportunity_id=sale, contact_id=contact).id,
        "partner": make("partner", cast.ben, opportunity_id=sale).id,
        "competitor": competitor,
        "rival": make("rival", cast.ben, opportunity_id=sale, competitor_id=competitor).id,
        "article": make("article", cast.ben, title="Quartz article", status="published").id,
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
        ).id,
        "survey": make("survey", cast.ben, subject="Quartz survey", customer_id=customer).id,
        "product": product,
        "category": category,
        "activity": make("activity", cast.ben, subject="Quartz call", starts_at=NINE, **hung).id,
        "note": make("note", cast.ben, body="Quartz note", **hung).id,
        "attachment": uploaded(app, browse(cast.ben), hung),
        **outreach(make, cast),
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


# -- what a surface shows --------------------------------------------------------------------------


class Looker:
    """Somebody at the pages of one kind, and what they meet there of the one record."""

    def __init__(self, app: Any, browser: Any, kind: str, made: dict[str, int]) -> None:
        self.app, self.browser, self.kind, self.made = app, browser, kind, made
        self.type = app.extensions["catalog"][kind]
        self.base = f"/{self.type.slug}/"
        self.here = f"{self.base}{made[kind]}"

    def text(self, url: str) -> str:
        answer = self.browser.get(url)
        return answer.get_data(as_text=True) if answer.status_code == 200 else ""

    def ids(self, url: str, name: str) -> list[int]:
        answer = self.browser.get(url)
        return [row["id"] for row in answer.get_json()[name]] if answer.status_code == 200 else []

    def links(self, text: str) -> bool:
        return f'"{self.here}"' in text

    def see_list(self) -> bool:
        return self.links(self.text(self.base))

    def see_json(self) -> bool:
        return self.made[self.kind] in self.ids(f"{self.base}?format=json", "rows")

    def see_record_json(self) -> bool:
        return self.browser.get(f"{self.here}?format=json").status_code == 200

    def see_detail(self) -> bool:
        status = self.browser.get(self.here).status_code
        return status == 200

    def see_edit(self) -> bool | None:
        if "edit" not in self.app.extensions["verbs"](self.type):
            return None
        return self.browser.get(f"{self.here}/edit").status_code == 200

    def see_search(self) -> bool | None:
        return self.links(self.text(f"{self.base}?q=Quartz")) if self.searched() else None

    def see_suggest(self) -> bool | None:
        return (
            self.made[self.kind] in self.ids(f"{self.base}suggest?q=Quartz", "results")
            if self.searched()
            else None
        )

    def see_calendar(self) -> bool | None:
        if self.kind != "activity":
            return None
        days = "scope=organisation&start=2026-09-07&end=2026-09-14"
        shown = self.browser.get(f"/calendar/events?{days}")
        entries = shown.get_json()["events"] if shown.status_code == 200 else []
        return any(entry["url"] == self.here for entry in entries)

    def searched(self) -> bool:
        return any(f.search for f in self.type.fields.values()) and self.kind not in ON_OPPORTUNITY | {
            "attachment"
        }

    def see_related(self) -> bool | None:
        if self.kind in ON_CUSTOMER:
            return self.links(self.text(f"/customers/{self.made['customer']}"))
        if self.kind in ON_OPPORTUNITY:
            return self.links(self.text(f"/opportunities/{self.made['opportunity']}"))
        return None

    def see_report(self) -> bool | None:
        """Whether any number of the report's table is not nought."""
        name = REPORTS.get(self.kind)
        if name is None:
            return None
        lines = self.text(f"{self.base}reports/{name}.csv").splitlines()[1:]
        return any(re.search(r',"?[1-9]', line) for line in lines)

    def see_board(self) -> bool | None:
        return self.links(self.text(f"{self.base}board")) if self.kind == "opportunity" else None

    def see_export(self) -> bool:
        return len(self.text(f"{self.base}export.csv").strip().splitlines()) > 1

    def see_download(self) -> bool | None:
        if self.kind not in {"attachment", "document"}:
            return None
        answer = self.browser.get(f"{self.here}/file")
        answer.close()
        return answer.status_code == 200


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
            looker = Looker(app, browser, kind, made)
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

KINDS = ("lead", "customer", "contact", "opportunity", "attachment")


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
    red, _words, tried = red_cells(app, browse, scene, "private", who, KINDS)
    assert all(red[surface] for surface in tried), dict(red)
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
    assert all(red[surface] for surface in tried), dict(red)


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
