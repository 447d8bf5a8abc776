"""The sentences that scripts show, in the reader's language, as one JSON text kept per language."""

import json

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

MESSAGES = {
    "ok": _l("OK"),
    "cancel": _l("Cancel"),
    "close": _l("Close"),
    "confirm_title": _l("Please confirm"),
    "no_connection": _l("No connection to the server. Nothing you typed is lost: send it again in a moment."),
    "too_large": _l("What you sent is larger than this place takes."),
    "not_saved": _l("The server could not save this. Nothing you typed is lost."),
    "restored": _l("What you typed at {time} and did not save was put back."),
    "discard": _l("Discard it"),
    "signed_out": _l("Your session has ended. Sign in again, and what you typed is sent."),
    "sign_in": _l("Sign in"),
    "login": _l("Student number or e-mail"),
    "password": _l("Password"),
    "sign_in_failed": _l("That did not work. Check number and password."),
    "other_account": _l("Another account has signed in here. This page belongs to the former one."),
    "selected": _l("{count} selected"),
    "all_selected": _l("All {count} that match the filter are selected"),
    "no_results": _l("Nothing found"),
    "search_hint": _l("Type to search"),
    "remove": _l("Remove"),
    "ten_thousand": _l("10,000 yuan"),
}

_made: dict[str, str] = {}


def client_messages() -> str:
    """JSON object of all sentences in the language of the request."""
    language = str(get_locale())
    if language not in _made:
        _made[language] = json.dumps({key: str(text) for key, text in MESSAGES.items()}, ensure_ascii=False)
    return _made[language]
