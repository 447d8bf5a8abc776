"""The pages of reports: conditions, grouping, chart, links, files, and the look in the log."""

import html
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from labapp.access import profiles
from labapp.db import db
from labapp.modules.customers.models import Customer
from labapp.oplog.models import Operation
from labapp.records.report_families import reports_for
from labapp.records.setup import Setup
from tests.world import START


@pytest.fixture
def leads(cast, make):
    """Three leads of Ben's, one of Cy's, one of Dee's."""
    for status, source in (("new", "web"), ("new", "referral"), ("qualified", "web")):
        make("lead", cast.ben, status=status, source=source)
    make("lead", cast.cy, status="new", source="web")
    make("lead", cast.dee, status="new", source="web")


def table(page):
    """The lines of the report's table as lists of texts."""
    body = page.split("<tbody>")[1].split("</table>")[0]
    return [words(line) for line in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.S)]


def words(line):
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S)
    return [html.unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in cells]


def chart(page):
    found = re.search(r'data-chart="([^"]*)"', page)
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize(("who", "total"), [("ben", 3), ("ada", 4), ("dee", 1), ("ines", 5), ("olga", 5)])
def test_only_what_the_reader_may_see_is_counted(cast, browse, leads, who, total):
    page = browse(getattr(cast, who)).get("/leads/reports/status").text
    assert table(page)[-1] == ["Total", str(total)]


def test_the_chart_has_the_numbers_of_the_table(cast, browse, leads):
    page = browse(cast.ada).get("/leads/reports/source").text
    drawn = chart(page)
    lines = table(page)[:-1]
    assert [label for label, _n in lines] == drawn["labels"]
    assert [int(n) for _label, n in lines] == drawn["series"][0]["values"]


def test_every_link_of_the_page_leads_to_as_many_rows(cast, browse, leads):
    ada = browse(cast.ada)
    page = ada.get("/leads/reports/source?group=status").text
    links = re.findall(r'<td class="num"><a href="([^"]+)">(\d+)</a>', page)
    assert len(links) >= 3
    for url, number in links:
        address = html.unescape(url)
        joint = "&" if "?" in address else "?"
        assert len(ada.get(f"{address}{joint}format=json").json["rows"]) == int(number)


def test_conditions_and_grouping_change_the_numbers(cast, browse, leads):
    ines = browse(cast.ines)
    assert table(ines.get("/leads/reports/status?source=web").text)[-1] == ["Total", "4"]
    assert table(ines.get("/leads/reports/status?source=web&owner=s002").text)[-1] == ["Total", "2"]
    assert "No records meet these conditions." in ines.get("/leads/reports/status?from=2026-09-08").text
    by_owner = table(ines.get("/leads/reports/status?group=owner").text)
    assert by_owner[:1] == [["Ben", "3"]]


def test_departments_are_subtrees(cast, browse, leads):
    lines = table(browse(cast.ines).get("/leads/reports/status?group=position").text)
    assert lines == [["sales", "4"], ["sales_b", "1"], ["Total", "5"]]


def test_my_customers_are_mine_alone(cast, browse, make):
    mine = make("customer", cast.ada, name="Mine").name
    make("customer", cast.ben, name="Bens")
    page = browse(cast.ada).get("/customers/reports/mine").text
    assert mine in page
    assert "Bens" not in page
    assert table(page)[-1][0] == "Total: 1"


def test_neglected_customers_by_days(cast, browse, make):
    quiet, met = make("customer", cast.ben, name="Quiet"), make("customer", cast.ben, name="Met")
    with Setup(cast.ben.actor, "customer.edit") as work:
        for row, since in ((quiet, 40), (met, 10)):
            found = work.get(Customer, row.id)
            work.update(
                found, created_at=START - timedelta(days=90), last_contacted_at=START - timedelta(days=since)
            )
    ben = browse(cast.ben)
    thirty = ben.get("/customers/reports/neglected").text
    assert "Quiet" in thirty
    assert "Met" not in thirty
    assert "Met" in ben.get("/customers/reports/neglected?days=7").text


