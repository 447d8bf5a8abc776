"""Messages of templates, looked up once per language: a page has dozens of them."""

from flask import Flask, g
from flask_babel import gettext
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

_known: dict[tuple[str, str], str] = {}


def install_words(app: Flask) -> None:
    """Replace `_` and `gettext` of the templates of `app`; to be called after Flask-Babel is there."""
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = translated


@pass_eval_context
def translated(context: EvalContext, message: str, **values: object) -> str:
    """The message in the language of the request, its %(name)s filled in and escaped."""
    text = translation(message)
    marked = Markup(text) if context.autoescape else text  # noqa: S704 - messages are ours
    return marked % values if "%" in text else marked


def translation(message: str) -> str:
    babel = g.get("_flask_babel")
    locale = getattr(babel, "babel_locale", None)
    if locale is None:
        return str(gettext(message))
    key = (str(locale), message)
    if key not in _known:
        _known[key] = gettext(message)
    return _known[key]
