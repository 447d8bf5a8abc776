"""Somebody at the pages of one kind of record: whether they meet a given one there, surface by surface."""

import re
from typing import Any
from urllib.parse import urlencode

from labapp.access.everyone import EVERYONE
from labapp.db import begin_write, db
from labapp.people.feeds import feed_token, renew_feed

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
DAYS = "start=2026-09-07&end=2026-09-14"


class Looker:
    """Somebody at the pages of one kind, and what they meet there of the one record."""

    def __init__(self, app: Any, person: Any, browser: Any, kind: str, made: dict[str, int]) -> None:
        self.app, self.person, self.browser, self.kind, self.made = app, person, browser, kind, made
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

    def see_feed(self) -> bool | None:
        """The file that a phone fetches by the secret address, of oneself and the team."""
        if self.kind != "activity":
            return None
        begin_write()
        renew_feed(self.person.membership_id)
        db.session.commit()
        address = f"/calendar/feed/{feed_token(self.person.membership_id)}.ics?team=1"
        return "Quartz call" in self.text(address)

    def see_network(self) -> bool | None:
        """The graph of the customer: its people, and what is related to it."""
        marks = {"customer": "", "contact": f"contact-{self.made['contact']}", "relation": self.here}
        if self.kind not in marks:
            return None
        text = self.text(f"/customers/{self.made['customer']}/network?format=json")
        return bool(text) and marks[self.kind] in text

    def see_merge(self) -> bool | None:
        if not self.type.model.same_by:
            return None
        return self.browser.get(f"{self.here}/merge").status_code == 200

    def see_hint(self) -> bool | None:
        """What is told to somebody who types the same again."""
        fields = {name for _what, names in self.type.model.same_by for name in names}
        if not fields:
            return None
        record = db.session.get(
            self.type.model, self.made[self.kind], execution_options={"seen_by": EVERYONE}
        )
        typed = {name: getattr(record, name) or "" for name in fields}
        return self.links(self.text(f"{self.base}similar?{urlencode(typed)}"))

    def see_results(self) -> bool | None:
        """The number of leads and sales on the page of the campaign they came from."""
        if self.kind not in {"lead", "opportunity"}:
            return None
        text = self.text(f"/campaigns/{self.made['campaign']}")
        stats = re.findall(rf'href="{self.base}\?campaign_id=\d+"[^>]*>(.*?)</a>', text, re.S)
        assert stats or not text, "the page of a campaign has no number of this kind"
        return any(re.search("[1-9]", stat) for stat in stats[:1])

    def see_met(self) -> bool | None:
        """The sales in which a competitor takes part, on its page."""
        if self.kind not in {"rival", "opportunity"}:
            return None
        return f"/opportunities/{self.made['opportunity']}" in self.text(
            f"/competitors/{self.made['competitor']}"
        )

    def see_uses(self) -> bool | None:
        """The number of tickets on the page of the article that solved them."""
        if self.kind != "ticket":
            return None
        text = self.text(f"/knowledge/{self.made['article']}")
        return bool(re.search(r'\?article_id=\d+">[^<]*[1-9]', text))