def test_the_look_is_in_the_log(cast, browse, leads):
    browse(cast.ben).get("/leads/reports/status?source=web")
    found = select(Operation).where(Operation.sandbox_id == cast.ben.sandbox_id).order_by(Operation.id.desc())
    step = db.session.scalars(found.limit(1)).one()
    assert (step.kind, step.verb, step.record) == ("lead", "report", None)
    assert step.answers == {"report": "status", "group": "status", "source": "web"}


def test_a_report_as_a_file(cast, browse, leads):
    answer = browse(cast.ben).get("/leads/reports/status.csv")
    assert answer.get_data().decode("utf-8-sig").splitlines()[-1] == "Total,3"
    with browse(cast.ben).get("/leads/reports/status.xlsx") as answer:
        assert answer.data[:2] == b"PK"


def test_all_reports_are_listed(cast, browse, catalog):
    page = browse(cast.ben).get("/reports/").text
    for kind in ("lead", "customer", "contact", "opportunity"):
        for report in catalog[kind].reports:
            assert f'/{catalog[kind].slug}/reports/{report.name}"' in page
    assert browse(cast.ben).get("/leads/reports/nonsense").status_code == 404
    assert browse(cast.ben).get("/products/reports/").status_code == 404


def test_odd_addresses_are_left_out(cast, browse, leads):
    odd = "from=2026-02-30&to=x&owner=nobody&position=99999&group=nonsense&days=-1&source=%00"
    assert browse(cast.ben).get(f"/leads/reports/status?{odd}").status_code == 200


FAMILY_OF = {
    "customers": ("customers/reports/neglected", "contacts/reports/role"),
    "opportunities": ("opportunities/reports/pipeline", "opportunities/reports/dwell"),
    "sales": ("opportunities/reports/sales", "opportunities/reports/team", "opportunities/reports/personal"),
    "leads": ("leads/reports/status", "leads/reports/conversion"),
    "competitors": ("competitors/reports/threat", "rivals/reports/performance"),
    "service": ("tickets/reports/overview",),
}


@pytest.mark.parametrize("family", FAMILY_OF)
def test_each_family_has_a_front_that_lists_its_reports_with_a_line(cast, browse, family):
    ines = browse(cast.ines)
    page = ines.get(f"/reports/{family}").text
    for address in FAMILY_OF[family]:
        assert f'href="/{address}"' in page
        assert f'href="/reports/{family}"' in ines.get(f"/{address}").text
    assert f'href="/reports/{family}"' in ines.get("/reports/").text


def test_every_report_is_in_one_family_and_says_what_it_tells(cast, catalog):
    listed = [pair for pairs in reports_for(cast.ines.actor).values() for pair in pairs]
    every = [(t.name, r.name) for t in catalog.values() for r in t.reports]
    assert sorted((t.name, r.name) for t, r in listed) == sorted(every)
    assert [f"{t.name}.{r.name}" for t, r in listed if not str(r.explain)] == []


def test_families_show_only_what_the_profile_opens(cast, browse, monkeypatch):
    monkeypatch.setitem(profiles.READS, "sales", frozenset({"lead"}))
    ben = browse(cast.ben)
    page = ben.get("/reports/").text
    assert "/leads/reports/status" in page
    assert "/customers/reports/" not in page
    assert "There are no reports on what you may read." in ben.get("/reports/service").text


def test_a_report_is_kept_with_its_conditions_for_oneself_alone(cast, browse, leads):
    ben = browse(cast.ben)
    sent = {"name": " My  web leads ", "address": "/leads/reports/status?source=web&group=owner&nonsense=1"}
    kept = ben.post("/reports/mine", sent)
    assert kept.headers["Location"] == "/leads/reports/status?source=web&group=owner"
    page = ben.get("/reports/").text
    assert "My web leads" in page
    assert 'href="/leads/reports/status?source=web&amp;group=owner"' in page
    assert "My web leads" in ben.get("/reports/leads").text
    assert "My web leads" not in ben.get("/reports/sales").text
    assert "My web leads" not in browse(cast.cy).get("/reports/").text


