"""What every template knows: who reads, where they are, which pages are open to them."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Locale
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf

from labapp.access.actor import Actor
from labapp.access.rules import why_closed
from labapp.lifecycle.moving import may_end_day
from labapp.notices.board import unread
from labapp.people.directory import by_number
from labapp.people.enrol import entrances, names_in
from labapp.people.words import here, this_request
from labapp.records.catalog import catalog
from labapp.records.once import form_key
from labapp.values import dataclass
from labapp.web.navigation import Menu, NavItem, mark_active

CHILDREN = ("parent", "hanging", "between")
CONSOLE: dict[str, tuple[Any, str]] = {
    "registrations": (_l("Registrations"), "person-check"),
    "users": (_l("People"), "people"),
    "roster": (_l("Roster"), "clipboard"),
    "positions": (_l("Positions"), "diagram-3"),
    "sharing": (_l("Sharing"), "share"),
    "groups": (_l("Sharing groups"), "people-fill"),
    "matrix": (_l("Visibility matrix"), "grid"),
    "organisation": (_l("Organisation"), "building-gear"),
    "service": (_l("Service desk"), "headset"),
    "segments": (_l("Segments"), "pie-chart"),
    "codes": (_l("Code tables"), "list-ul"),
    "fields": (_l("Custom fields"), "toggles2"),
    "quotas": (_l("Quotas"), "bullseye"),
    "log": (_l("Operation log"), "journal-text"),
    "grades": (_l("Grades"), "award"),
    "wall": (_l("Class wall"), "columns"),
    "disputes": (_l("Disputes"), "chat-dots"),
    "exams": (_l("Examinations"), "patch-check"),
    "integrity": (_l("Integrity"), "shield-check"),
    "courses": (_l("Courses"), "mortarboard"),
    "sandboxes": (_l("Sandboxes"), "collection"),
    "scenarios": (_l("Scenarios"), "rocket"),
    "clock": (_l("Clock"), "clock"),
    "semester": (_l("Semester"), "archive"),
    "jobs": (_l("Jobs"), "hourglass-split"),
}
CONSOLE_MENU: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _l("Class"),
        (
            "courses",
            "registrations",
            "roster",
            "users",
            "wall",
            "grades",
            "disputes",
            "exams",
            "log",
            "integrity",
        ),
    ),
    (_l("Who sees what"), ("positions", "sharing", "groups", "matrix")),
    (_l("Company"), ("organisation", "codes", "fields", "quotas", "service", "segments")),
    (_l("Laboratory"), ("scenarios", "clock", "sandboxes", "semester", "jobs")),
)
STAFF_PAGES = frozenset({"courses", "scenarios"})
NO_MENU = Menu()


@dataclass(frozen=True)
class Place:
    """The sandbox as the frame shows it. `lab_now` is lab time; `ends_day`: whether the reader ends the day here."""

    id: int
    name: str
    title: str
    state: str
    lab_now: datetime
    stepped: bool
    ends_day: bool
    unit: str = ""

    @property
    def heading(self) -> str:
        """What the top bar calls it: the course and, where it has several sandboxes, which of them."""
        return f"{self.title} · {self.unit}" if self.unit else self.title


def init_context(app: Flask) -> None:
    app.context_processor(frame_context)
    app.jinja_env.globals["form_key"] = form_key
    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """The token of this session's forms; Flask-WTF makes the first, and asks the settings for every form."""
    known = here().get("csrf_token")
    return str(known or generate_csrf())


def language_of_reader() -> str:
    """zh or en: the account's choice, else this browser's, else what the browser asks for, else the house's."""
    account = here().get("account") if has_request_context() else None
    if account is not None and account.language in {"zh", "en"}:
        return str(account.language)
    house = "zh" if str(current_app.config["BABEL_DEFAULT_LOCALE"]).startswith("zh") else "en"
    if not has_request_context():
        return house
    chosen = account.language if account is not None else None
    chosen = chosen or request.cookies.get("language")
    if chosen in {"zh", "en"}:
        return str(chosen)
    return request.accept_languages.best_match(["zh", "en"], house) or house


