"""HTTP/1.1 over kept connections, for hundreds of clients in one process that costs the server's cores little."""

import asyncio
import gzip
from asyncio import Future, Protocol, Transport
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

from benchmarks.client import Answer

HOST = "127.0.0.1"
IDLE = 15  # seconds: a connection that rested longer is left, as browsers do, before the server leaves it
PATIENCE = 60  # seconds until an answer is given up


class Broken(Exception):
    """No whole answer came. Whether the request was heard is not known."""


@dataclass
class Head:
    """What stands above the body of an answer."""

    status: int
    fields: list[tuple[str, str]]

    def get(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")

    @property
    def cookies(self) -> dict[str, str]:
        """Those that are set; an empty value takes one away."""
        pairs = [value.partition(";")[0].partition("=") for key, value in self.fields if key == "set-cookie"]
        return {name: value for name, _equals, value in pairs}


def head_of(raw: bytes) -> Head:
    """The status line and the fields, with names in lower case."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return Head(int(first.split(" ", 2)[1]), [(name.lower(), value.strip()) for name, _colon, value in pairs])


class Reader(Protocol):
    """Puts one answer after another together."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.head: Head | None = None
        self.waiting: Future[tuple[Head, bytes]] | None = None
        self.closed = False

    def data_received(self, data: bytes) -> None:
        self.bytes += data
        if self.head is None:
            end = self.bytes.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = head_of(bytes(self.bytes[:end]))
            del self.bytes[: end + 4]
        body = self._body(self.head)
        if body is not None:
            self._give(self.head, body)

    def _body(self, head: Head) -> bytes | None:
        """The whole body, or None while some of it is missing."""
        if head.status in (204, 304):
            return b""
        if head.get("transfer-encoding") == "chunked":
            return unchunked(bytes(self.bytes)) if self.bytes.endswith(b"0\r\n\r\n") else None
        length = head.get("content-length")
        if not length or len(self.bytes) < int(length):
            return None  # without a length it ends with the connection
        return bytes(self.bytes[: int(length)])

    def _give(self, head: Head, body: bytes) -> None:
        waiting, self.waiting, self.head = self.waiting, None, None
        self.bytes.clear()
        if waiting is not None and not waiting.done():
            waiting.set_result((head, body))

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self.head is not None and not self.head.get("content-length") and error is None:
            self._give(self.head, bytes(self.bytes))
        elif self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(Broken("the connection was closed"))


def unchunked(raw: bytes) -> bytes:
    """A body that came in chunks, in one piece."""
    parts: list[bytes] = []
    place = 0
    while True:
        end = raw.index(b"\r\n", place)
        size = int(raw[place:end].partition(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(raw[end + 2 : end + 2 + size])
        place = end + 2 + size + 2


class Wire:
    """One browser's connection, with its cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.transport: Transport | None = None
        self.reader: Reader | None = None
        self.used = 0.0

    async def ask(self, method: str, path: str, body: str = "", etag: str = "") -> tuple[Answer, Head]:
        """Ask and read the answer to its end. Raises Broken. `ms` counts from before the connection is made."""
        start = perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                head, content = await self._asked(self._request(method, path, body, etag))
        except (OSError, TimeoutError) as error:
            self.close()
            raise Broken(f"{type(error).__name__} {error}".strip()) from error
        self.used = perf_counter()
        spent = (self.used - start) * 1000
        for name, value in head.cookies.items():
            self.cookies[name] = value
        if head.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return Answer(head.status, content, head.get("location"), spent), head

    async def _asked(self, request: bytes) -> tuple[Head, bytes]:
        transport, reader = await self._open()
        reader.waiting = asyncio.get_running_loop().create_future()
        transport.write(request)
        found = await reader.waiting
        if found[0].get("connection").lower() == "close":
            self.close()
        return found

    async def _open(self) -> tuple[Transport, Reader]:
        rested = perf_counter() - self.used > IDLE
        if self.transport is None or self.reader is None or self.reader.closed or rested:
            self.close()
            made: Any = await asyncio.get_running_loop().create_connection(Reader, HOST, self.port)
            self.transport, self.reader = cast(tuple[Transport, Reader], made)
        return self.transport, self.reader

    def _request(self, method: str, path: str, body: str, etag: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", "Accept-Encoding: gzip"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items() if v))
        if etag:
            lines.append(f"If-None-Match: {etag}")
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body.encode())}",
            ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()
        self.transport = None
