"""One cast for all tests (see world.py): Ada manages Ben and Cy. Dee is in another class. Ines instructs, Tess assists,
Olga observes. Every test starts from the same database, copied from a template made once per process (homes.py)."""

import gc
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from werkzeug.test import TestResponse

from labapp.access import actor
from labapp.app import create_app
from labapp.db import db
from labapp.db.migrate import create_all
from labapp.gradebook import coach, live
from labapp.people.models import Account
from labapp.people.passwords import hash_password
from tests import world
from tests.homes import Home

# How fast examples come says more about the machine than about the code.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """What serves sets up Python's collector of cycles for itself: every test leaves it as it was."""
    threshold, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield
    if gc.callbacks != callbacks or gc.get_threshold() != threshold:
        gc.set_threshold(*threshold)
        gc.callbacks[:] = callbacks
    gc.unfreeze()


@pytest.fixture(scope="session")
def app_once(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application of this process, over a database that `app` renews for every test."""
    settings = {
        "TESTING": True,
        "DATA": tmp_path_factory.mktemp("data"),
        "SECRET_KEY": "tests only",
        "SQLALCHEMY_DATABASE_URI": home.url,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "BABEL_DEFAULT_LOCALE": "en",
    }
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def template(app_once: Flask, home: Home) -> dict[str, world.Person]:
    """The cast in the database that every test starts from."""
    with app_once.app_context():
        create_all()
        cast = world.build(password_hash=hash_password(world.PASSWORD))
        db.session.remove()
        home.keep()
    return cast


@pytest.fixture
def app(app_once: Flask, template: dict[str, world.Person], home: Home) -> Iterator[Flask]:
    """The application over a fresh copy of the template, inside an application context that speaks English."""
    with app_once.app_context():
        home.renew()
        actor.forget()
        coach.forget()
        live.forget()
        with force_locale("en"):
            yield app_once
        db.session.remove()


@pytest.fixture
def cast(app: Flask, template: dict[str, world.Person]) -> SimpleNamespace:
    """ada, ben, cy, dee, ines, olga, tess."""
    return SimpleNamespace(**{name.lower(): person for name, person in template.items()})


@pytest.fixture
def catalog(app: Flask) -> Any:
    return app.extensions["catalog"]


@pytest.fixture
def make(catalog: Any) -> Callable[..., Any]:
    """A made-up record of any kind: make("lead", cast.ben, name="Grace")."""
    chance = Random(1)
    return lambda kind, owner, /, **values: world.invent(catalog, kind, owner, chance, **values)


class Browser:
    """A client whose every request has its own context, session and user, as in life."""

    def __init__(self, app: Flask, person: world.Person | None) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if person is not None:
            account = db.session.get(Account, person.account_id, populate_existing=True)
            assert account is not None
            with self.client.session_transaction() as session:
                session["_user_id"] = account.get_id()
                session["_fresh"] = True
                session["membership"] = person.membership_id

    def get(self, url: str, **more: Any) -> TestResponse:
        return self._in_fresh_context(self.client.get, url, **more)

    def post(self, url: str, data: Any = None, **more: Any) -> TestResponse:
        return self._in_fresh_context(self.client.post, url, data=data, **more)

    def _in_fresh_context(self, call: Callable[..., TestResponse], *args: Any, **more: Any) -> TestResponse:
        db.session.remove()
        with self.app.app_context():
            answer = call(*args, **more)
        db.session.remove()
        return answer


@pytest.fixture
def browse(app: Flask) -> Callable[..., Browser]:
    """browse(cast.ben) is Ben at his computer; browse() a visitor."""
    return lambda person=None: Browser(app, person)
