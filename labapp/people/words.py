"""The reader's language."""

from flask import g, has_request_context
from flask_babel import get_locale

here = g._get_current_object  # asked itself: `g` takes five times as long to ask


def language() -> str:
    """The reader's language: zh or en. Outside a request: zh, the language of the house."""
    if not has_request_context():
        return "zh"
    locale = getattr(here().get("_flask_babel"), "babel_locale", None) or get_locale()
    return "zh" if locale is None or str(locale.language) == "zh" else "en"
