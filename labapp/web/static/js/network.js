/* Draws [data-network] with Cytoscape; a click on a node, or on a name in the list, goes on from there. */
(() => {
  "use strict";
  const { all, start } = window.labapp;
  const MOST = 150;
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

  const layout = (cy, fresh) => {
    cy.layout({
      name: "cose",
      animate: false,
      randomize: fresh,
      fit: true,
      padding: 30,
      nodeRepulsion: () => 26000,
      idealEdgeLength: () => 110,
      nodeOverlap: 30,
      componentSpacing: 80,
      numIter: 700,
    }).run();
    if (cy.zoom() > 1.4) {
      cy.zoom(1.4);
      cy.center();
    }
  };

  const add = (cy, graph) => {
    if (cy.nodes().length + graph.nodes.length > MOST) cy.elements().remove();
    const missing = (element) => cy.getElementById(element.id).empty();
    cy.add(graph.nodes.filter(missing).map((data) => ({ group: "nodes", data })));
    cy.add(graph.edges.filter(missing).map((data) => ({ group: "edges", data })));
    cy.nodes().removeClass("focus");
    cy.getElementById(graph.focus).addClass("focus");
  };

  const draw = (page) => {
    drawn.add(page);
    const box = page.querySelector("[data-network-box]");
    const list = page.querySelector("[data-network-list]");
    const cy = window.cytoscape({ container: box, style: looks(), elements: [], minZoom: 0.2, maxZoom: 3, wheelSensitivity: 0.3 });
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
