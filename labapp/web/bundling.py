"""Putting bundles together with Flask-Assets. Imported only where something is to be built."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from flask import Flask
from flask_assets import Bundle, Environment
from webassets.filter import Filter

if TYPE_CHECKING:
    from labapp.web.assets import Parts


class EndStatement(Filter):
    """Ends every script with a semicolon, so that the next one does not continue its last statement."""

    name: ClassVar[str] = "end_statement"  # type: ignore[assignment,misc]  # webassets says None

    def input(self, _in: Any, out: Any, **_kw: Any) -> None:
        out.write(_in.read() + "\n;\n")


def build_bundles(app: Flask, folder: Path, sources: Path, bundles: "Mapping[str, Parts]") -> None:
    """Write every bundle into `assets` of this folder, and a manifest that names each with its version."""
    environment = Environment(app)
    environment.directory = str(folder)
    environment.url = "/static"
    environment.append_path(str(sources))
    environment.versions = "hash"
    environment.manifest = f"json:{folder / 'manifest.json'}"
    environment.auto_build = False
    environment.cache = False
    for name, parts in bundles.items():
        for kind, files in (("css", parts.css), ("js", parts.js)):
            if files:
                filters = (EndStatement,) if kind == "js" else None
                bundle = Bundle(*files, filters=filters, output=f"assets/{name}.%(version)s.{kind}")
                environment.register(f"{name}_{kind}", bundle)
                bundle.build(force=True)
