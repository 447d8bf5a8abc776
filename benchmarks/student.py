"""A student at a browser: signs in, looks at lists and records, creates, converts, asks the coach, and thinks.

A turn is one thing a person does; it may be several pages. Before every page that the person asks for there is time to
think; what a browser does by itself (following a redirect, the count beside a list, the strip of the coach every eight
seconds) follows at once.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from time import perf_counter
from typing import NoReturn
from urllib.parse import quote_plus, urlencode

from benchmarks.book import Book, Converted, Made, Sample
from benchmarks.client import TOKEN, Answer
from benchmarks.load import PASSWORD
from benchmarks.visit import LEAD
from benchmarks.wire import Broken, Wire

RECORD = re.compile(r'href="/leads/(\d+)"')
PLACE = re.compile(r"/(leads|customers)/(\d+)")
STRIP = 8  # seconds between two questions for the strip
ASKED = ("王", "上海", "软件", "wxm", "138")
WRITES = ("create", "convert")


@dataclass(frozen=True)
class Habits:
    """Seconds of thought before a page, on average; whether the browser asks by itself for strip and count."""

    think: float = 5.0
    background: bool = True


class Failed(Exception):
    """A page did not come; it stands in the book, and the student goes on with something else."""


class GoneHome(Exception):
    """The lesson is over."""


class Student:
    """One member of the crowd."""

    def __init__(self, number: int, port: int, habits: Habits, book: Book, over: asyncio.Event) -> None:
        self.number, self.habits, self.book, self.over = number, habits, book, over
        self.key = f"s{number:03}"
        self.chance = random.Random(number)
        self.wire = Wire(port)
        self.token = self.etag = ""
        self.seen: list[int] = []
        self.open: list[int] = []  # leads of one's own that can be converted
        self.made = 0
        self.signed_in = False
        self.turns: dict[Callable[[], Awaitable[None]], int] = {
            self.look_at_list: 30,
            self.look_at_record: 34,
            self.create: 10,
            self.convert: 4,
            self.ask_coach: 8,
            self.go_home: 6,
            self.look_at_customers: 4,
            self.search: 3,
            self.leave_and_return: 1,
        }

    async def live(self) -> None:
        """Sign in, and take turns until the lesson is over; what was sent is answered before one leaves."""
        turns, weights = list(self.turns), list(self.turns.values())
        with suppress(GoneHome):
            while True:
                try:
                    if not self.signed_in:
                        await self.sign_in()
                    await self.chance.choices(turns, weights)[0]()
                except Failed:
                    await self.pause(1)
        self.wire.close()

    async def pause(self, seconds: float) -> None:
        """Raises GoneHome where the lesson ends meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()
        if self.over.is_set():
            raise GoneHome

    async def think(self) -> None:
        """Half to one and a half of the usual time; meanwhile the strip is asked for."""
        left = self.chance.uniform(0.5, 1.5) * self.habits.think
        while self.habits.background and self.signed_in and left > STRIP:
            await self.pause(STRIP)
            left -= STRIP
            await self.look("strip", "/coach/strip", etag=self.etag)
        await self.pause(left)

    # -- turns ---------------------------------------------------------------------------------------------------------

    async def sign_in(self) -> None:
        form = await self.look("sign-in form", "/login")
        await self.send("sign in", "/login", {"login": self.key, "password": PASSWORD}, form)
        self.signed_in = True
        await self.look("home", "/")

    async def leave_and_return(self) -> None:
        await self.think()
        await self.send("sign out", "/logout", {}, None)
        self.signed_in = False
        await self.sign_in()

    async def look_at_list(self) -> None:
        await self.think()
        order = self.chance.choice(("", "", "?sort=name", "?status=new"))
        page = await self.look("list", f"/leads/{order}")
        self.seen = [int(number) for number in dict.fromkeys(RECORD.findall(page.text))] or self.seen
        if self.habits.background:
            await self.look("count", f"/leads/count{order}")

    async def look_at_record(self) -> None:
        if not self.seen:
            await self.look_at_list()
        await self.think()
        if self.seen:
            await self.look("detail", f"/leads/{self.chance.choice(self.seen)}")

    async def create(self) -> None:
        await self.think()
        form = await self.look("form", "/leads/new")
        await self.think()
        await self.look("detail", f"/leads/{await self.new_lead(form)}")

    async def new_lead(self, form: Answer) -> int:
        """Send the form of a new lead; returns its number. Raises Failed."""
        self.made += 1
        mobile = f"13{self.number:04}{self.made:05}"
        typed = {**LEAD, "mobile": mobile, "company": f"上海远望软件{self.chance.randrange(10**6)}有限公司"}
        lead = await self.send("create", "/leads/new", typed, form)
        self.book.made.append(Made(self.key, lead, mobile))
        self.open.append(lead)
        return lead

    async def convert(self) -> None:
        if not self.open:
            await self.create()
        lead = self.open.pop()
        await self.think()
        form = await self.look("form", f"/leads/{lead}/convert")
        await self.think()
        customer = await self.send(
            "convert", f"/leads/{lead}/convert", {"opportunity": "Lift", "amount": "9000"}, form
        )
        self.book.converted.append(Converted(self.key, lead, customer))
        await self.look("detail", f"/customers/{customer}")

    async def ask_coach(self) -> None:
        await self.think()
        await self.look("coach", "/coach")

    async def go_home(self) -> None:
        await self.think()
        await self.look("home", "/")

    async def look_at_customers(self) -> None:
        await self.think()
        await self.look("list", "/customers/")

    async def search(self) -> None:
        await self.think()
        await self.look("search", f"/leads/?q={quote_plus(self.chance.choice(ASKED))}")

    # -- asking --------------------------------------------------------------------------------------------------------

    async def look(self, page: str, path: str, etag: str = "") -> Answer:
        """A page, which must come. Raises Failed."""
        answer = await self._ask(page, "GET", path, "", etag)
        if answer.status not in (200, 304) or (answer.status == 304 and not etag):
            self._fail(page, f"{answer.status} {answer.location}", write=False)
        return answer

    async def send(self, page: str, path: str, typed: dict[str, str], form: Answer | None) -> int:
        """Send a form; returns the number of the record that the answer leads to, or 0. Raises Failed."""
        if form is not None:
            found = TOKEN.search(form.text)
            self.token = unescape(found[1]) if found else ""
        body = urlencode({"csrf_token": self.token, "sandbox": "1", **typed})
        answer = await self._ask(page, "POST", path, body, "")
        place = PLACE.search(answer.location)
        if answer.status not in (302, 303) or (page in WRITES and place is None):
            half_heard = answer.status in (502, 504) and page in WRITES  # a proxy that lost the server
            self._fail(page, f"{answer.status} {answer.location}", write=half_heard)
        return int(place[2]) if place else 0

    async def _ask(self, page: str, method: str, path: str, body: str, etag: str) -> Answer:
        start = perf_counter()
        try:
            answer, head = await self.wire.ask(method, path, body, etag)
        except Broken as error:
            self._fail(page, str(error), write=page in WRITES)
        if page == "strip":
            self.etag = head.get("etag")
        self.book.samples.append(Sample(start, page, answer.ms))
        return answer

    def _fail(self, page: str, what: str, *, write: bool) -> NoReturn:
        self.book.fail(page, what, write=write)
        raise Failed(page)
