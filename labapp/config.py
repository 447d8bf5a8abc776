"""Every setting with its default and the name of its environment variable."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

UPLOAD_TYPES = frozenset("pdf doc docx xls xlsx ppt pptx txt csv md png jpg jpeg gif webp zip".split())


def data_folder() -> Path:
    """The instance folder: database, uploads, archives, backups (LABAPP_DATA, else ./instance)."""
    return Path(os.environ.get("LABAPP_DATA", "instance")).resolve()


def settings(folder: Path | None = None) -> dict[str, Any]:
    """The settings of one application, read from the environment.

    In: the data folder (default `data_folder()`). Out: a mapping for `app.config`.
    """
    data = folder or data_folder()
    data.mkdir(parents=True, exist_ok=True)
    proxies = int(os.environ.get("LABAPP_PROXY", "0"))
    return {
        "DATA": data,
        "SQLALCHEMY_DATABASE_URI": os.environ.get(
            "LABAPP_DATABASE_URL", f"sqlite:///{data / 'labapp.sqlite'}"
        ),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(),
        "SECRET_KEY": os.environ.get("LABAPP_SECRET_KEY") or kept_secret(data),
        "PROXIES": proxies,
        "HTTPS": os.environ.get("LABAPP_HTTPS", "") == "1",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_REFRESH_EACH_REQUEST": False,  # identity does it every five minutes
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": os.environ.get("LABAPP_HTTPS", "") == "1",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=int(os.environ.get("LABAPP_SESSION_HOURS", "12"))),
        "MAX_CONTENT_LENGTH": int(os.environ.get("LABAPP_MAX_UPLOAD_MB", "21")) * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "UPLOAD_LIMIT": 20 * 1024 * 1024,
        "ARCHIVE_LIMIT": 4 * 1024 * 1024 * 1024,
        "SANDBOX_LIMIT": 1024 * 1024 * 1024,
        "RESTORE_LIMIT": int(os.environ.get("LABAPP_MAX_RESTORE_MB", "2048")) * 1024 * 1024,
        "UPLOAD_TYPES": UPLOAD_TYPES,
        "EXPORT_ROWS": 100_000,
        "LANGUAGES": ("zh", "en"),
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": True,
        "DEMO": False,
    }


def engine_options() -> dict[str, Any]:
    """How many connections a process keeps (LABAPP_CONNECTIONS: as many as it has threads), and for how long.

    The connection used last has the pages of the database at hand. One more per thread is for what a job or a chore
    needs beside its own. Behind PgBouncer (LABAPP_PGBOUNCER) no statement is prepared: the next one may meet another
    connection of the server.
    """
    connections = int(os.environ.get("LABAPP_CONNECTIONS", "8"))
    options = {
        "pool_use_lifo": True,
        "pool_size": connections,
        "max_overflow": connections,
        "pool_recycle": 300,
    }
    if os.environ.get("LABAPP_PGBOUNCER", "") == "1":
        return {**options, "connect_args": {"prepare_threshold": None}}
    return options


def kept_secret(data: Path) -> str:
    """The secret kept in the instance folder, made at the first start, readable by its owner only.

    Of processes that start together one makes it, and all read the same.
    """
    path = data / "secret.key"
    if not path.exists():
        made = data / f"secret.{secrets.token_hex(8)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without second names
            made.replace(path)
        made.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
