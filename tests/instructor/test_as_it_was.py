"""A record or a list as it was at any moment, from the log alone."""

from random import Random

import pytest
from sqlalchemy import Text, func, select, update

from labapp.access.errors import Refused
from labapp.db import db
from labapp.lifecycle.taking import keep_snapshots
from labapp.lifecycle.verify import verify
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.oplog import life, was
from labapp.oplog.chain import step_dict
from labapp.oplog.models import Operation, Snapshot
from labapp.oplog.replay import replay
from labapp.people.models import Sandbox
from labapp.records.work import Work, writing

HERE = "/instructor/log/was"
CITIES = ("Ulm", "Graz", "Bern")


def act(cast, chance: Random, alive: set[int], binned: set[int]) -> None:
    """One random thing that Ben does with his leads."""
    what = chance.choice(["create", "edit", "edit", "delete", "restore", "open"])
    if what == "create" or not (alive if what != "restore" else binned):
        with Work(cast.ben.actor, "lead.create") as work:
            alive.add(work.create(Lead, name=f"Lead {chance.random()}", company="Hopper", status="new").id)
        return
    lead_id = chance.choice(sorted(binned if what == "restore" else alive))
    with Work(cast.ben.actor, f"lead.{what}") as work:
        if what == "restore":
            work.restore(work.deleted(Lead, lead_id))
            binned.discard(lead_id)
            alive.add(lead_id)
            return
        lead = work.on(Lead, lead_id)
        if what == "edit":
            work.update(lead, city=chance.choice(CITIES), employees=chance.randrange(3))
        elif what == "delete":
            work.delete(lead)
            alive.discard(lead_id)
            binned.add(lead_id)


def steps_up_to(sandbox_id: int, last: int) -> list[dict]:
    query = (
        select(Operation)
        .where(Operation.sandbox_id == sandbox_id, Operation.id <= last)
        .order_by(Operation.id)
    )
    return [step_dict(step) for step in db.session.scalars(query)]


@pytest.fixture
def lived(cast) -> int:
    """Sixty random things happened to some leads; the number of the last step."""
    chance, alive, binned = Random(8), set(), set()
    for _number in range(60):
        act(cast, chance, alive, binned)
    db.session.remove()
    return db.session.scalar(select(Sandbox.last_step))


def test_the_state_at_every_step_is_that_of_a_replay(lived, cast):
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    serials = list(db.session.scalars(select(Lead.serial), execution_options={"seen_by": cast.ines.actor}))
    serials += [serial for serial in range(1, 40) if serial not in serials]
    for step in range(lived + 1):
        played = replay(steps_up_to(sandbox.id, step), sandbox.first_settings).records["lead"]
        assert was.states(sandbox.id, [("lead", serial) for serial in serials], step) == {
            ("lead", serial): fields for serial, fields in played.items()
        }


def test_a_records_versions_are_its_states_of_a_replay(lived, cast):
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    for serial in range(1, 10):
        found = life.Life(sandbox.id, "lead", serial)
        for number, version in enumerate(found.versions(0, len(found)), start=1):
            played = replay(steps_up_to(sandbox.id, version.step), sandbox.first_settings).records["lead"]
            assert found.state(number) == played.get(serial)
            assert found.count_up_to(version.step) == number
            assert found.versions(number - 1, number) == [version]


@pytest.fixture
def often(monkeypatch) -> None:
    """A snapshot after every third version."""
    monkeypatch.setattr(life, "EVERY", 3)


def snapshots() -> int:
    return db.session.scalar(select(func.count()).select_from(Snapshot))


def test_a_life_read_in_parts_is_that_read_as_a_whole(often, lived, cast):
    """In whatever order its states are asked for; the snapshots were written with the steps."""
    chance, longest = Random(3), 0
    assert snapshots() > 5
    for serial in range(1, 10):
        whole = life.Life(cast.ben.sandbox_id, "lead", serial)
        whole.counts, whole._ends, whole._parts = [0], [0], {}
        for part in (life.Life(cast.ben.sandbox_id, "lead", serial) for _time in range(2)):
            assert len(part) == len(whole)
            counts = [*range(len(whole) + 1)]
            chance.shuffle(counts)
            assert [part.state(count) for count in counts] == [whole.state(count) for count in counts]
            assert (part.first, part.last) == (whole.first, whole.last)
            for count in counts:
                end = chance.randrange(count, len(whole) + 1)
                assert part.versions(count, end) == whole.versions(count, end)
        for step in range(lived + 1):
            assert part.count_up_to(step) == whole.count_up_to(step)
        longest = max(longest, len(whole.counts), len(part.counts))
    assert longest > 2


