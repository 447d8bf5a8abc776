"""Headers that every answer carries, and redirects as forms sent by fetch read them."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

MISSING = tuple((name.lower(), (name, value)) for name, value in ALWAYS.items())
FETCHED = "labapp"
LOCATION = "X-Labapp-Location"


def init_headers(app: Flask) -> None:
    """Put the headers on every answer of `app`. HSTS only where the setting HTTPS says so."""
    app.after_request(secure)
    app.after_request(redirect_for_fetch)


def secure(response: Response) -> Response:
    """Add what is missing; a view that needs another value has set it itself."""
    headers = response.headers
    there = {name.lower() for name, _value in headers}
    headers.extend([pair for name, pair in MISSING if name not in there])
    if "cache-control" not in there:
        headers["Cache-Control"] = "private, no-cache" if "ETag" in headers else "no-store"
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def is_fetched() -> bool:
    """Whether the request was sent by the page's own script, which wants 401 instead of a sign-in page."""
    return request.headers.get("X-Requested-With") == FETCHED


def redirect_for_fetch(response: Response) -> Response:
    """Answer a form sent by fetch with the address to go to.

    fetch would follow the redirect itself, and the page it then throws away would use up the messages
    that were flashed for the reader.
    """
    if is_fetched() and response.status_code in (301, 302, 303) and response.location:
        response.headers[LOCATION] = response.headers.pop("Location")
        response.status_code = 204
        response.set_data(b"")
    return response