ENGLISH, CHINESE = Locale.parse("en"), Locale.parse("zh_Hans_CN")  # Babel finds Chinese under this name only


def locale_of_reader() -> Locale:
    """The locale selector."""
    return ENGLISH if language_of_reader() == "en" else CHINESE


def theme_of_reader() -> str:
    account = g.get("account")
    chosen = account.theme if account is not None else request.cookies.get("theme")
    return chosen if chosen in {"light", "dark"} else "auto"


def frame_context() -> dict[str, Any]:
    """The names that base.html and base_public.html use."""
    mine, path = here(), this_request().path
    actor: Actor | None = mine.get("actor")
    locale = language_of_reader()
    return {
        "account": mine.get("account"),
        "actor": actor,
        "csrf_token": csrf_token,
        "viewer": mine.get("viewer"),
        "closed": why_closed(actor.state) if actor is not None and actor.frozen else None,
        "own_account": mine.get("viewer_account") or mine.get("account"),
        "locale": locale,
        "theme": theme_of_reader(),
        "org_name": org_name(actor, locale),
        "org_lines": org_lines(actor, locale),
        "sandbox": place(actor),
        "sandboxes": sandboxes(),
        "nav": mark_active(nav(actor, locale), path),
        "console_nav": mark_active(console_nav(actor, locale), path),
        "crumbs": [],
        "bell": bell(actor, mine.get("bell")) if actor is not None else 0,
        "coach": asked("coach_strip", actor),
        "calendar_url": "/calendar" if actor is not None and has_page("/calendar") else None,
    }


def bell(actor: Actor, read: int | None) -> int:
    """How many notices the actor has not read. `read`: as it was when who asks was read; what writes asks anew."""
    return read if read is not None and request.method == "GET" else unread(actor.id)


def org_name(actor: Actor | None, locale: str) -> str:
    """The simulated company's name in the reader's language."""
    if actor is None:
        return "labapp"
    return str(actor.settings.get(f"organisation.name.{locale}") or g.course_title or "labapp")


def org_lines(actor: Actor | None, locale: str) -> list[str]:
    """Address, phone and website of the simulated company, for printed pages (product.md P9)."""
    if actor is None:
        return []
    names = (
        f"organisation.address.{locale}",
        "organisation.postcode",
        "organisation.phone",
        "organisation.website",
    )
    return [str(actor.settings[name]) for name in names if actor.settings.get(name)]


def place(actor: Actor | None) -> Place | None:
    if actor is None:
        return None
    sandbox = g.sandbox
    return Place(
        sandbox.id,
        sandbox.name,
        g.course_title,
        sandbox.state,
        actor.lab_now,
        sandbox.clock_mode == "stepped",
        may_end_day(actor, sandbox.unit),
        sandbox.unit,
    )


@dataclass(frozen=True)
class Elsewhere:
    """Where else an account may go: (label, address to post to, whether here) of courses, and within this one."""

    courses: tuple[tuple[str, str, bool], ...] = ()
    within: tuple[tuple[str, str, bool], ...] = ()


NOWHERE = Elsewhere()


def sandboxes() -> Elsewhere:
    """The account's places, read where there are several; those in this course that are present, by number."""
    if not g.get("elsewhere"):
        return NOWHERE
    found = entrances(g.account.id)
    here = next((one for one in found if one.membership_id == g.membership.id), None)
    courses = {one.course_id: one for one in found if not one.past}
    if here is not None:
        courses[here.course_id] = here
    mine = [one for one in found if here and one.course_id == here.course_id and not one.past]
    names = names_in([one.sandbox_id for one in mine]) if len(mine) > 1 else {}
    titles = [one.title for one in courses.values()]
    return Elsewhere(
        tuple(
            (
                one.title if titles.count(one.title) == 1 else f"{one.title} · {one.course}",
                f"/sandbox/{one.membership_id}",
                one == here,
            )
            for one in courses.values()
        ),
        tuple(
            (
                " · ".join([one.unit or one.sandbox, *names.get(one.sandbox_id, [])[:3]]),
                f"/sandbox/{one.membership_id}",
                one == here,
            )
            for one in sorted(mine, key=lambda one: by_number(one.sandbox))
            if len(mine) > 1
        ),
    )


