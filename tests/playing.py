"""Playing a scenario's walkthrough through the real pages, with the forms as they are served."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from labapp.access.actor import actor_of
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.clockwork import Walk
from labapp.lifecycle.moving import send
from labapp.modules.exams.models import Attempt
from labapp.people.models import INSTRUCTOR, Membership, Position, Sandbox
from labapp.records.codes import Code, Stage
from labapp.records.custom import CustomField
from labapp.records.work import Source
from labapp.scenario.deal import Plan, dealer_of
from labapp.scenario.fired import arrived
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Seat
from labapp.scenario.shape import RELATIVE_DAY, RELATIVE_MOMENT
from labapp.scenario.shape_records import Act, Target

REFERENCE: dict[str, Any] = {
    "position": Position,
    "code": Code,
    "stage": Stage,
    "field": CustomField,
    "membership": Membership,
}


class Forms(HTMLParser):
    """The forms of a page: for each its action and the fields it would send as it stands; `by_id` those with an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.by_id: dict[str, tuple[str, dict[str, Any]]] = {}
        self.inside: dict[str, Any] | None = None
        self.text: str | None = None
        self.select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = {}
            if known.get("method", "").lower() == "post":
                self.found.append((known.get("action", ""), self.inside))
                self.by_id[known.get("id", "")] = self.found[-1]
        elif self.inside is None or "disabled" in known:
            return
        elif tag == "input":
            self._input(known)
        elif tag == "textarea":
            self.text = known["name"]
            self.inside[self.text] = ""
        elif tag == "select":
            self.select = known["name"]
            self.inside.setdefault(self.select, "")
        elif tag == "option" and self.select and "selected" in known:
            self.inside[self.select] = known.get("value", "")

    def _input(self, known: dict[str, str]) -> None:
        kind, name = known.get("type", "text"), known.get("name", "")
        off = kind in {"checkbox", "radio"} and "checked" not in known
        if (
            name
            and not off
            and kind not in {"submit", "button", "file", "search"}
            and self.inside is not None
        ):
            value = known.get("value", "on" if kind == "checkbox" else "")
            ticked = kind == "checkbox" and name in self.inside
            self.inside[name] = [*listed(self.inside[name]), value] if ticked else value

    def handle_data(self, data: str) -> None:
        if self.text is not None and self.inside is not None:
            self.inside[self.text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.text = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = None


def listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def right(question: dict[str, Any]) -> Any:
    """The right answer to a question, as a form sends it."""
    if question["options"]:
        return [str(place) for place, option in enumerate(question["options"], start=1) if option["right"]]
    if question["accepts"]:
        return question["accepts"][0]
    return str(question["answer"]).lower()


@dataclass
class Player:
    """The first student of the scenario's position, at a browser."""

    app: Flask
    scenario: Scenario
    sandbox_id: int
    member_id: int
    browser: Any
    language: str = "zh"
    said: dict[str, Any] = field(default_factory=dict)

    def play(self) -> None:
        """All acts, one after the other; an AssertionError says which page did not do what was asked."""
        for act in self.scenario.acts:
            self.act(act)

    def sit(self, paper: str) -> None:
        """A paper with every answer right."""
        begun = self.browser.post(f"/exams/papers/{paper}/start")
        assert begun.status_code == 302, (paper, begun.get_data(as_text=True)[-500:])
        url = begun.headers["Location"]
        drawn = db.session.get_one(Attempt, int(url.rpartition("/")[2])).drawn
        answers = {f"a{place}": right(said) for place, said in enumerate(drawn["questions"], start=1)}
        assert self.browser.post(f"{url}/submit", answers).status_code == 302, paper

    def act(self, act: Act) -> None:
        if act.open is not None:
            answer = self.browser.get(self.address(act.open))
            assert answer.status_code == 200, (act.open, answer.status_code)
            return
        if act.look is not None:
            self.look(act)
            return
        if act.advance is not None:
            self.advance(datetime.fromisoformat(self.words(act.advance)))
            return
        assert act.do is not None
        if act.do == "attempt.submit":
            self.sit(act.answers["paper"])
            return
        kind, verb = act.do.split(".")
        answers = self.answers(act)
        if act.on is None:
            given = urlencode(
                {name: value for name, value in answers.items() if name.endswith(("_id", "_kind"))}
            )
            url = f"/{self.slug(kind)}/new?{given}"
        else:
            other = f"?other_id={answers['other_id']}" if "other_id" in answers else ""
            url = f"{self.address(act.on)}/{verb}{other}"
        self.send(url, answers)

    def advance(self, moment: datetime) -> None:
        """The instructor moves the clock on to that moment of lab time."""
        query = select(Membership.id).filter_by(sandbox_id=self.sandbox_id, role=INSTRUCTOR)
        sandbox = db.session.get_one(Sandbox, self.sandbox_id, populate_existing=True)
        send(actor_of(sandbox, db.session.scalars(query).one()), moment, Source())
        assert Walk(self.sandbox_id).go()
        db.session.remove()

    def answers(self, act: Act) -> dict[str, Any]:
        """What is typed into the form."""
        dirty = any(isinstance(value, dict) and "right" in value for value in act.answers.values())
        truth = self.plan(act.on.key).right if dirty and act.on and act.on.key else {}
        said = {
            key: truth[value["right"]] if isinstance(value, dict) and "right" in value else value
            for key, value in act.answers.items()
        }
        return {name: text for key, value in said.items() for name, text in self.answer(key, value).items()}

    def look(self, act: Act) -> None:
        """A page; and where the act says so, one of its forms, with the confirmation that may follow."""
        assert act.look is not None
        url = act.look.replace("{id}", str(self.row_id(act.on)) if act.on else "")
        page = self.browser.get(url)
        assert page.status_code == 200, (url, page.status_code)
        if act.form is None:
            return
        action, fields = self.form(page, act.form.replace("{id}", str(self.row_id(act.on)) if act.on else ""))
        answers = self.answers(act)
        assert set(answers) <= set(fields) | self.boxes(page), (url, sorted(answers), sorted(fields))
        done = self.browser.post(action or url, {**fields, **answers})
        asked = [form for form in Forms(done.get_data(as_text=True)).found if "confirm" in form[1]]
        if done.status_code == 200 and asked:
            done = self.browser.post(*asked[0])
        assert done.status_code == 302, (url, answers, done.status_code, done.get_data(as_text=True)[:20000])

    def form(self, page: Any, name: str) -> tuple[str, dict[str, Any]]:
        """The form of that id, or the one that is sent to that address."""
        forms = Forms(page.get_data(as_text=True))
        known = forms.by_id | {action: (action, fields) for action, fields in forms.found}
        assert name in known, (name, sorted(known))
        return known[name]

    def boxes(self, page: Any) -> set[str]:
        """The names of all inputs of a page, ticked or not."""
        return set(re.findall(r'name="([^"]+)"', page.get_data(as_text=True)))

    def row_id(self, target: Target) -> int:
        """The id of a record, or of a row of reference such as a position, a stage, a member."""
        model = REFERENCE.get(target.kind)
        if model is None:
            return self.record_id(target)
        query = select(model.id).filter_by(sandbox_id=self.sandbox_id, **(target.find or {}))
        return int(db.session.scalars(query).one())

    def send(self, url: str, answers: dict[str, str]) -> None:
        page = self.browser.get(url)
        assert page.status_code == 200, (url, page.status_code)
        forms = [
            fields for _, fields in Forms(page.get_data(as_text=True)).found if set(answers) <= set(fields)
        ]
        assert forms, f"no form on {url} asks for {sorted(answers)}"
        form = min(forms, key=len) if not answers else forms[0]
        fields = self.longest(forms) if not answers else form
        done = self.browser.post(url, {**fields, **answers})
        assert done.status_code == 302, (
            url,
            answers,
            done.status_code,
            complaints(done.get_data(as_text=True)),
        )

    def longest(self, forms: list[dict[str, str]]) -> dict[str, str]:
        """The form of the verb itself: the one that has a version, or the last on the page."""
        return next((fields for fields in forms if "version" in fields), forms[-1])

    def slug(self, kind: str) -> str:
        return str(self.app.extensions["catalog"][kind].slug)

    def address(self, target: Target) -> str:
        return f"/{self.slug(target.kind)}/{self.record_id(target)}"

    def record_id(self, target: Target) -> int:
        model: Any = self.app.extensions["catalog"][target.kind].model
        mine = select(model.id).where(model.owner_id == self.member_id, model.deleted_at.is_(None))
        if target.key is not None:
            return self.keyed(target.key)
        for name, value in (target.find or {}).items():
            linked = isinstance(value, dict) and "ref" in value
            column = getattr(model, f"{name}_id" if linked else name)
            mine = mine.where(column == (self.keyed(value["ref"]) if linked else self.words(value)))
        found = db.session.scalars(
            mine.order_by(model.id.desc()), execution_options={"seen_by": EVERYONE}
        ).first()
        assert found is not None, target
        return int(found)

    def keyed(self, key: str) -> int:
        """The id of the record that records.yaml or scenario.yaml calls so: made then, for this member."""
        if key in {event.key for event in self.scenario.events}:
            return self.brought(key)
        plan = self.plan(key)
        record_type = self.app.extensions["catalog"][plan.kind]
        model: Any = record_type.model
        query = select(model.id).where(model.sandbox_id == self.sandbox_id, model.created_at == plan.at)
        query = query.where(model.owner_id == self.member_id) if plan.owner else query
        found = db.session.scalars(query, execution_options={"seen_by": EVERYONE}).all()
        if len(found) > 1:
            query = query.where(getattr(model, record_type.title) == plan.values[record_type.title])
            found = db.session.scalars(query, execution_options={"seen_by": EVERYONE}).all()
        assert len(found) == 1, (key, found)
        return int(found[0])

    def brought(self, key: str) -> int:
        """The id of the record that the timeline brought under that key."""
        member = db.session.get_one(Membership, self.member_id)
        found = arrived(self.sandbox_id, key, member.key or "") or arrived(self.sandbox_id, key, "")
        assert found is not None, f"{key} has not arrived"
        kind, serial = found
        model: Any = self.app.extensions["catalog"][kind].model
        query = select(model.id).where(model.sandbox_id == self.sandbox_id, model.serial == serial)
        return int(db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one())

    def plan(self, key: str) -> Plan:
        """What was dealt under that key."""
        sandbox = db.session.get_one(Sandbox, self.sandbox_id)
        member = db.session.get_one(Membership, self.member_id)
        dealer = dealer_of(sandbox, self.scenario)
        plans = [*dealer.seat(Seat(member.key or "", self.scenario.plays_as)), *dealer.shared()]
        return next(plan for plan in plans if plan.ref.key == key)

    def answer(self, name: str, value: Any) -> dict[str, Any]:
        """One answer of an act as form fields."""
        if isinstance(value, dict) and "ref" in value:
            found = self.keyed(value["ref"])
            return (
                {name: str(found)}
                if name != "related"
                else {"related_kind": self.kind(value["ref"]), "related_id": str(found)}
            )
        if isinstance(value, dict) and "last" in value:
            found = str(self.record_id(Target(kind=value["last"], last=True)))
            return (
                {name: found} if name != "related" else {"related_kind": value["last"], "related_id": found}
            )
        if isinstance(value, dict) and "amounts" in value:
            sums = (
                self.plan(one).values["amount"] if isinstance(one, str) else one for one in value["amounts"]
            )
            return {name: str(sum(sums))}
        if isinstance(value, dict) and "id_of" in value:
            return {name: str(self.row_id(Target.model_validate(value["id_of"])))}
        if isinstance(value, list):
            return {name: [text for one in value for text in self.answer(name, one).values()]}
        return {name: self.words(value)}

    def kind(self, key: str) -> str:
        return next(given.kind for given in self.scenario.records if given.key == key)

    def words(self, value: Any) -> str:
        """A value as a person types it."""
        if isinstance(value, dict):
            return str(value[self.language])
        starts = self.scenario.said.starts_at
        if isinstance(value, str) and RELATIVE_DAY.fullmatch(value):
            return str(starts.date() + timedelta(days=int(value[:-1])))
        if isinstance(value, str) and RELATIVE_MOMENT.fullmatch(value):
            day, clock = value.split(" ")
            on: date = starts.date() + timedelta(days=int(day[:-1]))
            return datetime.combine(on, time.fromisoformat(clock)).isoformat(timespec="minutes")
        return str(value)


def complaints(page: str) -> str:
    """What a page says is wrong, for the message of a failing test."""
    marks = [part.split("<")[0].strip() for part in page.split("invalid-feedback")[1:]]
    return " | ".join(mark.partition(">")[2] for mark in marks) or page[:400]