def test_snapshots_that_are_missing_are_made_with_the_next(lived, cast, monkeypatch):
    """As in a log that an older program wrote; those that stand are not made again."""
    monkeypatch.setattr(life, "EVERY", 3)
    assert snapshots() == 0
    things = life.long_lives(cast.ben.sandbox_id)
    assert len(things) > 3
    for _time in range(2):
        keep_snapshots(cast.ben.sandbox_id)
        expected = sum(len(life.Life(cast.ben.sandbox_id, *thing)) // 3 for thing in things)
        assert snapshots() == expected > 5
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"name": "Somebody else"}},
        {"fields": None},
        {"step": 10_000},
        {"serial": 999},
        {"count": 4},
    ],
)
def test_a_snapshot_that_says_something_else_than_the_log_is_found(often, lived, cast, wrong):
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    assert verify(sandbox) is None
    present = select(Snapshot.serial, Snapshot.count).where(Snapshot.fields.cast(Text) != "null").limit(1)
    serial, count = db.session.execute(present).one()
    with writing():
        db.session.execute(
            update(Snapshot).where(Snapshot.serial == serial, Snapshot.count == count).values(**wrong)
        )
    assert "as it was after step" in str(verify(sandbox))


def test_what_is_undone_leaves_no_snapshot(often, lived, cast):
    lead_id = db.session.scalar(
        select(Lead.id).where(Lead.deleted_at.is_(None), Lead.version % 3 == 2),
        execution_options={"seen_by": cast.ines.actor},
    )
    before = snapshots()

    def moved(refused: bool) -> None:
        with Work(cast.ben.actor, "lead.edit") as work:
            work.update(work.on(Lead, lead_id), city="Nowhere")
            if refused:
                work.refuse("Not so.")

    with pytest.raises(Refused):
        moved(refused=True)
    assert snapshots() == before
    moved(refused=False)
    assert snapshots() > before


@pytest.mark.parametrize("owner", [None, "s002", "s003"])
def test_a_list_at_any_step_is_that_of_a_replay(lived, cast, owner):
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    for step in range(0, lived + 1, 7):
        played = replay(steps_up_to(sandbox.id, step), sandbox.first_settings).records["lead"]
        page = was.list_at(sandbox.id, "lead", step, owner)
        assert {row.serial: row.fields for row in page.rows} == {
            serial: fields for serial, fields in played.items() if owner in (None, fields["owner"])
        }


def test_pages_of_a_list_meet_every_record_once(cast, make):
    for number in range(120):
        make("lead", cast.cy if number % 10 else cast.ben, name=f"Lead {number}")
    last = db.session.scalar(select(Sandbox.last_step))
    for owner, wanted in ((None, 120), ("s002", 12)):
        seen, after = [], 0
        while after is not None:
            page = was.list_at(cast.ben.sandbox_id, "lead", last, owner, after)
            assert len(page.rows) <= 50
            seen += [row.serial for row in page.rows]
            after = page.after
        assert seen == sorted(set(seen))
        assert len(seen) == wanted


def test_a_page_of_a_rare_owner_stops_and_goes_on(cast, make, monkeypatch):
    monkeypatch.setattr(was, "MOST", 2 * was.BATCH)
    for number in range(130):
        make("lead", cast.cy, name=f"Lead {number}")
    rare = make("lead", cast.ben, name="The rare one").serial
    last = db.session.scalar(select(Sandbox.last_step))
    first = was.list_at(cast.ben.sandbox_id, "lead", last, "s002")
    assert (first.rows, first.after) == ([], 2 * was.BATCH)
    following = was.list_at(cast.ben.sandbox_id, "lead", last, "s002", first.after)
    assert [row.serial for row in following.rows] == [rare]


@pytest.fixture
def customer(cast) -> dict[str, int]:
    """Ben makes a customer, changes its city and deletes it; a contact points at it. Numbers of the steps."""
    steps = {}
    ben = cast.ben.actor
    with Work(ben, "customer.create") as work:
        row = work.create(Customer, name="Hopper Ltd", city="Ulm")
        row_id = row.id
    steps["made"] = work.step
    with Work(ben, "customer.edit") as work:
        work.update(work.on(Customer, row_id), city="Graz")
    steps["moved"] = work.step
    with Work(ben, "customer.delete") as work:
        work.delete(work.on(Customer, row_id))
    steps["gone"] = work.step
    return steps


def test_a_page_shows_then_beside_now(cast, browse):
    with writing(), Work(cast.ben.actor, "customer.create") as work:
        row_id = work.create(Customer, name="Hopper Ltd", city="Ulm").id
    made = work.step
    with Work(cast.ben.actor, "customer.edit") as work:
        work.update(work.on(Customer, row_id), city="Graz")
    page = browse(cast.ines).get(f"{HERE}/customer/1?step={made}").text
    row = page.split(">City")[1].split("</tr>")[0]
    assert "Ulm" in row
    assert "Graz" in row
    assert 'class="was-differs"' in page
    assert f'href="/customers/{row_id}"' in page
    now = browse(cast.ines).get(f"{HERE}/customer/1").text
    assert "the same" in now.split(">City")[1].split("</tr>")[0]