def nav(actor: Actor | None, locale: str) -> Menu:
    """Home and the modules whose pages are open to the actor, in this language."""
    if actor is None:
        return NO_MENU
    leads = bool(actor.below) or actor.sees_all
    hidden = {"/team": not leads, "/exams": not actor.settings.get("exams.shown")}
    return _nav(actor.reads, pages(), frozenset(url for url, away in hidden.items() if away), locale)


@lru_cache
def _nav(reads: frozenset[str], pages: frozenset[str], hidden: frozenset[str], locale: str) -> Menu:
    kinds = {
        name: NavItem(str(t.plural), f"/{t.slug}/", t.icon)
        for name, t in catalog().items()
        if name in reads and t.parent is None and t.model.reach not in CHILDREN
    }
    further = {
        url: NavItem(str(label), url, icon) for url, (label, icon) in FURTHER.items() if url in pages - hidden
    }
    found = [NavItem(str(_l("Home")), "/", "house")]
    for group, names in MENU:
        items = [kinds.pop(name, None) or further.get(name) for name in names]
        found += [replace(item, group=str(group)) for item in items if item is not None]
    return Menu((*found, *kinds.values()))


FURTHER: dict[str, tuple[Any, str]] = {
    "/calendar": (_l("Calendar"), "calendar3"),
    "/team": (_l("Team"), "people"),
    "/reports": (_l("Reports"), "bar-chart"),
    "/coach": (_l("My tasks"), "mortarboard"),
    "/exams": (_l("Examinations"), "patch-check"),
}
# The menu: headings with kinds of records and pages under them. What stands nowhere comes last.
MENU: tuple[tuple[Any, tuple[str, ...]], ...] = (
    ("", ("/coach", "/exams", "/calendar", "activity")),
    (_l("Sales"), ("lead", "customer", "contact", "opportunity", "competitor", "forecast", "quota")),
    (_l("Marketing"), ("campaign",)),
    (_l("Service"), ("ticket", "survey", "article")),
    (_l("Products and documents"), ("product", "category", "document")),
    (_l("Overview"), ("/reports", "/team", "announcement")),
)


def console_nav(actor: Actor | None, locale: str) -> Menu:
    """The console pages open to the actor, in this language; to makers of courses also outside a sandbox."""
    open_pages = actor.console if actor is not None else frozenset()
    account = g.get("account")
    if account is not None and (account.instructor or account.administrator):
        open_pages |= STAFF_PAGES
    return _console(open_pages, pages(), locale)


@lru_cache
def _console(open_pages: frozenset[str], pages: frozenset[str], locale: str) -> Menu:
    return Menu(
        NavItem(str(label), f"/instructor/{name}", icon, group=str(group))
        for group, names in CONSOLE_MENU
        for name, (label, icon) in ((name, CONSOLE[name]) for name in names)
        if name in open_pages and f"/instructor/{name}" in pages
    )


def has_page(url: str) -> bool:
    """Whether the application has a page at this address, with or without a slash at its end."""
    return url.rstrip("/") in pages()


def forget_pages(app: Flask) -> None:
    """The application has other pages than before."""
    app.extensions.pop("labapp_pages", None)


def pages() -> frozenset[str]:
    """The addresses of the application's pages, without a slash at their ends."""
    known: frozenset[str] | None = current_app.extensions.get("labapp_pages")
    if known is None:
        rules = (
            rule.rule.rstrip("/")
            for rule in current_app.url_map.iter_rules()
            if "GET" in (rule.methods or ())
        )
        known = current_app.extensions["labapp_pages"] = frozenset(rules)
    return known


def asked(name: str, actor: Actor | None) -> Any:
    """What an extension of the application says for this actor: the coach strip."""
    ask = current_app.extensions.get(name)
    return ask(actor) if ask is not None and actor is not None else None
