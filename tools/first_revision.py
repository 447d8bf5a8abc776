"""Write the first revision anew from the models: python tools/first_revision.py.

For as long as no release has gone out. Afterwards a change of the models is a revision of its own:
python tools/first_revision.py "what changes".
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from flask import Flask

from labapp.app import create_app
from labapp.config import settings
from labapp.db import db
from labapp.db.migrate import FOLDER, config, head

VERSIONS = FOLDER / "versions"
SAID = {"0": "sa.false()", "1": "sa.true()"}  # what SQLite calls a number is none elsewhere


def main(arguments: list[str]) -> None:
    """Write a revision file from what the models say and the revisions so far do not."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {**settings(Path(folder)), "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/empty.sqlite"}
        )
        if arguments:
            write(app, f"{int(head()) + 1:04d}", " ".join(arguments))
        else:
            for file in VERSIONS.glob("*.py"):
                file.unlink()
            write(app, "0001", "first")


def write(app: Flask, revision: str, message: str) -> None:
    """One revision, compared with a database brought to the newest revision there is."""
    with app.app_context(), db.engine.connect() as connection, connection.begin():
        settings = config(connection)
        settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        command.upgrade(settings, "head")
        command.revision(settings, message, autogenerate=True, rev_id=revision)
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")
    tidy(VERSIONS / f"{revision}_{slug}.py")


def tidy(file: Path) -> None:
    """As the rest of the code looks, without Alembic's remarks."""
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.lstrip().startswith("# ###")]
    text = re.sub(
        r'(?<=sa.Boolean\(\), server_default=)sa.text\([\'"]([01])[\'"]\)',
        lambda said: SAID[said[1]],
        "\n".join(lines),
    )
    file.write_text(text + "\n", "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "--quiet", str(file)], check=False)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(file)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