def test_a_kept_report_is_removed_by_its_keeper_alone(cast, browse, leads):
    ben = browse(cast.ben)
    ben.post("/reports/mine", {"name": "Mine", "address": "/leads/reports/status"})
    (number,) = re.findall(r"/reports/mine/(\d+)/delete", ben.get("/reports/").text)
    browse(cast.cy).post(f"/reports/mine/{number}/delete", {})
    assert f"/reports/mine/{number}/delete" in ben.get("/reports/").text
    assert ben.post(f"/reports/mine/{number}/delete", {}).status_code == 302
    assert f"/reports/mine/{number}/delete" not in ben.get("/reports/").text


@pytest.mark.parametrize(
    "address",
    ["", "/leads/", "/leads/reports/nonsense", "//evil.test/leads/reports/status", "http://[", "/login"],
)
def test_only_reports_are_kept(cast, browse, address):
    answer = browse(cast.ben).post("/reports/mine", {"name": "x", "address": address})
    assert answer.status_code == 422 or answer.headers["Location"].startswith("/leads/reports/")
    assert "evil" not in browse(cast.ben).get("/reports/").text


def test_a_kept_report_without_a_name_or_by_an_observer_is_refused(cast, browse):
    sent = {"name": " ", "address": "/leads/reports/status"}
    assert browse(cast.ben).post("/reports/mine", sent).status_code == 422
    assert browse(cast.olga).post("/reports/mine", {**sent, "name": "x"}).status_code == 422


@pytest.fixture
def won(cast, make):
    """A hundred won by Ada, two hundred by Ben, four hundred by Cy, eight hundred by Dee."""
    for name, sum_ in (("ada", 100), ("ben", 200), ("cy", 400), ("dee", 800)):
        values = {"stage": "won", "amount": Decimal(sum_), "close_date": START.date()}
        make("opportunity", getattr(cast, name), **values)


def test_an_employee_sees_own_figures_alone(cast, browse, won):
    lines = table(browse(cast.ben).get("/opportunities/reports/personal").text)
    assert lines[-1][:3] == ["Total", "1", "￥200.00"]
    lines = table(browse(cast.ada).get("/opportunities/reports/personal").text)
    assert lines[-1][:3] == ["Total", "1", "￥100.00"]  # not those of the people below


def test_a_manager_sees_everybody_of_the_department_and_the_total(cast, browse, won):
    lines = table(browse(cast.ada).get("/opportunities/reports/team").text)
    assert {line[0]: line[2] for line in lines} == {
        "Ada": "￥100.00",
        "Ben": "￥200.00",
        "Cy": "￥400.00",
        "Total": "￥700.00",
    }
    places = table(browse(cast.ines).get("/opportunities/reports/team?group=position").text)
    assert [(line[0], line[2]) for line in places] == [
        ("sales", "￥700.00"),
        ("sales_b", "￥800.00"),
        ("Total", "￥1,500.00"),
    ]


def test_won_opportunities_are_exactly_those_closed_and_won_in_scope(cast, browse, won, make):
    make("opportunity", cast.ben, stage="lost", amount=Decimal(5), lost_reason="price")
    make("opportunity", cast.ben, stage="needs", amount=Decimal(7))
    lines = table(browse(cast.ben).get("/opportunities/reports/won").text)
    assert len(lines) == 2
    assert lines[-1][0] == "Total: 1"
    months = table(browse(cast.ben).get("/opportunities/reports/sales").text)
    assert [line[:2] for line in months] == [["2026-09", "￥200.00"], ["Total", "￥200.00"]]
