"""The world of the tests.

School (Ines instructs, Tess assists, Olga observes)
├── Class A
│   └── Sales: Ada manages
│       └── Staff: Ben, Cy
└── Class B
    └── Sales B
        └── Staff B: Dee
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any

from labapp.access.actor import Actor, actor_of, system_actor
from labapp.db import begin_write, db
from labapp.modules.attachments.storage import path_of
from labapp.people.models import Account, Course, Membership, Position, Sandbox
from labapp.records.codes import Code, Stage, codes_of
from labapp.records.setup import Setup
from labapp.scenario.codes import standard_codes
from seed.shapes import value_for

START = datetime(2026, 9, 7, 9)  # noqa: DTZ001 (lab time has no zone)
PASSWORD = "correct horse"
TREE = (
    # key, parent, kind, profile
    ("school", None, "instructor", None),
    ("class_a", "school", "class", None),
    ("sales", "class_a", "department", "manager"),
    ("staff", "sales", "staff", "sales"),
    ("class_b", "school", "class", None),
    ("sales_b", "class_b", "department", "manager"),
    ("staff_b", "sales_b", "staff", "sales"),
)
PEOPLE = (
    # name, key, role, position
    ("Ines", "t001", "instructor", "school"),
    ("Tess", "a001", "assistant", "school"),
    ("Olga", "o001", "observer", None),
    ("Ada", "s001", "student", "sales"),
    ("Ben", "s002", "student", "staff"),
    ("Cy", "s003", "student", "staff"),
    ("Dee", "s004", "student", "staff_b"),
)


@dataclass(frozen=True)
class Person:
    """One of the cast: ids only, so that it outlives every session."""

    name: str
    key: str
    account_id: int
    membership_id: int
    sandbox_id: int

    @property
    def actor(self) -> Actor:
        """The person as an actor, as things stand now."""
        sandbox = db.session.get(Sandbox, self.sandbox_id, populate_existing=True)
        assert sandbox is not None
        return actor_of(sandbox, self.membership_id)

    @property
    def login(self) -> str:
        return f"{self.name.lower()}@school.test"


def build(name: str = "autumn-a", password_hash: str | None = None) -> dict[str, Person]:
    """A course with one open sandbox, the tree, the standard codes and the people. Returns the cast by name."""
    begin_write()
    course = Course(name=name, title=f"Course {name}", scenario="none", join_code=f"JOIN{name[-1]}")
    db.session.add(course)
    db.session.flush()
    sandbox = Sandbox(
        course_id=course.id,
        name=name,
        scenario="none",
        starts_at=START,
        clock_base=START,
        last_lab_at=START,
        state="open",
        settings=dict.fromkeys(
            ("sharing.lead", "sharing.customer", "sharing.opportunity", "sharing.document"), "private"
        ),
    )
    sandbox.first_settings = dict(sandbox.settings)
    db.session.add(sandbox)
    db.session.commit()
    house = system_actor(sandbox)
    places = _places(house)
    _codes(house)
    return {row[0]: _person(house, course, sandbox, row, places, password_hash) for row in PEOPLE}


def _places(house: Actor) -> dict[str, Position]:
    places: dict[str, Position] = {}
    for sort, (key, parent, kind, profile) in enumerate(TREE):
        above = places.get(parent or "")
        with Setup(house, "position.create", nobody=True) as work:
            place = work.create(
                Position,
                parent_id=above.id if above else None,
                position_kind=kind,
                profile=profile,
                name_en=key,
                name_zh=key,
                sort=sort,
            )
            place.path = f"{above.path if above else '/'}{place.id}/"
        places[key] = place
    return places


def _codes(house: Actor) -> None:
    for sort, code in enumerate(standard_codes()):
        names = {"key": code.key, "name_en": code.label.en, "name_zh": code.label.zh, "sort": sort}
        stage = code.table == "stage"
        with Setup(house, "stage.create" if stage else "code.create", nobody=True) as work:
            if stage:
                work.create(Stage, **names, probability=code.probability, outcome=code.outcome)
            else:
                work.create(Code, **names, code_table=code.table)


def _person(
    house: Actor, course: Course, sandbox: Sandbox, row: Any, places: Any, password_hash: str | None
) -> Person:
    name, key, role, position = row
    account = Account(
        name=name,
        number=f"{sandbox.id}{key}",
        email=f"{name.lower()}@school.test" if sandbox.id == 1 else None,
    )
    account.password_hash, account.language = password_hash, "en"
    account.instructor = role == "instructor"
    begin_write()
    db.session.add(account)
    db.session.commit()
    with Setup(house, "membership.create", nobody=True) as work:
        member = work.create(
            Membership,
            course_id=course.id,
            account_id=account.id,
            key=key,
            name=name,
            number=account.number,
            role=role,
            state="active",
            positions=[places[position].id] if position else [],
        )
    return Person(name, key, account.id, member.id, sandbox.id)


def invent(catalog: Any, kind: str, owner: Person, chance: Random, /, **values: Any) -> Any:
    """A made-up record of any kind, made by the house in the owner's name. Needed links are made too."""
    record_type, actor = catalog[kind], owner.actor
    answers: dict[str, Any] = {}
    for field in record_type.fields.values():
        if field.name not in values and (field.on_create or field.required):
            answers |= _answer(catalog, field, owner, chance)
    for names in record_type.model.ends:
        if not any(values.get(name) for name in names):
            answers[names[0]] = invent(catalog, record_type.fields[names[0]].target, owner, chance).id
    answers |= {name: None for name in ("ends_at", "reminder_at") if name in answers}
    if kind in {"attachment", "document"}:
        answers |= stored_file(actor.sandbox_id)
    with Setup(actor, f"{kind}.create") as work:
        record = work.create(record_type.model, **{**answers, **values, "owner_id": owner.membership_id})
        record_type.rules.created(work, record)
    return record


def stored_file(sandbox_id: int, content: bytes = b"hello") -> dict[str, Any]:
    """A real file in the data folder, and what its attachment says of it."""
    digest = sha256(content).hexdigest()
    path = path_of(sandbox_id, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"file_name": "hello.txt", "size": len(content), "content_type": "text/plain", "sha256": digest}


def _answer(catalog: Any, field: Any, owner: Person, chance: Random) -> dict[str, Any]:
    """An invented value for one field; for a link that is needed a record of its own."""
    if field.shape == "link":
        return {field.name: invent(catalog, field.target, owner, chance).id} if field.required else {}
    if field.shape == "related_kind":
        return {field.name: "customer" if field.required else None}
    if field.shape == "related":
        return {field.name: invent(catalog, "customer", owner, chance).id if field.required else None}
    begun = field.shape == "check" and field.default  # a product is on sale
    if begun or (field.shape == "choice" and not field.on_edit):
        return {field.name: field.default}
    return {} if field.shape in {"member", "data"} else {field.name: _value(field, owner, chance)}


def _value(field: Any, owner: Person, chance: Random) -> Any:
    actor = owner.actor
    codes = codes_of(actor.sandbox_id, actor.stamp)
    keys = tuple(key for key, _label in field.choices or codes.choices(field.codes or "", "en"))
    value = value_for(field.shape, field.name, field.required, keys, chance, "zh")
    return [] if value is None and field.shape == "tags" else value
