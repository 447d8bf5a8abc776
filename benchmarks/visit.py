"""The requests that are measured, as a browser of a member sends them."""

import random
import re
from itertools import count, cycle
from typing import Any

from benchmarks.client import Answer, Client, signed_in
from benchmarks.load import MANAGER, NOBODY, PASSWORD
from benchmarks.measure import Call

LEAD = {
    "name": "王小明",
    "company": "上海远望软件有限公司",
    "email": "wang@example.com",
    "status": "new",
    "source": "web",
    "rating": "hot",
    "province": "上海市",
}


class Visits:
    """The calls on one served application. `rich` are the leads with activities, notes and attachments."""

    def __init__(self, port: int, rich: list[int]) -> None:
        self.manager = signed_in(port, MANAGER, PASSWORD)
        self.nobody = signed_in(port, NOBODY, PASSWORD)
        self.numbers = count(random.randrange(10_000_000))
        self.rich = cycle(rich)
        form = self.manager.get("/leads/new")
        self.token = form.token
        sandbox = re.search(r'name="sandbox" value="(\d+)"', form.text)
        assert sandbox, form.status
        self.sandbox = sandbox[1]

    def list_of_manager(self) -> Answer:
        return full(self.manager.get("/leads/"))

    def list_of_nobody(self) -> Answer:
        return full(self.nobody.get("/leads/"))

    def detail(self) -> Answer:
        return full(self.manager.get(f"/leads/{next(self.rich)}"))

    def create(self) -> Answer:
        """A valid form; the answer sends the browser to the new lead."""
        mobile = f"139{next(self.numbers) % 100_000_000:08}"
        typed = {"csrf_token": self.token, "sandbox": self.sandbox, "mobile": mobile, **LEAD}
        answer = self.manager.post("/leads/new", typed)
        assert answer.status == 302, (answer.status, answer.text[:1000])
        return answer

    def sorted(self, sort: str, after: str = "") -> Call:
        """The manager's list in this order, from a place on."""
        path = f"/leads/?sort={sort}" + (f"&after={after}" if after else "")
        return lambda: full(self.manager.get(path))

    def mixed(self) -> Call:
        """One of everything, in turn."""
        ask = self.manager.get
        paths = ("/", "/leads/?sort=name", "/leads/?q=138", "/leads/?status=new", "/customers/", "/coach")
        turns: Any = cycle(
            [self.list_of_manager, self.detail, self.create, self.list_of_nobody]
            + [lambda path=path: full(ask(path)) for path in paths]
        )
        return lambda: next(turns)()


def full(answer: Answer) -> Answer:
    """The answer, if it is a page."""
    assert answer.status == 200, (answer.status, answer.location, answer.text[:1000])
    return answer


def floor_calls(port: int) -> dict[str, Call]:
    """The floors by name."""
    bare = Client(port)
    return {
        "hello": lambda: full(bare.get("/hello")),
        "list": lambda: full(bare.get("/")),
        "commit": lambda: full(bare.post("/commit", {})),
    }
