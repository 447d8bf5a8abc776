"""Five custom fields on customers, for the tests of custom fields."""

from typing import Any

from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.customers.models import Customer
from labapp.people.models import Sandbox
from labapp.records import query

URL = "/instructor/fields"
CHOICES = {
    "choice_key": ["steel", "", ""],
    "choice_zh": ["钢铁", "餐饮", ""],
    "choice_en": ["Steel", "Catering", ""],
}
FIELDS = (
    {"key": "trade", "name_zh": "细分行业", "name_en": "Trade", "shape": "choice", **CHOICES},
    {"key": "years", "name_zh": "合作年限", "name_en": "Years together", "shape": "number"},
    {"key": "seen", "name_zh": "最后跟进时间", "name_en": "Last seen", "shape": "date"},
    {"key": "vip", "name_zh": "贵宾", "name_en": "VIP", "shape": "check"},
    {"key": "slogan", "name_zh": "口号", "name_en": "Slogan", "shape": "text", "help_en": "As on their door"},
)
FILLED = {
    "extra_trade": "catering",
    "extra_years": "7",
    "extra_seen": "2026-08-31",
    "extra_vip": "y",
    "extra_slogan": "Fresh & fast",
}
STORED = {"trade": "catering", "years": 7, "seen": "2026-08-31", "vip": True, "slogan": "Fresh & fast"}


def make_fields(cast: Any, browse: Any) -> None:
    """The instructor makes the five."""
    for said in FIELDS:
        answer = browse(cast.ines).post(f"{URL}/customer/add", said)
        assert answer.status_code == 302, answer.text


def whole(cast: Any) -> bool:
    """Whether the log tells what stands in the tables."""
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    assert sandbox is not None
    found = verify(sandbox)
    assert found is None, str(found)
    return True


def new_customer(cast: Any, browse: Any, person: str = "ben", **more: str) -> Any:
    """A customer made by the form, with its custom fields."""
    browser = browse(getattr(cast, person))
    page = browser.post("/customers/new", {"name": "Noodle House", **FILLED, **more})
    assert page.status_code == 302, page.text
    return query.rows(Customer, getattr(cast, person).actor)[0]
