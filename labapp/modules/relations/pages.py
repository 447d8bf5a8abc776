"""The network of a customer or contact: a graph one walks from node to node, and the same as a list."""

from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.rules import granted
from labapp.modules.relations.network import MOST, Neighbour, Tie, around, relations
from labapp.records import looks
from labapp.records.catalog import catalog
from labapp.records.links import Links
from labapp.records.views.common import crumbs, me, open_type, record_or_404, wants_json

BLUEPRINT = Blueprint("network", __name__, template_folder="templates")
SLUGS = {"customer": "customers", "contact": "contacts"}


@BLUEPRINT.get("/<any(customers, contacts):slug>/<int:record_id>/network")
def network(slug: str, record_id: int) -> ResponseReturnValue:
    """The record in focus with its neighbours: the page, or as JSON what opening a node adds to the graph."""
    actor, record_type = open_type(slug, "open")
    record = record_or_404(actor, record_type, record_id)
    neighbours, more = around(actor, record, record_type.name)
    context: dict[str, Any] = {
        "type": record_type,
        "record": record,
        "title": record_type.title_of(record),
        "neighbours": neighbours,
        "more": more,
        "most": MOST,
        "slugs": SLUGS,
        "labels": {kind: catalog()[kind].label for kind in SLUGS},
        "may_relate": granted(actor, record_type.name, "relate") and granted(actor, "relation", "create"),
    }
    graph = graph_of(record_type, record, neighbours)
    looks.looked(actor, record_type.name, "open", record, answers={"view": "network"})
    if wants_json():
        return jsonify({**graph, "list": render_template("relation/_around.html", **context)})
    title = record_type.title_of(record)
    inner = [(title, f"/{slug}/{record.id}"), (_("Network"), None)]
    return render_template(
        "relation/network.html", graph=graph, crumbs=crumbs(record_type, *inner), **context
    )


def graph_of(record_type: Any, record: Any, neighbours: list[Neighbour]) -> dict[str, Any]:
    """Nodes and edges as the graph takes them; the words of an edge say what its end is to its beginning."""
    focus = node(record_type.name, record.id, record_type.title_of(record))
    edges = [
        {
            "id": "+".join(sorted((focus["id"], other.key))),
            "source": focus["id"],
            "target": other.key,
            "label": " · ".join(other.words[:2]),
        }
        for other in neighbours
    ]
    nodes = [focus, *(node(other.kind, other.id, other.title) for other in neighbours)]
    return {
        "focus": focus["id"],
        "title": focus["label"],
        "url": focus["url"],
        "nodes": nodes,
        "edges": edges,
    }


def node(kind: str, record_id: int, title: str) -> dict[str, str]:
    return {
        "id": f"{kind}-{record_id}",
        "kind": kind,
        "label": title,
        "url": f"/{SLUGS[kind]}/{record_id}/network",
    }


@BLUEPRINT.app_template_global("typed_relations")
def typed_relations(kind: str, record: Any) -> list[tuple[Tie, Any]]:
    """The typed relations of a record with links to their other ends: what its own page shows."""
    actor = me()
    if "relation" not in actor.reads:
        return []
    links, ties = Links(actor), relations(actor, kind, record.id)
    for tie in ties:
        links.want(tie.kind, [tie.id])
    return [(tie, links.shown(tie.kind, tie.id)) for tie in ties]
