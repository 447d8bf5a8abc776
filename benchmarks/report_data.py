"""So many records of every kind that reports add up, beside the leads of `load`.

    python -m benchmarks.report_data FOLDER RECORDS

Customers, contacts, opportunities with their stays, tickets, surveys and the tasks of campaigns, as many of each as
there are leads, owned in turn by the same hundred; two hundred campaigns, a competitor in every fifth opportunity,
quotas and forecasts of two years.
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.load import CHUNK, DEPARTMENTS, SIZE, START, load, own_settings
from labapp import modules
from labapp.app import create_app
from labapp.db import db
from labapp.modules.opportunities.models import Stay, stays_of
from labapp.records.catalog import catalog_of

CAMPAIGNS, COMPETITORS = 200, 50
BEGINNING = START - timedelta(days=700)
STAGES = ("contact", "needs", "quote", "contract", "won", "lost")
INDUSTRIES = ("education", "it", "manufacturing", "finance", "retail", None)
SOURCES = ("web", "referral", "exhibition", "phone", None)
Row = dict[str, Any]


def put_records(folder: Path, count: int) -> None:
    """Make the database in this folder. What is there already stays as it is."""
    ready = folder / "reports loaded"
    if ready.exists():
        return
    load(folder, count)
    app = create_app(own_settings(folder), extensions=[])
    with app.app_context():
        with db.engine.begin() as connection:
            for kind, (number, values) in KINDS.items():
                put(connection, kind, number or count, values)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    ready.touch()


def put(connection: Connection, kind: str, count: int, values: Callable[[int], Row]) -> None:
    """So many rows of this kind."""
    model = catalog_of(modules)[kind].model
    rows = ({**common(number, count), **values(number)} for number in range(1, count + 1))
    begun = 1 + (connection.exec_driver_sql(f"SELECT max(serial) FROM {kind}").scalar() or 0)  # noqa: S608 - one of ours
    while chunk := list(islice(rows, CHUNK)):
        for row in chunk:
            row["serial"] += begun
        connection.execute(insert(model), chunk)
        if kind == "opportunity":
            stays = [stay for row in chunk for stay in stays_of(row["id"], row["stage_history"])]
            connection.execute(insert(Stay), stays)


def common(number: int, count: int) -> Row:
    """What every record has: they were made evenly over two years."""
    moment = moment_of(number, count)
    return {
        "sandbox_id": 1,
        "serial": number,
        "owner_id": owner_of(number),
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
        "extra": {},
    }


def owner_of(number: int) -> int:
    return 2 + number % (DEPARTMENTS * SIZE)


def moment_of(number: int, count: int) -> datetime:
    return BEGINNING + (START - BEGINNING) * number / count


def of(words: tuple[Any, ...], number: int, turns: int) -> Any:
    """One of the words; `turns` is a prime, so that the fields do not go together."""
    return words[number * turns // 101 % len(words)]


def customer(number: int) -> Row:
    return {
        "id": number,
        "number": f"C202609{number:03}",
        "name": f"远望第{number}软件有限公司",
        "customer_type": of(("buyer", "partner", "agent"), number, 3),
        "level": of(("key", "ordinary", "small", None), number, 5),
        "industry": of(INDUSTRIES, number, 7),
        "nature": of(("state_owned", "private", "foreign", None), number, 11),
        "source": of(SOURCES, number, 13),
        "phone": "021-55556666",
        "province": of(("上海市", "江苏省", "浙江省", "广东省"), number, 17),
        "city": "上海市",
        "address": f"中山路{number}号",
        "tags": of(([], [], ["大客户"], ["大客户", "展会"]), number, 19),
        "last_contacted_at": of((None, START - timedelta(days=number % 300)), number, 23),
    }


def contact(number: int) -> Row:
    return {
        "customer_id": number,
        "name": f"王小明{number}",
        "gender": of(("male", "female", None), number, 3),
        "title": of(("经理", "采购", "总监", None), number, 5),
        "department": of(("采购部", "技术部", None), number, 7),
        "mobile": f"138{number:08}",
        "role": of(("decision_maker", "influencer", "user", None), number, 11),
        "preferred_channel": of(("phone", "email", None), number, 13),
        "tags": of(([], ["校友"]), number, 17),
    }


def opportunity(number: int) -> Row:
    place = number * 29 // 101 % len(STAGES)
    since = START - timedelta(hours=number % 2000)
    return {
        "id": number,
        "name": f"远望第{number}期项目",
        "customer_id": 1 + number * 3 % 100_000,
        "opportunity_type": of(("new", "existing", None), number, 5),
        "stage": STAGES[place],
        "probability": (10, 30, 50, 80, 100, 0)[place],
        "amount": Decimal(1000 + number * 37 % 500_000),
        "close_date": (START + timedelta(days=90 - number * 7 % 700)).date(),
        "source": of(SOURCES, number, 7),
        "campaign_id": of((None, 1 + number % CAMPAIGNS), number, 11),
        "lost_reason": "price" if STAGES[place] == "lost" else None,
        "tags": of(([], [], ["重点"]), number, 13),
        "stage_since": since,
        "stage_history": history(place, since),
    }


def history(place: int, since: datetime) -> list[dict[str, str]]:
    """The stays before this stage, five days each."""
    starts = [since - timedelta(days=5 * (place - number)) for number in range(place)]
    return [
        {"stage": stage, "entered_at": start.isoformat(), "left_at": (start + timedelta(days=5)).isoformat()}
        for stage, start in zip(STAGES, starts, strict=False)
    ]


def ticket(number: int) -> Row:
    status = of(("new", "assigned", "in_progress", "waiting", "resolved", "closed"), number, 3)
    handled = status in {"resolved", "closed"}
    return {
        "number": f"FK202609{number:03}",
        "kind": of(("feedback", "complaint", "service"), number, 5),
        "subject": "登录很慢",
        "customer_id": 1 + number * 7 % 100_000,
        "channel": of(("phone", "email", "web"), number, 7),
        "priority": of(("low", "normal", "high", "urgent"), number, 11),
        "status": status,
        "assignee_id": owner_of(number * 13),
        "submitted_at": START - timedelta(hours=number * 17 % 16_000),
        "satisfaction": 1 + number % 5 if handled else None,
        "overdue": number % 9 == 0,
        "response_minutes": number % 300 if handled else None,
        "resolution_minutes": number % 3000 if handled else None,
    }


def survey(number: int) -> Row:
    return {
        "customer_id": number,
        "subject": "年度回访",
        "channel": of(("phone", "email", "web"), number, 7),
        "asked_on": (START - timedelta(days=number * 11 % 700)).date(),
        "satisfaction": 1 + number % 5,
        "product_quality": 1 + number * 3 % 5,
        "service_quality": 1 + number * 7 % 5,
        "recommend": number % 11,
    }


def activity(number: int) -> Row:
    return {
        "subject": "回访客户",
        "activity_type": of(("task", "event", "call"), number, 3),
        "status": of(("open", "done", "cancelled"), number, 5),
        "priority": of(("normal", "high"), number, 7),
        "due_at": START - timedelta(hours=number * 17 % 16_000),
        "related_kind": "campaign",
        "related_id": 1 + number * 3 % CAMPAIGNS,
    }


def campaign(number: int) -> Row:
    start = (START - timedelta(days=number * 3)).date()
    return {
        "id": number,
        "name": f"展会{number}",
        "campaign_type": of(("promotion", "care"), number, 3),
        "status": of(("planned", "active", "completed"), number, 5),
        "start_date": start,
        "end_date": start + timedelta(days=20),
        "budget": Decimal(10_000),
        "actual_cost": Decimal(8_000),
    }


def campaign_member(number: int) -> Row:
    response = of(("invited", "responded", "interested", "declined"), number, 3)
    return {"campaign_id": 1 + number % CAMPAIGNS, "lead_id": number, "response": response}


def competitor(number: int) -> Row:
    return {"id": number, "name": f"对手{number}", "threat": of(("high", "low", None), number, 37)}


def rival(number: int) -> Row:
    outcome = of(("open", "beaten", "lost_to", "withdrew"), number, 3)
    return {
        "opportunity_id": number * 5,
        "competitor_id": 1 + number % COMPETITORS,
        "outcome": outcome,
    }


def quarter_of(number: int) -> Row:
    """The owners in turn, quarter after quarter."""
    quarter = (number - 1) // (DEPARTMENTS * SIZE)
    return {"year": 2025 + quarter // 4, "quarter": 1 + quarter % 4}


def quota(number: int) -> Row:
    return {**quarter_of(number), "amount": Decimal(500_000)}


def forecast(number: int) -> Row:
    amounts = {"expected_amount": Decimal(400_000), "best_case_amount": Decimal(600_000)}
    return {**quarter_of(number), **amounts}


QUARTERS = 8 * DEPARTMENTS * SIZE
KINDS: dict[str, tuple[int | None, Callable[[int], Row]]] = {
    "campaign": (CAMPAIGNS, campaign),
    "competitor": (COMPETITORS, competitor),
    "customer": (None, customer),
    "contact": (None, contact),
    "opportunity": (None, opportunity),
    "rival": (20_000, rival),
    "ticket": (None, ticket),
    "survey": (None, survey),
    "activity": (None, activity),
    "campaign_member": (None, campaign_member),
    "quota": (QUARTERS, quota),
    "forecast": (QUARTERS, forecast),
}


if __name__ == "__main__":
    put_records(Path(sys.argv[1]), int(sys.argv[2]))
