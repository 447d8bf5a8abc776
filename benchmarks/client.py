"""One keep-alive client with cookies, as a browser has them."""

import re
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """An answer, read to its end. `ms` is from sending to the last byte."""

    status: int
    body: bytes
    location: str
    ms: float

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def token(self) -> str:
        """The token of the first form."""
        found = TOKEN.search(self.text)
        assert found, f"{self.status}: no form\n{self.text[:500]}"
        return unescape(found[1])


@dataclass
class Client:
    """Talks to one port of this machine over one connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=600)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, data: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(data), {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers = {**headers, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        try:
            response, content, spent = self._timed(method, path, body, headers)
        except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):  # closed after a pause
            self.connection.close()
            response, content, spent = self._timed(method, path, body, headers)
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return Answer(response.status, content, response.headers.get("Location", ""), spent)

    def _timed(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[HTTPResponse, bytes, float]:
        start = perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        return response, content, (perf_counter() - start) * 1000


def signed_in(port: int, login: str, password: str) -> Client:
    """A client that has signed in by the form."""
    client = Client(port)
    token = client.get("/login").token
    answer = client.post("/login", {"csrf_token": token, "login": login, "password": password})
    assert answer.status == 302, (answer.status, answer.text[:2000])
    return client
