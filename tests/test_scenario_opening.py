"""A sandbox opened from a scenario is whole, logged, and the same every time from the same seed.

The class of sales-basics: t001 instructs; s001 manages sales one with s002 … s008 below, s009 sales two, s017
sales three.
"""

import json
from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import func, select

from labapp.access.actor import system_actor
from labapp.access.errors import Invalid
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.grading import grade, read_log, read_rubric
from labapp.lifecycle.verify import verify
from labapp.modules.tickets.models import PREFIXES, Ticket, is_open
from labapp.oplog.export import export
from labapp.people.models import Course, Membership, Sandbox
from labapp.records.catalog import catalog
from labapp.records.codes import FIXED
from labapp.records.work import writing
from labapp.scenario.codes import code_tables, standard_codes
from labapp.scenario.generators import generator
from labapp.scenario.late import deal_seat
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import read_scenario
from labapp.scenario.seats import seats_of
from labapp.scenario.write import Writer

UNLIKE = ("at", "request", "prev", "hash")


@pytest.fixture(scope="module")
def scenario():
    return read_scenario(scenario_folder("sales-basics"))


def steps(sandbox, tmp_path) -> list[dict]:
    file = tmp_path / f"{sandbox.name}.jsonl"
    export(sandbox, file)
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()[1:]]


def alike(found: list[dict]) -> list[dict]:
    return [{name: value for name, value in step.items() if name not in UNLIKE} for step in found]


def test_the_class_of_24_has_a_manager_and_seven_representatives_in_each_department(scenario):
    seats = Counter(seat.position for seat in seats_of(scenario.said))
    assert seats == {
        **dict.fromkeys(("sales_one", "sales_two", "sales_three"), 1),
        **dict.fromkeys(("sales_one_staff", "sales_two_staff", "sales_three_staff"), 7),
    }


@pytest.mark.parametrize("students", [0, 1, 5, 30, 60])
def test_any_number_of_students_finds_seats(scenario, students):
    seats = seats_of(scenario.said, students)
    assert len({seat.member for seat in seats}) == students
    assert students == 0 or seats[0].member == "s001"


def test_an_opened_sandbox_is_open_and_verifies(app, scenario):
    sandbox = open_sandbox(scenario, Opening("autumn", seed=3, students=3))
    assert sandbox.state == "open"
    assert verify(sandbox) is None
    assert sandbox.settings["organisation.name.zh"] == "杭州澜桥办公科技有限公司"


def test_one_seed_gives_the_same_log_and_another_gives_another(app, scenario, tmp_path):
    first = steps(open_sandbox(scenario, Opening("a", seed=3, students=2)), tmp_path)
    again = steps(open_sandbox(scenario, Opening("b", seed=3, students=2)), tmp_path)
    other = steps(open_sandbox(scenario, Opening("c", seed=4, students=2)), tmp_path)
    assert alike(first) == alike(again)
    assert alike(first) != alike(other)


def test_set_up_is_nobodys_work_and_its_lab_time_never_goes_back(app, scenario, tmp_path):
    found = steps(open_sandbox(scenario, Opening("a", students=2)), tmp_path)
    assert {step["member"] for step in found} == {None}
    assert {step["origin"] for step in found} == {"setup"}
    assert len({step["request"] for step in found}) == 1
    times = [step["lab_at"] for step in found]
    assert times == sorted(times)
    assert times[-1] < "2026-09-07T09:00:00"


def test_every_seat_has_records_of_its_own_and_nobody_has_anothers(app, scenario):
    sandbox = open_sandbox(scenario, Opening("a", students=4))
    members = {m.key: m.id for m in db.session.scalars(select(Membership).filter_by(sandbox_id=sandbox.id))}
    for kind, count in (("lead", 6), ("customer", 5), ("contact", 7), ("opportunity", 5), ("activity", 7)):
        model = catalog()[kind].model
        query = (
            select(model.owner_id, func.count())
            .where(model.sandbox_id == sandbox.id)
            .group_by(model.owner_id)
        )
        owned = dict(tuple(row) for row in db.session.execute(query, execution_options={"seen_by": EVERYONE}))
        seats = {members[f"s{n:03d}"] for n in range(1, 5)}
        shared = sum(owned.pop(owner) for owner in owned.keys() - seats)
        assert owned == dict.fromkeys(seats, count), kind
        assert shared == (3 if kind == "activity" else 0), kind  # the tasks of the company's campaign


