"""What a browser that was never here before has to fetch for a list, besides the page itself."""

import re

from benchmarks.client import Client

SOURCE = re.compile(r'<(?:script[^>]* src|link[^>]* href)="(/static/[^"]+)"')
SPRITE = re.compile(r'<use href="(/static/[^"#]+)#')


def code_of_first_visit(client: Client, path: str) -> dict[str, int]:
    """Bytes over the wire of every script, style sheet and the sprite of icons the page names, compressed."""
    page = client.get(path).text
    wanted = dict.fromkeys([*SOURCE.findall(page), *SPRITE.findall(page)])
    found = {url: len(client.get(url, **{"Accept-Encoding": "gzip"}).body) for url in wanted}
    return {url.partition("?")[0].rpartition("/")[2]: size for url, size in found.items()}