def test_staff_come_from_the_page_of_the_record(cast, browse, make):
    customer = make("customer", cast.ben)
    url, way = f"/customers/{customer.id}", f'href="{HERE}/customer/{customer.serial}"'
    assert way in browse(cast.ines).get(url).text
    assert way in browse(cast.tess).get(url).text
    assert way not in browse(cast.ben).get(url).text


def test_a_deleted_record_is_told_from_the_log(customer, cast, browse):
    ines = browse(cast.ines)
    before = ines.get(f"{HERE}/customer/1?step={customer['moved']}").text
    assert "It is deleted now" in before
    assert "Graz" in before
    assert "At this moment it was deleted" in ines.get(f"{HERE}/customer/1").text
    assert "not there yet" in ines.get(f"{HERE}/customer/1?step={customer['made'] - 1}").text


def test_a_moment_is_asked_by_lab_time_or_by_the_slider(customer, cast, browse):
    ines = browse(cast.ines)
    moment = db.session.get(Operation, (cast.ben.sandbox_id, customer["gone"])).lab_at
    assert (
        "At this moment it was deleted" in ines.get(f"{HERE}/customer/1?at={moment:%Y-%m-%dT%H:%M:%S}").text
    )
    assert "At this moment it was deleted" in ines.get(f"{HERE}/customer/1?at={moment:%Y-%m-%dT%H:%M}").text
    assert "not there yet" in ines.get(f"{HERE}/customer/1?at=2020-01-01T00:00").text
    assert "State 1 of 3" in ines.get(f"{HERE}/customer/1?version=1").text
    assert "State 3 of 3" in ines.get(f"{HERE}/customer/1?version=99").text
    assert 'type="range"' in ines.get(f"{HERE}/customer/1").text


def test_a_link_leads_to_the_other_record_at_the_same_moment(cast, browse, make):
    held = make("customer", cast.ben, name="Murray Ltd")
    contact = make("contact", cast.ben, customer_id=held.id)
    serials, last = (held.serial, contact.serial), db.session.scalar(select(Sandbox.last_step))
    page = browse(cast.ines).get(f"{HERE}/contact/{serials[1]}").text
    made = page.split("instructor/log/steps/")[1].split('"')[0]
    assert f'<a href="{HERE}/customer/{serials[0]}?step={made}">Murray Ltd</a>' in page
    assert int(made) <= last


def test_a_list_as_it_was_by_owner(customer, cast, browse):
    ines = browse(cast.ines)
    assert "Hopper Ltd" in ines.get(f"{HERE}/customer?step={customer['made']}").text
    assert "Hopper Ltd" in ines.get(f"{HERE}/customer?step={customer['made']}&owner=s002").text
    assert "Hopper Ltd" not in ines.get(f"{HERE}/customer?step={customer['made']}&owner=s003").text
    assert "There was none at this moment" in ines.get(f"{HERE}/customer").text


def test_the_choice_leads_to_a_list_or_a_record(customer, cast, browse):
    ines = browse(cast.ines)
    assert ines.get(f"{HERE}?kind=customer&number=1").headers["Location"] == f"{HERE}/customer/1"
    assert (
        ines.get(f"{HERE}?kind=customer&owner=s002&number=").headers["Location"]
        == f"{HERE}/customer?owner=s002"
    )
    assert 'name="at"' in ines.get(HERE).text


def test_only_kinds_that_have_a_record_are_offered(customer, cast, browse):
    ines = browse(cast.ines)
    for path, leads in (("", False), ("/customer", False), ("/lead", True)):
        page = ines.get(HERE + path).text
        assert '<option value="customer"' in page
        assert ('<option value="lead"' in page) == leads, path


@pytest.mark.parametrize("path", ["/nothing", "/nothing/1", "/customer/99", "/customer/99999999999999999999"])
def test_what_never_was_is_not_found(path, customer, cast, browse):
    assert browse(cast.ines).get(HERE + path).status_code == 404


def test_reference_rows_are_records_too(cast, browse):
    page = browse(cast.ines).get(f"{HERE}/position").text
    assert "School" in page or "school" in page
    assert browse(cast.ines).get(f"{HERE}/position/1").status_code == 200


@pytest.mark.parametrize("who", ["olga", "ben", "ada"])
@pytest.mark.parametrize("path", ["", "/customer", "/customer/1"])
def test_the_past_is_for_staff(who, path, customer, cast, browse):
    assert browse(getattr(cast, who)).get(HERE + path).status_code == 403
    assert browse(cast.tess).get(HERE + path).status_code == 200


def test_every_kind_has_a_list_as_it_was(app, cast, make, browse):
    """Also those that are called by a number instead of a field."""
    kinds = app.extensions["catalog"].keys()
    for kind in kinds:
        make(kind, cast.ben)
    db.session.remove()
    ines = browse(cast.ines)
    assert {kind: ines.get(f"/instructor/log/was/{kind}").status_code for kind in kinds} == dict.fromkeys(
        kinds, 200
    )
