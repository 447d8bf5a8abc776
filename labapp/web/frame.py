"""The frame around every page: static files, headers, and the words templates use for both."""

from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path

from flask import Flask, render_template
from jinja2.runtime import Macro
from markupsafe import Markup

from labapp.web.assets import SOURCES, Catalogue
from labapp.web.client_messages import client_messages
from labapp.web.headers import init_headers
from labapp.web.navigation import initials, sections
from labapp.web.rows import table_rows
from labapp.web.static_files import init_static
from labapp.web.words import install_words

KEPT = 500


def init_frame(app: Flask) -> None:
    """Everything of the frame that an application needs, in one call.

    `app` is made with `static_folder=None`, has the setting DATA (or ASSETS_FOLDER) and Flask-Babel.
    Templates get `asset_url(name)`, `bundle_url(name, kind)`, `lazy_bundles`, `icon(name)`,
    `client_messages()`, `initials(name)`, `table_rows` and `kept(macro, …)`.
    """
    init_headers(app)
    install_words(app)
    catalogue = init_static(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset_url=catalogue.url,
        bundle_url=lambda name, kind: catalogue.bundles[name][kind],
        lazy_bundles=catalogue.lazy_bundles(),
        icon=IconMaker(catalogue),
        kept=Keeper(),
        client_messages=client_messages,
        initials=initials,
        nav_sections=sections,
        table_rows=table_rows,
    )
    app.add_url_rule("/licences", endpoint="licences", view_func=licences)


class IconMaker:
    """Makes the drawing of an icon from the sprite; remembers the ones already made."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.sprite = catalogue.url("vendor/icons.svg")
        self.made: dict[str, Markup] = {}

    def __call__(self, name: str) -> Markup:
        """`name` is one of labapp/web/icons.txt. The drawing is hidden from screen readers."""
        if name not in self.made:
            markup = Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>')
            self.made[name] = markup.format(self.sprite, name)
        return self.made[name]


class Keeper:
    """Remembers what macros made whose outcome hangs on their values alone: menus, the constant part of the head."""

    def __init__(self) -> None:
        self.made: OrderedDict[Hashable, Markup] = OrderedDict()

    def __call__(self, macro: Macro, *values: Hashable) -> Markup:
        """The outcome of the macro for these values, of which one names the language."""
        key = (macro.name, values)
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = Markup(macro(*values))  # noqa: S704 - a template made it
            while len(self.made) > KEPT:
                self.made.popitem(last=False)
        return found


def licences() -> str:
    """The notices page: the licence of every library whose code the browser gets."""
    found = sorted((SOURCES / "vendor" / "licences").glob("*.txt"))
    return render_template("licences.html", licences=[(path.stem, text_of(path)) for path in found])


def text_of(path: Path) -> str:
    return path.read_text("utf-8")
