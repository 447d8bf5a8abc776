"""The reader's language."""

from flask import has_request_context
from flask_babel import get_locale


def language() -> str:
    """The reader's language: zh or en. Outside a request: zh, the language of the house."""
    locale = get_locale() if has_request_context() else None
    return "zh" if locale is None or str(locale.language) == "zh" else "en"