@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_are_in_the_language_of_the_sandbox(app, scenario, tmp_path, language):
    found = steps(open_sandbox(scenario, Opening("a", students=1, language=language)), tmp_path)
    worded = catalog().keys() - {"quota", "forecast"}  # these are called by their quarter: 2026 Q3
    records = [step for step in found if step["kind"] in worded and not step["label"].startswith("#")]
    chinese = [step for step in records if any("一" <= letter <= "鿿" for letter in step["label"])]
    assert len(chinese) == (len(records) if language == "zh" else 0)


def test_whoever_does_nothing_earns_nothing(app, scenario, tmp_path):
    file = tmp_path / "log.jsonl"
    export(open_sandbox(scenario, Opening("a", students=3)), file)
    log = read_log(file)
    rubric = read_rubric(scenario.rubric.encode(), "rubric.yaml", log=log)
    assert [result.points for result in grade(log, rubric).members] == [0, 0, 0]


def test_a_seat_added_later_gets_records_from_the_same_seed(app, scenario):
    whole = open_sandbox(scenario, Opening("whole", seed=5, students=3))
    grown = open_sandbox(scenario, Opening("grown", seed=5, students=2))
    assert whole.id != grown.id
    with writing():
        writer = Writer(grown, grown.last_lab_at, "late")
        like = db.session.scalars(select(Membership).filter_by(sandbox_id=grown.id, key="s001")).one()
        late = writer.member("s003", "student", positions=list(like.positions))
        writer.keep(restamp=True)
        deal_seat(system_actor(grown), late.id)
    lead = catalog()["lead"].model

    def companies(sandbox):
        member = db.session.scalars(select(Membership).filter_by(sandbox_id=sandbox.id, key="s003")).one()
        query = select(lead.company).where(lead.owner_id == member.id)
        return sorted(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))

    assert companies(grown) == companies(whole) != []
    assert verify(db.session.get_one(Sandbox, grown.id)) is None


@pytest.mark.parametrize(
    "opening",
    [
        Opening(""),
        Opening("a/b"),
        Opening("x" * 81),
        Opening("x" * 76, mode="individual", students=1),
        Opening("a", mode="alone"),
        Opening("a", mode="team", students=0),
        Opening("a", mode="team", team_size=1),
        Opening("a", students=-1),
    ],
)
def test_what_cannot_be_opened_is_refused_and_leaves_nothing(app, scenario, opening):
    before = db.session.scalar(select(func.count(Course.id)))
    with pytest.raises(Invalid):
        open_sandbox(scenario, opening)
    assert db.session.scalar(select(func.count(Course.id))) == before


def test_a_name_that_is_taken_is_refused(app, scenario):
    open_sandbox(scenario, Opening("a", students=1))
    with pytest.raises(Invalid, match="a"):
        open_sandbox(scenario, Opening("a", students=1))


def test_every_choice_of_every_record_type_has_its_code_table(app):
    known = {*code_tables(), *FIXED}
    wanted = {field.codes for kind in catalog().values() for field in kind.fields.values() if field.codes}
    assert wanted <= known


@pytest.mark.parametrize(
    "kind", ["lead", "customer", "contact", "opportunity", "activity", "note", "product"]
)
def test_invented_values_are_fields_of_the_record_type_and_keys_of_its_codes(app, kind):
    inventor = generator().inventor(9, "zh", datetime.fromisoformat("2026-09-07T09:00:00"))
    codes = {(value.table, value.key) for value in standard_codes()}
    fields = catalog()[kind].fields
    for number in range(40):
        customer = inventor.customer("s001", number)
        about = () if kind in ("lead", "customer", "product") else (customer,)
        key = (number,) if kind == "product" else ("s001", number)
        for name, value in getattr(inventor, kind)(*about, *key).items():
            table = fields[name].codes
            assert table in (None, *FIXED) or value is None or (table, value) in codes, (name, value)
            assert table not in FIXED or value in FIXED[table], (name, value)


def test_tickets_that_are_dealt_have_their_kind_s_number_and_what_was_promised(app, scenario):
    sandbox = open_sandbox(scenario, Opening("tickets", students=2))
    query = select(Ticket).where(Ticket.sandbox_id == sandbox.id)
    found = db.session.scalars(query, execution_options={"seen_by": EVERYONE}).all()
    assert {ticket.kind for ticket in found} == set(PREFIXES)
    assert all(ticket.number.startswith(f"{PREFIXES[ticket.kind]}2026") for ticket in found)
    assert len({ticket.number for ticket in found}) == len(found)
    assert all(
        ticket.submitted_at == ticket.created_at < ticket.respond_by < ticket.due_at for ticket in found
    )
    assert {ticket.urgency for ticket in found if not is_open(ticket)} == {0}
