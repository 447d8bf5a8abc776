"""Parts of a record's page as markup. In Python, because every page has dozens of them and a template takes longer."""

from collections.abc import Callable, Container, Iterable, Sequence
from html import escape
from typing import Any

from markupsafe import Markup

from labapp.records.words import said
from labapp.web.rows import known, markup_of, plain_table
from labapp.web.words import word as _

Pair = tuple[str, object, bool]


def breadcrumbs(crumbs: Sequence[tuple[object, str | None]]) -> Markup:
    """The way to a page: (label, address) from the top; the last is the page itself."""
    if not crumbs:
        return Markup()
    *above, (here, _url) = crumbs
    items = [
        f'<li class="breadcrumb-item"><a href="{escape(url)}">{markup_of(label)}</a></li>'
        if url
        else f'<li class="breadcrumb-item">{markup_of(label)}</li>'
        for label, url in above
    ]
    items.append(f'<li class="breadcrumb-item active" aria-current="page">{markup_of(here)}</li>')
    return Markup(  # noqa: S704 - escaped above and by markup_of
        f'<nav class="crumbs" aria-label="{escape(_("Where you are"))}"><ol class="breadcrumb">\n'
        + "\n".join(items)
        + "\n</ol></nav>"
    )


def pager(next_url: str | None, first_url: str | None, is_later: bool, icon: Callable[[str], str]) -> Markup:
    """The ways to the first and to the next page of a list; nothing where this is all of it."""
    if not (next_url or is_later):
        return Markup()
    more = f" {icon('chevron-right')}"
    ways = ((first_url, "", _("First page"), ""), (next_url, ' rel="next"', _("Next page"), more))
    links = [
        f'<a class="btn btn-outline-secondary btn-sm"{rel} href="{escape(url)}">{escape(words)}{mark}</a>'
        for url, rel, words, mark in ways
        if url
    ]
    return Markup(  # noqa: S704 - escaped above
        f'<nav class="pager" aria-label="{escape(_("Pages"))}">\n' + "\n".join(links) + "\n</nav>"
    )


def definitions(pairs: Iterable[Pair]) -> Markup:
    """`<div>`s of a definition list: (label, value, whether it is long); what is not there shows as a dash."""
    nothing = f'<span class="nothing" aria-label="{known(_("empty"))}">–</span>'
    made = [
        f"<div{WIDE if long else ''}><dt>{known(str(label))}</dt><dd>{markup_of(value) or nothing}</dd></div>"
        for label, value, long in pairs
    ]
    return Markup("\n".join(made))  # noqa: S704 - escaped above and by markup_of


WIDE = ' class="definition-wide"'


def related_sections(lists: Iterable[Any], told: Container[str], icon: Callable[[str], str]) -> Markup:
    """The `<section>`s under a record, one per `records.related.RelatedList` whose kind is not told elsewhere."""
    words = _("Show all"), _("Add"), _("Nothing here yet.")
    shown = (one for one in lists if one.record_type.name not in told)
    return Markup("\n".join(_section(one, words, icon) for one in shown))  # noqa: S704 - escaped there


def _section(one: Any, words: tuple[str, str, str], icon: Callable[[str], str]) -> str:
    all_, add, nothing = words
    about = one.record_type
    plural, label = known(said(about.plural)), known(said(about.label))
    tools = f'<a href="{escape(one.all_url)}">{all_}</a> ' if one.more else ""
    if one.add_url is not None:
        tools += (
            f'<a class="btn btn-outline-secondary btn-sm" href="{escape(one.add_url)}">{icon("plus")} {add}'
            f'<span class="visually-hidden"> {label}</span></a>'
        )
    empty = f'<p class="card-body text-body-secondary mb-0">{nothing}</p>'
    return (
        f'<section class="card related" id="related-{about.slug}"><h2 class="card-header">{icon(about.icon)} {plural} '
        f'<span class="card-tools">{tools}</span></h2>\n{plain_table(one.table) if one.table.rows else empty}</section>'
    )


def history_items(entries: Iterable[Any], origin_label: Callable[[str], str], mark: str) -> Markup:
    """`<li>`s of a record's timeline, one per `records.history.Entry`; `mark` is the drawing before each."""
    return Markup("\n".join(_item(entry, origin_label, mark) for entry in entries))  # noqa: S704 - escaped there


def _item(entry: Any, origin_label: Callable[[str], str], mark: str) -> str:
    badges = [_("merged: %(title)s", title=entry.of)] if entry.of else []
    badges += [origin_label(entry.origin)] if entry.origin != "screen" else []
    title = escape(str(entry.verb_label))
    title += "".join(f' <span class="badge tone-secondary">{escape(text)}</span>' for text in badges)
    moment = entry.lab_at.isoformat()
    said = escape(f"{entry.member} · {_('step %(number)s', number=entry.step)}")
    moved = "".join(map(_moved, entry.moved))
    moved = f'<ul class="moved">{moved}</ul>' if moved else ""
    words = f'<p class="timeline-text">{escape(entry.said)}</p>' if entry.said else ""
    return (
        f'<li class="timeline-item"><span class="timeline-mark" aria-hidden="true">{mark}</span>'
        f'<div class="timeline-body"><p class="timeline-title">{title}</p>'
        f'<p class="timeline-meta"><time datetime="{moment}">{moment[:10]} {moment[11:16]}</time> · {said}</p>'
        f"{words}{moved}</div></li>"
    )


def _moved(move: Any) -> str:
    label, before, after = (escape(str(text)) for text in (move.label, move.before or "–", move.after or "–"))
    return f"<li>{label}: <del>{before}</del> → <ins>{after}</ins></li>"
