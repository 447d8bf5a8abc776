"""Django admin over the leads: `python -m benchmarks.sides.django_site FOLDER` serves it."""

import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from benchmarks.serve import serve
from benchmarks.sides import LOGIN, PASSWORD, PRAGMAS
from benchmarks.sides.copy import copy_leads

APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)  # as `django-admin startproject` has them
PROCESSORS = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)

urlpatterns: list[Any] = []


def configure(path: Path) -> None:
    """What a project's settings say."""
    pragmas = "".join(f"PRAGMA {pragma};" for pragma in PRAGMAS)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "CONN_MAX_AGE": None}
    settings.configure(
        SECRET_KEY="of a benchmark",  # noqa: S106 - it guards nothing
        DEBUG=False,
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in APPS), "benchmarks.sides.crm"],
        MIDDLEWARE=list(MIDDLEWARE),
        ROOT_URLCONF=__name__ if __name__ != "__main__" else "benchmarks.sides.django_site",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": list(PROCESSORS)},
            }
        ],
        DATABASES={"default": {**database, "OPTIONS": {"init_command": pragmas}}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LANGUAGE_CODE="zh-hans",
        STATIC_URL="/static/",
        USE_TZ=False,
    )
    django.setup()


def site(folder: Path) -> Any:
    """The application over a database of its own in this folder, made and filled anew."""
    path = folder / "django.sqlite"
    for old in folder.glob("django.sqlite*"):
        old.unlink()
    configure(path)
    from django.contrib import admin
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connection
    from django.urls import path as route

    import benchmarks.sides.django_site as itself

    call_command("migrate", run_syncdb=True, verbosity=0)
    get_user_model().objects.create_superuser(LOGIN, "", PASSWORD)
    connection.close()
    copy_leads(folder / "labapp.sqlite", path, "crm_person", "crm_lead")
    itself.urlpatterns.append(route("admin/", admin.site.urls))
    return get_wsgi_application()


if __name__ == "__main__":
    serve(site(Path(sys.argv[1])))
