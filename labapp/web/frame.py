"""The frame around every page: static files, headers, and the words templates use for both."""

import re
from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path
from secrets import token_hex
from typing import Any

from flask import Flask, render_template
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from labapp.people.words import language
from labapp.web.application import KeptTemplates
from labapp.web.assets import SOURCES, Catalogue
from labapp.web.client_messages import client_messages
from labapp.web.headers import init_headers
from labapp.web.navigation import initials, sections
from labapp.web.parts import breadcrumbs, definitions, history_items, pager, related_sections
from labapp.web.rows import table_rows
from labapp.web.static_files import init_static
from labapp.web.words import install_words

KEPT = 500


def init_frame(app: Flask) -> None:
    """Everything of the frame that an application needs, in one call.

    `app` is made with `static_folder=None`, has the setting DATA (or ASSETS_FOLDER) and Flask-Babel.
    Templates get `asset_url(name)`, `bundle_url(name, kind)`, `lazy_bundles`, `icon(name)`,
    `client_messages()`, `initials(name)`, `language()`, `table_rows`, `definitions`,
    `related_sections`, `history_items`, `breadcrumbs`, `pager` and `kept(macro, …)`.
    """
    init_headers(app)
    install_words(app)
    catalogue = init_static(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = KeptTemplates(Path(app.config["DATA"]) / "templates", "trimmed, stripped")
    app.jinja_env.globals.update(
        asset_url=catalogue.url,
        bundle_url=lambda name, kind: catalogue.bundles[name][kind],
        lazy_bundles=catalogue.lazy_bundles(),
        icon=IconMaker(catalogue),
        kept=Keeper(),
        language=language,
        client_messages=client_messages,
        initials=initials,
        nav_sections=sections,
        table_rows=table_rows,
        breadcrumbs=breadcrumbs,
        pager=pager,
        related_sections=related_sections,
        definitions=definitions,
        history_items=history_items,
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
    """Remembers what macros made whose outcome hangs on their values alone: the menus, the top of the page."""

    def __init__(self) -> None:
        self.made: OrderedDict[Hashable, list[str]] = OrderedDict()
        self.mark = token_hex(8)  # nobody can write it into a text that a macro shows

    def __call__(self, macro: Macro, *values: Any, source: Any = None, **holes: object) -> Markup:
        """The outcome of the macro for these values (hashable, or lists or dicts of such); one names the language.

        `holes` are what differs from request to request: the macro gets marks in their place, which may stand in
        texts and attributes but decide nothing, and the values are put in, escaped, every time. `source` is handed
        to the macro as it is, for what the values say by name.
        """
        key = (macro.name, *map(_key_of, values))
        pieces = self.made.get(key)
        if pieces is None:
            marks = {name: Markup(f"{self.mark}{name}.") for name in holes}  # noqa: S704 - hexadecimal digits
            pieces = self.made[key] = re.split(
                rf"{self.mark}(\w+)\.",
                macro(*values, **marks, **({} if source is None else {"source": source})),
            )
            while len(self.made) > KEPT:
                self.made.popitem(last=False)
        if len(pieces) == 1:
            return Markup(pieces[0])  # noqa: S704 - a template made it
        filled = {name: str(escape(value)) for name, value in holes.items()}
        parts = pieces.copy()
        parts[1::2] = [filled[name] for name in pieces[1::2]]
        return Markup("".join(parts))  # noqa: S704 - a template made it, and the values are escaped


def _key_of(value: Any) -> Hashable:
    if type(value) is list:
        return tuple(value)
    return tuple(value.items()) if type(value) is dict else value


def licences() -> str:
    """The notices page: the licence of every library whose code the browser gets."""
    found = sorted((SOURCES / "vendor" / "licences").glob("*.txt"))
    return render_template("licences.html", licences=[(path.stem, text_of(path)) for path in found])


def text_of(path: Path) -> str:
    return path.read_text("utf-8")
