"""The program, assembled. Read top to bottom: nothing else is wired anywhere."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect

from labapp import config, modules
from labapp.access import guard
from labapp.access.actor import Actor
from labapp.access.errors import NotDone
from labapp.admission import Admission
from labapp.db import db, is_sqlite
from labapp.db.timing import follow
from labapp.records import views
from labapp.records.catalog import catalog_of
from labapp.records.once import Repeated
from labapp.records.report_fronts import bp as reports
from labapp.records.views.repeated import not_done_or_repeated, repeated
from labapp.scenario import models, task  # noqa: F401 (its tables and its long work)
from labapp.web import (
    account,
    brief,
    calendar,
    clock,
    coach,
    context,
    grades,
    health,
    home,
    notices,
    requestlog,
    search,
    team,
    viewing,
)
from labapp.web.application import Application
from labapp.web.errors import init_errors
from labapp.web.frame import init_frame
from labapp.web.identity import init_identity
from labapp.web.limits import init_limits

AT_ONCE_SQLITE, AT_ONCE = 1, 2  # requests that compute: a server's answer is waited for, a file's is computed
babel = Babel()
csrf = CSRFProtect()
Extension = Callable[[Flask], None]


def create_app(
    settings: dict[str, Any] | None = None, extensions: Iterable[Extension] | None = None
) -> Flask:
    """The application. `settings` override the environment's; `extensions` default to what is installed."""
    app = begun(settings)
    complete(app, extensions)
    return app


def begun(settings: dict[str, Any] | None = None) -> Flask:
    """The application as far as the way in needs it. `complete` adds the rest (`labapp.web.growing`)."""
    app = Application(
        "labapp", static_folder=None, template_folder="web/templates", root_path=str(Path(__file__).parent)
    )
    app.config.from_mapping(config.settings((settings or {}).get("DATA")))
    app.config.from_mapping(settings or {})
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")

    db.init_app(app)
    with app.app_context():
        places = AT_ONCE_SQLITE if is_sqlite() else AT_ONCE
        app.wsgi_app = Admission(app.wsgi_app, places)  # type: ignore[method-assign]  # Flask's own way to wrap it
        if not app.testing:
            follow(db.engine)
    babel.init_app(app, locale_selector=context.locale_of_reader)
    known = app.extensions["catalog"] = catalog_of(modules)
    init_frame(app)
    requestlog.init_request_log(app)
    init_identity(app)
    csrf.init_app(app)
    init_limits(app)
    init_errors(app)
    app.register_error_handler(NotDone, not_done_or_repeated)
    app.register_error_handler(Repeated, repeated)
    context.init_context(app)
    coach.init_coach(app)
    app.extensions["deal_seat"] = deal_seat
    app.extensions["open_further"] = open_further

    app.register_blueprint(health.bp)
    app.register_blueprint(account.bp)
    app.register_blueprint(home.bp)
    app.register_blueprint(calendar.bp)
    app.register_blueprint(clock.bp)
    app.register_blueprint(notices.bp)
    app.register_blueprint(coach.bp)
    app.register_blueprint(brief.bp)
    app.register_blueprint(grades.bp)
    app.register_blueprint(search.bp)
    app.register_blueprint(team.bp)
    app.register_blueprint(viewing.bp)
    for blueprint in known.blueprints:
        app.register_blueprint(blueprint)
    app.register_blueprint(reports)
    app.register_blueprint(views.bp)
    return app


def complete(app: Flask, extensions: Iterable[Extension] | None = None) -> None:
    """What is done beside the pages, and what else is installed: the instructor console."""
    from labapp.lifecycle import chores

    chores.register()
    for extend in installed() if extensions is None else extensions:
        extend(app)
    context.forget_pages(app)


def deal_seat(actor: Actor, membership_id: int) -> None:
    """See `scenario.late`. Imported when it is needed: it takes a tenth of the time of a start, and few need it."""
    from labapp.scenario import late

    late.deal_seat(actor, membership_id)


def open_further(course_id: int) -> int:
    """See `scenario.late`."""
    from labapp.scenario import late

    return late.open_further(course_id)


def installed() -> list[Extension]:
    """Whatever else is on this machine: the instructor console."""
    from importlib.metadata import entry_points

    return [found.load() for found in entry_points(group="labapp.extensions")]


guard.install(db.session)
