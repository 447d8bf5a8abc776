"""Markdown as it is shown: no raw HTML gets in, and only harmless tags come out."""

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:  # read with the first text that is shown: it takes a fiftieth of a start
    from markdown_it import MarkdownIt

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "a", "ul", "ol", "li"),
    *("blockquote", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
FIRST_HEADING, LAST_HEADING = 3, 6  # below the page's title and the card's


@cache
def _markdown() -> "MarkdownIt":
    """CommonMark with tables and struck text, without HTML and without pictures from elsewhere."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image"])


def rendered(text: str | None) -> Markup:
    """The text as safe markup; headings begin at the third level."""
    import nh3

    reader = _markdown()
    tokens = reader.parse(text or "")
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(LAST_HEADING, int(token.tag[1]) + FIRST_HEADING - 1)}"
    env: dict[str, Any] = {}
    html = reader.renderer.render(tokens, reader.options, env)
    # Cleaned by nh3: no tag, attribute or scheme beyond those above.
    return Markup(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES))  # noqa: S704 - cleaned here
