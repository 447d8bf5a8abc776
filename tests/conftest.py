"""One cast for all tests (see world.py): Ada manages Ben and Cy. Dee is in another class. Ines instructs, Tess assists,
Olga observes. Every test starts from the same database, copied from a template made once per process."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
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

from labapp.app import create_app
from labapp.db import db
from labapp.db.migrate import create_all
from labapp.gradebook import coach, live
from labapp.people.models import Account
from labapp.people.passwords import hash_password
from tests import world

pytest_plugins = ["tests.postgres"]
# How fast examples come says more about the machine than about the code.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session")
def app_once(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application of this process, over a file that `app` renews for every test."""
    folder = tmp_path_factory.mktemp("labapp")
    settings = {
        "TESTING": True,
        "DATA": folder,
        "SECRET_KEY": "tests only",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'test.sqlite'}",
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "BABEL_DEFAULT_LOCALE": "en",
    }
    return create_app(settings)


@pytest.fixture(scope="session")
def template(app_once: Flask) -> tuple[Path, dict[str, world.Person]]:
    """The database every test starts from, and the cast in it."""
    with app_once.app_context():
        create_all()
        cast = world.build(password_hash=hash_password(world.PASSWORD))
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        db.engine.dispose()
    path = Path(app_once.config["DATA"])
    shutil.copy(path / "test.sqlite", path / "template.sqlite")
    return path / "template.sqlite", cast


@pytest.fixture
def app(app_once: Flask, template: tuple[Path, Any]) -> Iterator[Flask]:
    """The application over a fresh copy of the template, inside an application context that speaks English."""
    file = Path(app_once.config["DATA"]) / "test.sqlite"
    with app_once.app_context():
        db.engine.dispose()
        for end in ("", "-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        shutil.copy(template[0], file)
        coach.forget()
        live.forget()
        with force_locale("en"):
            yield app_once
        db.session.remove()


@pytest.fixture
def cast(app: Flask, template: tuple[Path, dict[str, world.Person]]) -> SimpleNamespace:
    """ada, ben, cy, dee, ines, olga, tess."""
    return SimpleNamespace(**{name.lower(): person for name, person in template[1].items()})


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
