"""Serving what lies below /static/: compressed where the browser can, kept by it for a year."""

import mimetypes
import re

from flask import Flask, Response, abort, request, send_file

from labapp.web.assets import Catalogue, StaticFile, builds, init_assets

BUNDLE = re.compile(r"assets/[a-z]+\.[0-9a-f]+\.(css|js)")
A_YEAR = 365 * 24 * 60 * 60
AN_HOUR = 60 * 60


def init_static(app: Flask) -> Catalogue:
    """Build the bundles and serve /static/. `app` is made with `static_folder=None`. Out: what is served."""
    catalogue = init_assets(app)

    def static(filename: str) -> Response:
        file = catalogue.files.get(filename) or built_by_another(app, filename)
        if file is None:
            abort(404)
        return serve(file, versioned=filename.startswith("assets/") or "v" in request.args)

    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=static, methods=["GET"])
    return catalogue


def built_by_another(app: Flask, name: str) -> StaticFile | None:
    """A bundle of an older or newer version of the program, asked for by its pages while servers are renewed."""
    if not BUNDLE.fullmatch(name):
        return None
    found = next(builds(app).glob(f"*/{name}"), None)
    if found is None:
        return None
    twin = found.parent.parent / "gzip" / f"{name}.gz"
    return StaticFile(found, twin if twin.is_file() else None, found.name.split(".")[1])


def serve(file: StaticFile, *, versioned: bool) -> Response:
    """One file. An address that names a version never changes its content, so it is kept for a year."""
    squeezed = file.compressed is not None and request.accept_encodings["gzip"] > 0
    path = file.compressed if squeezed and file.compressed else file.path
    kind = mimetypes.guess_type(file.path.name)[0] or "application/octet-stream"
    etag = f"{file.version}-gz" if squeezed else file.version
    kept = A_YEAR if versioned else AN_HOUR
    response = send_file(path, mimetype=kind, etag=etag, max_age=kept, conditional=True)
    response.cache_control.public = True
    response.cache_control.immutable = versioned
    response.vary.add("Accept-Encoding")
    if squeezed:
        response.content_encoding = "gzip"
    return response
