"""Integrity: what is found, what is not, and who may see it.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from instructor import integrity_run
from instructor.integrity_pace import is_elsewhere, place
from instructor.integrity_read import Limits, plain, weight
from labapp import clock, jobs
from labapp.db import db
from labapp.gradebook.models import IntegrityRemark, IntegrityRun
from labapp.oplog.append import Step, append
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Membership, Sandbox
from labapp.records.work import writing

HERE = "/instructor/integrity"
SENTENCE = "We offer a yearly contract with two visits, and spare parts within one working day."
START = datetime.fromisoformat("2026-11-02T08:00:00")


class Class:
    """People who work at moments of the machine's clock that a test chooses."""

    def __init__(self, cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self.moment, self.serial = cast, START, 100
        monkeypatch.setattr(clock, "now", lambda: self.moment)

    def wait(self, seconds: float) -> "Class":
        self.moment += timedelta(seconds=seconds)
        return self

    def does(self, who: str, verb: str = "lead.create", record: int | None = None, /, **more: Any) -> int:
        """One step of somebody's; `answers` are what was typed, `owner` whose a new record is. Returns its record."""
        person = getattr(self.cast, who, None)
        kind, _dot, name = verb.partition(".")
        if record is None:
            self.serial += 1
        number = record or self.serial
        answers, owner = more.pop("answers", {}), more.pop("owner", person.key if person else None)
        what = {"create": "created", "edit": "changed", "transfer": "changed"}.get(name)
        after = {**answers, **({"owner": owner} if name != "edit" else {})}
        change = {"what": what, "kind": kind, "id": number, "before": {}, "after": after}
        same = (person.membership_id, person.key) if person else (None, None)
        given = {"request": f"r{self.serial}.{self.moment.timestamp()}", "address": "10.1.1.7", **more}
        step = Step(self.cast.ben.sandbox_id, kind, name, *same, record=number, answers=answers, **given)
        with writing():
            append(
                Step(**{**step.__dict__, "changes": [change] if what else []}), self.cast.ben.actor.lab_now
            )
        return number

    def dealt(self, owner: str, **values: Any) -> int:
        """A record that the scenario deals to somebody."""
        return self.does("nobody", "lead.create", origin="setup", owner=owner, answers=values)

    def found(self, **limits: int) -> dict[str, list[tuple[str, ...]]]:
        """The members of what is found, by kind."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for finding in integrity_run.findings(1, Limits(**limits)):
            found.setdefault(finding.kind, []).append(finding.members)
        return found


@pytest.fixture
def group(cast, monkeypatch) -> Class:
    return Class(cast, monkeypatch)


# -- canaries --------------------------------------------------------------------------------------


def test_what_only_another_was_dealt_is_found_with_both_parties(group):
    dealt = group.dealt("s003", company="Zephyr Marine Instruments Ltd", mobile="13912345678")
    group.wait(60).does(
        "ben", answers={"description": "As for Zephyr Marine Instruments Ltd, call 139-1234-5678."}
    )
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("canary", ("s002", "s003"))
    assert finding.data["values"] == ["13912345678", "Zephyr Marine Instruments Ltd"]
    assert {fact["dealt_step"] for fact in finding.facts} == {finding.facts[0]["step"] - 1}
    assert dealt


def test_ones_own_canary_and_what_two_were_dealt_are_none(group):
    group.dealt("s002", company="Zephyr Marine Instruments Ltd")
    group.dealt("s003", company="Borealis Pumps Ltd")
    group.dealt("s002", company="Borealis Pumps Ltd")
    group.wait(60).does(
        "ben", answers={"description": "Zephyr Marine Instruments Ltd and Borealis Pumps Ltd"}
    )
    assert group.found() == {}


def test_a_superior_may_write_of_what_was_dealt_below(group):
    group.dealt("s003", company="Zephyr Marine Instruments Ltd")
    group.wait(60).does("ada", answers={"description": "Zephyr Marine Instruments Ltd"})
    assert group.found() == {}
    group.wait(60).does("dee", answers={"description": "Zephyr Marine Instruments Ltd"})
    assert group.found() == {"canary": [("s004", "s003")]}


def test_whoever_got_the_record_may_write_of_it(group):
    dealt = group.dealt("s003", company="Zephyr Marine Instruments Ltd")
    group.wait(60).does("cy", "lead.transfer", dealt, owner="s002")
    group.wait(60).does("ben", answers={"description": "Zephyr Marine Instruments Ltd"})
    assert group.found() == {}


def test_a_note_on_the_owners_own_record_is_no_find(group):
    dealt = group.dealt("s003", company="Zephyr Marine Instruments Ltd")
    group.wait(60).does(
        "ben", "lead.edit", dealt, answers={"description": "Zephyr Marine Instruments Ltd, by hand"}
    )
    assert group.found() == {}


# -- the same words --------------------------------------------------------------------------------


def test_the_same_words_of_two_are_found_whoever_was_first_in_front(group):
    group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE.upper().replace(",", " ;")})
    assert group.found() == {"text": [("s003", "s002")]}
    (finding,) = integrity_run.findings(1, Limits())
    assert finding.data["text"] == SENTENCE


@pytest.mark.parametrize("text", ["Called back.", "A short remark on the call", ""])
def test_short_texts_are_everybodys(group, text):
    group.does("cy", answers={"description": text})
    group.wait(600).does("ben", answers={"description": text})
    assert group.found() == {}


def test_chinese_counts_double(group):
    text = "客户要求在合同里写明每年两次的上门维护以及备件"
    assert weight(plain(text)) == 46
    group.does("cy", answers={"description": text})
    group.wait(600).does("ben", answers={"description": text + "。"})
    assert group.found() == {"text": [("s003", "s002")]}


def test_what_the_scenario_wrote_is_nobodys_copy(group):
    group.dealt("s004", description=SENTENCE)
    group.wait(60).does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE})
    assert group.found() == {}


@pytest.mark.parametrize("more", [{"origin": "import"}, {"origin": "bulk"}])
def test_imports_and_bulk_are_no_typing(group, more):
    group.does("cy", answers={"description": SENTENCE}, **more)
    group.wait(600).does("ben", answers={"description": SENTENCE}, **more)
    assert group.found() == {}


def test_a_clone_brings_its_text_along(group):
    group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", "lead.clone", answers={"description": SENTENCE})
    assert group.found() == {}


def test_two_at_one_record_share_its_text(group):
    record = group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("cy", "lead.edit", record, answers={"description": "Other words altogether"})
    group.wait(600).does("ben", "lead.edit", record, answers={"description": SENTENCE})
    assert group.found() == {}


def test_what_many_share_was_given_out(group):
    for who in ("ada", "ben", "cy", "dee"):
        group.wait(600).does(who, answers={"description": SENTENCE})
    assert group.found(parties=3) == {"common": [("s001", "s002", "s003", "s004")]}
    assert group.found(parties=4) == {"text": [("s001", "s002", "s003", "s004")]}


def test_what_staff_try_out_is_no_find(group):
    group.does("ines", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE})
    assert group.found() == {}


# -- bursts ----------------------------------------------------------------------------------------


def words(number: int) -> str:
    return f"{number} is what the customer asked for in the call of today, and more besides of {number}."


def test_forms_faster_than_typing_are_found(group):
    group.does("ben", "lead.list")
    for number in range(3):
        group.wait(2).does("ben", answers={"name": "Eve", "description": words(number)})
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("burst", ("s002",))
    assert finding.facts[0]["pause"] == 2.0
    assert finding.data["fastest"] > 15


def test_many_fields_within_seconds_are_found(group):
    typed = dict.fromkeys(("name", "company", "title", "city", "province", "address"), "ab")
    group.does("ben", "lead.list")
    for _number in range(3):
        group.wait(3).does("ben", answers=typed)
    assert group.found() == {"burst": [("s002",)]}
    assert group.found(fields=7) == {}
    chosen = dict.fromkeys(("source", "status", "rating", "industry", "tags", "campaign_id"), "ab")
    for _number in range(3):
        group.wait(3).does("cy", answers=chosen)
    assert group.found(fields=7) == {}, "chosen from lists, not typed"


@pytest.mark.parametrize(("pause", "times"), [(20, 3), (2, 2)])
def test_a_fast_typist_or_two_forms_are_no_burst(group, pause, times):
    group.does("ben", "lead.list")
    for number in range(times):
        group.wait(pause).does("ben", answers={"description": words(number)})
    assert group.found() == {}


def test_one_act_of_many_steps_is_one(group):
    for number in range(3):
        group.does("ben", answers={"description": words(number)}, request="the same")
    assert group.found() == {}


def test_forms_kept_over_a_sign_in_are_no_burst(group):
    for number in range(4):
        group.wait(1).does("ben", "session.sign_in", 1)
        group.wait(1).does("ben", answers={"description": words(number)})
    assert group.found() == {}


# -- two places ------------------------------------------------------------------------------------


def test_away_and_back_again_is_two_places(group):
    for address in ("10.1.1.7", "172.16.9.9") * 3:
        group.wait(60).does("ben", "lead.list", address=address)
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("overlap", ("s002",))
    assert finding.data["addresses"] == ["10.1.1.7", "172.16.9.9"]


def test_going_home_and_one_address_for_all_are_none(group):
    for address in ("10.1.1.7", "172.16.9.9", "192.168.7.7", "203.0.113.5"):
        group.wait(60).does("ben", "lead.list", address=address)
    for _turn in range(9):
        for who in ("ada", "ben", "cy", "dee"):
            group.wait(1).does(who, "lead.list", address="10.1.1.7")
    assert group.found() == {}


def test_slow_changes_are_none(group):
    for address in ("10.1.1.7", "172.16.9.9") * 3:
        group.wait(1800).does("ben", "lead.list", address=address)
    assert group.found() == {}


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("10.1.1.7", "10.1.1.200", False),
        ("10.1.1.7", "10.1.2.7", True),
        ("2001:db8::1", "2001:db8::ffff:1", False),
        ("2001:db8::1", "2001:db8:1::1", True),
        ("10.1.1.7", "2001:db8::1", False),
        ("somewhere", "elsewhere", True),
    ],
)
def test_addresses_of_one_network_are_one_place(one, other, apart):
    assert is_elsewhere(one, other) is apart
    assert place("10.1.1.7") == place("10.1.1.9")


# -- work of another -------------------------------------------------------------------------------


def worked(group: Class, doer: str, by_cy: int = 8, by_other: int = 16) -> None:
    record = group.does("cy", answers={"name": "Eve"})
    for number in range(by_cy - 1):
        group.wait(600).does("cy", "lead.edit", record, answers={"name": f"Eve {number}"})
    for number in range(by_other):
        group.wait(600).does(doer, "lead.edit", record, answers={"name": f"Ada {number}"})


def test_records_that_another_mostly_changed_are_found(group):
    worked(group, "ben")
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("mate", ("s003", "s002"))
    assert (finding.data["count"], finding.data["total"], finding.data["own"]) == (16, 24, 8)
    assert finding.data["together"] == 0


def test_a_superior_does_what_superiors_do(group):
    worked(group, "ada")
    worked(group, "ines")
    assert group.found() == {}


@pytest.mark.parametrize("counts", [(12, 12), (3, 10)])
def test_help_and_few_changes_are_no_find(group, counts):
    worked(group, "ben", *counts)
    assert group.found() == {}


# -- the page --------------------------------------------------------------------------------------


@pytest.fixture
def copied(group) -> Class:
    group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE})
    return group


def asked(**instead: str) -> dict[str, str]:
    return {**{name: str(value) for name, value in Limits().__dict__.items()}, **instead}


def key() -> str:
    db.session.remove()
    return str(db.session.scalars(select(IntegrityRun)).one().findings[0]["key"])


def test_the_instructor_searches_and_sees_both_parties_with_their_steps(copied, browse, cast):
    ines = browse(cast.ines)
    assert "Search the logs" in ines.get(HERE).text
    assert ines.post(f"{HERE}/search", asked()).headers["Location"] == HERE
    page = ines.get(HERE).text
    steps = db.session.scalars(
        select(Operation.id).where(Operation.verb == "create", Operation.kind == "lead")
    )
    for step in steps:
        assert f'href="/instructor/log/steps/{step}"' in page
    assert 'href="/instructor/log/member/s002"' in page
    assert 'href="/instructor/log/member/s003"' in page
    assert SENTENCE in page


@pytest.fixture
def other(group, cast) -> int:
    """A second sandbox of the course, with a student of its own and Ines; its id."""
    with writing():
        first = db.session.get_one(Sandbox, cast.ben.sandbox_id)
        kept = {"course_id": first.course_id, "scenario": first.scenario, "starts_at": first.starts_at}
        kept |= {"clock_base": first.clock_base, "last_lab_at": first.starts_at, "state": "open"}
        sandbox = Sandbox(name="autumn-a/s900", settings=first.settings, unit="s900", **kept)
        db.session.add(sandbox)
        db.session.flush()
        same = {"sandbox_id": sandbox.id, "course_id": first.course_id, "state": "active", "positions": []}
        people = (("s900", "student", None), ("t001", "instructor", cast.ines.account_id))
        for serial, (key, role, account) in enumerate(people, start=1):
            who = {"key": key, "role": role, "account_id": account, "name": key, "serial": serial}
            db.session.execute(insert(Membership.__table__), [{**same, **who}])
        return int(sandbox.id)


def test_the_search_spans_the_sandboxes_of_a_course(group, other, browse, cast):
    group.does("cy", answers={"description": SENTENCE})
    member = db.session.scalars(select(Membership).where(Membership.key == "s900")).one()
    group.wait(600)
    step = Step(other, "lead", "create", member.id, "s900", 1, answers={"description": SENTENCE})
    with writing():
        number = append(step, cast.ben.actor.lab_now)
    assert group.found() == {"text": [("s003", "s900")]}
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked())
    page = ines.get(HERE).text
    assert f'href="{HERE}/steps/{other}/{number}"' in page
    assert "autumn-a/s900" in page
    assert ines.get(f"{HERE}/steps/{other}/{number}").headers["Location"] == f"/instructor/log/steps/{number}"
    assert "s900" in ines.get(f"/instructor/log/steps/{number}").text, "and it is shown there"


def test_thresholds_are_kept_and_nonsense_is_said(copied, browse, cast):
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked(text="500"))
    page = ines.get(HERE).text
    assert "Nothing was found" in page
    assert 'value="500"' in page
    wrong = ines.post(f"{HERE}/search", asked(text="much", share="900"))
    assert wrong.status_code == 422
    assert "A whole number from 10 to 100" in wrong.text
    assert 'value="much"' in wrong.text


def test_a_remark_is_kept_and_stands_in_the_administration_log(copied, browse, cast):
    ines = browse(cast.ines)
    ines.post(f"{HERE}/search", asked())
    finding = key()
    assert ines.post(f"{HERE}/findings/{finding}", {"state": "explained"}).status_code == 422
    ines.post(f"{HERE}/findings/{finding}", {"state": "explained", "remark": "They worked as a pair."})
    assert "Nothing is open" in ines.get(HERE).text
    assert "They worked as a pair." in ines.get(f"{HERE}?show=all").text
    act = db.session.scalars(select(AdminEntry)).one()
    assert (act.action, act.details["state"], act.details["members"]) == (
        "integrity.remark",
        "explained",
        ["s003", "s002"],
    )
    assert db.session.scalars(select(IntegrityRemark.remark)).one() == "They worked as a pair."


def test_more_facts_open_a_finding_again(group, browse, cast):
    ines = browse(cast.ines)
    for _turn in range(3):
        for address in ("10.1.1.7", "172.16.9.9"):
            group.wait(60).does("ben", "lead.list", address=address)
    ines.post(f"{HERE}/search", asked())
    ines.post(f"{HERE}/findings/{key()}", {"state": "seen", "remark": ""})
    ines.post(f"{HERE}/search", asked())
    assert "Nothing is open" in ines.get(HERE).text
    group.wait(60).does("ben", "lead.list", address="10.1.1.7")
    assert "steps were taken since" in ines.get(HERE).text or "step was taken since" in ines.get(HERE).text
    ines.post(f"{HERE}/search", asked())
    page = ines.get(HERE).text
    assert "1 new fact" in page


def test_a_long_search_is_a_job(copied, browse, cast, monkeypatch):
    monkeypatch.setattr(integrity_run, "AT_ONCE", 0)
    ines = browse(cast.ines)
    answer = ines.post(f"{HERE}/search", asked())
    where = answer.headers["Location"]
    assert where.startswith(f"{HERE}/jobs/")
    assert ines.post(f"{HERE}/search", asked()).headers["Location"] == where, "one at a time"
    assert "begins in a moment" in ines.get(where).text
    assert jobs.work_off() == 1
    assert ines.get(where).headers["Location"] == HERE
    assert SENTENCE in ines.get(HERE).text


def test_no_step_of_any_finding_changes_a_mark(copied, browse, cast):
    ines = browse(cast.ines)
    before = ines.get("/instructor/grades/s002").text.count("points")
    ines.post(f"{HERE}/search", asked())
    assert ines.get("/instructor/grades/s002").text.count("points") == before


@pytest.mark.parametrize("who", ["tess", "olga", "ben", "ada"])
def test_integrity_is_for_the_instructor_alone(who, copied, browse, cast):
    person = browse(getattr(cast, who))
    for url in (HERE, f"{HERE}/jobs/1", f"{HERE}/steps/1/1"):
        assert person.get(url).status_code == 403
    for url in (f"{HERE}/search", f"{HERE}/findings/abc"):
        assert person.post(url, asked()).status_code == 403
    assert f'href="{HERE}"' not in person.get("/").text


def test_what_is_not_there_is_not_found(copied, browse, cast):
    ines = browse(cast.ines)
    assert ines.post(f"{HERE}/findings/abc", {"state": "seen"}).status_code == 404
    assert ines.get(f"{HERE}/jobs/999").status_code == 404
    assert ines.get(f"{HERE}/steps/999/1").status_code == 404
    assert ines.get(f"{HERE}/steps/1/1").headers["Location"] == "/instructor/log/steps/1"
