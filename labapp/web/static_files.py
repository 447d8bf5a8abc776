"""Serving what lies below /static/: compressed where the browser can, kept by it for a year."""

import mimetypes

from flask import Flask, Response, abort, request, send_file

from labapp.web.assets import Catalogue, StaticFile, init_assets

A_YEAR = 365 * 24 * 60 * 60
AN_HOUR = 60 * 60


def init_static(app: Flask) -> Catalogue:
    """Build the bundles and serve /static/. `app` is made with `static_folder=None`. Out: what is served."""
    catalogue = init_assets(app)

    def static(filename: str) -> Response:
        file = catalogue.files.get(filename)
        if file is None:
            abort(404)
        return serve(file, versioned=filename.startswith("assets/") or "v" in request.args)

    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=static, methods=["GET"])
    return catalogue


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
