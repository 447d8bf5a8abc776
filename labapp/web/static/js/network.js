/* Draws [data-network] with Cytoscape; a click on a node, or on a name in the list, goes on from there. */
(() => {
  "use strict";
  const { all, start } = window.labapp;
  const MOST = 150;
  const READABLE = 0.85;
  const SMALL = 500;
  const drawn = new Set();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const looks = () => [
    {
      selector: "node",
      style: {
        label: "data(label)",
        color: colour("--lab-text"),
        "font-family": colour("--bs-body-font-family"),
        "font-size": 11,
        "text-wrap": "wrap",
        "text-max-width": 110,
        "text-overflow-wrap": "anywhere",
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-background-color": colour("--lab-sunken"),
        "text-background-opacity": 0.8,
        "text-background-padding": 1,
        width: 22,
        height: 22,
        "background-color": colour("--lab-accent"),
        shape: "round-rectangle",
      },
    },
    {
      selector: 'node[kind = "contact"]',
      style: { shape: "ellipse", "background-color": colour("--lab-surface"), "border-width": 2, "border-color": colour("--lab-accent") },
    },
    {
      selector: "node.focus",
      style: { width: 34, height: 34, "font-size": 13, "font-weight": 600, "border-width": 4, "border-color": colour("--lab-line-strong") },
    },
    {
      selector: "edge",
      style: {
        label: "data(label)",
        color: colour("--lab-muted"),
        "font-family": colour("--bs-body-font-family"),
        "font-size": 9,
        "text-rotation": "autorotate",
        "text-wrap": "ellipsis",
        "text-max-width": 130,
        "text-background-color": colour("--lab-sunken"),
        "text-background-opacity": 0.9,
        width: 1.2,
        "line-color": colour("--lab-line-strong"),
        "curve-style": "bezier",
        "target-arrow-shape": "triangle",
        "target-arrow-color": colour("--lab-line-strong"),
        "arrow-scale": 0.8,
      },
    },
  ];

  /* The first picture is a ring around the focus; whoever goes on keeps what lies there and lets the new find room. */
  const ring = { name: "concentric", concentric: (node) => (node.hasClass("focus") ? 2 : 1), levelWidth: () => 1, minNodeSpacing: 70, startAngle: -Math.PI / 2 };
  const web = { name: "cose", randomize: false, nodeRepulsion: () => 160000, idealEdgeLength: () => 70, edgeElasticity: () => 60, gravity: 0.5, numIter: 1200, nodeOverlap: 40 };

  const layout = (cy, fresh) => {
    const first = { ...ring, minNodeSpacing: cy.width() < SMALL ? 25 : ring.minNodeSpacing };
    cy.layout({ ...(fresh ? first : web), animate: false, fit: true, padding: 40, nodeDimensionsIncludeLabels: true }).run();
    if (cy.zoom() > 1.3) {
      cy.zoom(1.3);
      cy.center();
    } else if (cy.zoom() < READABLE) {
      cy.zoom(READABLE);
      cy.center(cy.nodes(".focus"));
    }
  };

  /* Where a new node begins: on a circle around the one that was opened. */
  const around = (at, place, count) => {
    const angle = (2 * Math.PI * place) / Math.max(1, count);
    return { x: at.x + 160 * Math.cos(angle), y: at.y + 160 * Math.sin(angle) };
  };

  const add = (cy, graph) => {
    if (cy.nodes().length + graph.nodes.length > MOST) cy.elements().remove();
    const missing = (element) => cy.getElementById(element.id).empty();
    const from = cy.getElementById(graph.focus);
    const at = from.empty() ? { x: 0, y: 0 } : from.position();
    const fresh = graph.nodes.filter(missing);
    cy.add(fresh.map((data, place) => ({ group: "nodes", data, position: around(at, place, fresh.length) })));
    cy.add(graph.edges.filter(missing).map((data) => ({ group: "edges", data })));
    cy.nodes().removeClass("focus");
    cy.getElementById(graph.focus).addClass("focus");
  };

  /* Where one is, and where one came from, follow the walk. */
  const named = (graph) => {
    const record = graph.url.replace(/\/network$/, "");
    for (const link of document.querySelectorAll("[data-network-record], .crumbs li:nth-last-child(2) a")) {
      link.setAttribute("href", record);
      if (!link.matches("[data-network-record]")) link.textContent = graph.title;
    }
    document.title = document.title.replace(/: .* · /, () => `: ${graph.title} · `);
  };

  const draw = (page) => {
    drawn.add(page);
    const box = page.querySelector("[data-network-box]");
    const list = page.querySelector("[data-network-list]");
    const cy = window.cytoscape({ container: box, style: looks(), elements: [], minZoom: 0.2, maxZoom: 3 });
    page.network = cy;
    add(cy, JSON.parse(page.dataset.network));
    layout(cy, true);

    const open = async (url, push = true) => {
      list.setAttribute("aria-busy", "true");
      try {
        const address = new URL(url, location.href);
        address.searchParams.set("format", "json");
        const reply = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (!reply.ok) throw new Error(String(reply.status));
        const graph = await reply.json();
        add(cy, graph);
        layout(cy, false);
        list.innerHTML = graph.list;
        start(list);
        named(graph);
        if (push) history.pushState({ network: url }, "", url);
      } catch {
        location.assign(url);
      } finally {
        list.removeAttribute("aria-busy");
      }
    };

    cy.on("tap", "node", (event) => open(event.target.data("url")));
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-network-open]");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open(link.getAttribute("href")).then(() => list.querySelector("a")?.focus());
    });
    page.querySelector("[data-network-fit]").addEventListener("click", () => cy.fit(undefined, 30));
    window.addEventListener("popstate", () => open(location.pathname, false));
    window.addEventListener("resize", () => cy.resize());
  };

  window.labapp.drawNetworks = (root) => all(root, "[data-network]").filter((page) => !drawn.has(page)).forEach(draw);
  document.addEventListener("labapp:theme", () => drawn.forEach((page) => page.network.style(looks())));
})();
