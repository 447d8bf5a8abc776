"""What is done once an answer has been sent, so that its reader does not wait for it.

The request goes on meanwhile: same thread, same context, same transaction. It ends as the server closes the answer.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

from flask import g, has_app_context

Act = Callable[[], object]


class Sent:
    """An answer of WSGI, and what is done `then`: after its last byte was handed to the server, however that ended."""

    def __init__(self, answer: Iterable[bytes], then: Act) -> None:
        self.answer, self.then = answer, then

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        try:
            if (close := getattr(self.answer, "close", None)) is not None:
                close()
        finally:
            self.then()


def wait() -> None:
    """Let what this request leaves for afterwards wait until `finish`."""
    g.afterwards = []


def finish() -> None:
    """Do what waits, in its order. Raises what one of them raises, once all have had their turn."""
    with ExitStack() as stack:
        for act in reversed(g.pop("afterwards", ())):
            stack.callback(act)


def afterwards(act: Act) -> None:
    """Do this when the answer has been sent (see `Application.wsgi_app`); at once where nothing is sent."""
    acts: list[Act] | None = g.get("afterwards") if has_app_context() else None
    if acts is None:
        act()
    else:
        acts.append(act)
