"""The instructor's console, plugged in through an entry point (labapp.extensions)."""

from flask import Flask


def extend(app: Flask) -> None:
    """Add the console's pages under /instructor/."""
    from instructor.pages import bp

    app.register_blueprint(bp, url_prefix="/instructor")
