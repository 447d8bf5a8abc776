"""Requests of one process compute a few at a time; a slow one keeps nobody waiting."""

from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import pytest

from labapp import admission
from labapp.admission import Admission, Door, outside
from labapp.people.passwords import hash_password, verify_password

LATE = 30.0  # seconds: a wait that ends by this is a failure
App = Callable[[Any, Any], Any]


@pytest.fixture
def called() -> Iterator[Callable[[App, str], Thread]]:
    """Call an application in a thread of its own, with a word."""
    threads: list[Thread] = []

    def call(app: App, word: str) -> Thread:
        threads.append(Thread(target=app, args=(word, None), daemon=True))
        threads[-1].start()
        return threads[-1]

    yield call
    for thread in threads:
        thread.join(LATE)
        assert not thread.is_alive()


def in_wait(door: Door, count: int) -> None:
    """Wait until so many stand before the door."""
    for _ in range(5000):
        if len(door._waiting) == count:
            return
        Event().wait(0.002)
    raise AssertionError(f"{len(door._waiting)} wait, not {count}")


@pytest.mark.parametrize("places", [1, 2])
def test_so_many_are_inside_and_who_came_first_is_first(called, monkeypatch, places):
    monkeypatch.setattr(admission, "LONG", LATE)
    go, order, most = Event(), [], [0]
    inside: set[str] = set()

    def app(word: str, _: Any) -> list[bytes]:
        inside.add(word)
        order.append(word)
        most[0] = max(most[0], len(inside))
        assert go.wait(LATE)
        inside.discard(word)
        return []

    site = Admission(app, places)
    for number in range(places + 4):
        called(site, str(number))
        in_wait(site.door, max(0, number + 1 - places))
    go.set()
    in_wait(site.door, 0)
    for _ in range(5000):
        if not site.door._inside and len(order) == places + 4:
            break
        Event().wait(0.002)
    assert most == [places]
    assert sorted(order) == [str(number) for number in range(places + 4)]
    if places == 1:
        assert order == sorted(order)


def test_a_slow_one_goes_on_beside_the_others(called, monkeypatch):
    monkeypatch.setattr(admission, "LONG", 0.02)
    go, done = Event(), Event()

    def app(word: str, _: Any) -> list[bytes]:
        if word == "slow":
            assert go.wait(LATE)
        else:
            done.set()
        return []

    site = Admission(app, 1)
    slow = called(site, "slow")
    for _ in range(5000):
        if site.door._inside:
            break
        Event().wait(0.002)
    called(site, "quick")
    assert done.wait(LATE)
    assert slow.is_alive()
    go.set()
    slow.join(LATE)
    done.clear()
    called(site, "next")
    assert done.wait(LATE)  # who went on beside the others has not opened the door twice, nor shut it
    assert not site.door._waiting


def test_who_fails_leaves(called):
    def app(word: str, _: Any) -> list[bytes]:
        if word == "bad":
            raise RuntimeError("no page")
        return [b"good"]

    site = Admission(app, 1)
    with pytest.raises(RuntimeError, match="no page"):
        site("bad", None)
    assert site("fine", None) == [b"good"]
    assert not site.door._inside


def test_who_steps_outside_lets_the_next_in_and_is_the_first_to_come_back(called, monkeypatch):
    monkeypatch.setattr(admission, "LONG", LATE)
    order: list[str] = []
    stepped, back, second = Event(), Event(), Event()

    def app(word: str, _: Any) -> list[bytes]:
        if word == "waits":
            with outside():
                stepped.set()
                assert back.wait(LATE)
        if word == "second":
            second.set()
            in_wait(site.door, 1)  # the third
            back.set()
            in_wait(site.door, 2)  # and the first again
        order.append(word)
        return []

    site = Admission(app, 1)
    first = called(site, "waits")
    assert stepped.wait(LATE)
    called(site, "second")
    assert second.wait(LATE)
    called(site, "third")
    first.join(LATE)
    for _ in range(5000):
        if len(order) == 3:
            break
        Event().wait(0.002)
    assert order == ["second", "waits", "third"]


def test_a_password_is_checked_outside(called, monkeypatch):
    """Checking one takes longer than most pages, and needs no Python."""
    steps: list[str] = []
    enter, leave = Door.enter, Door.leave
    monkeypatch.setattr(Door, "enter", lambda door, **how: steps.append(f"in {how}") or enter(door, **how))
    monkeypatch.setattr(Door, "leave", lambda door, guest: steps.append("out") or leave(door, guest))
    known = hash_password("a good password")
    assert steps == []  # nobody asked: there is no door
    site = Admission(lambda word, _: [verify_password(known, word)], 1)
    assert site("a good password", None) == [True]
    assert steps == ["in {}", "out", "in {'first': True}", "out"]


def test_the_site_has_a_door(app):
    assert isinstance(app.wsgi_app, Admission) or isinstance(getattr(app.wsgi_app, "app", None), Admission)
