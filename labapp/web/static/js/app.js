/* Small manners of pages: rows that are links, narrow tables as cards, colours, printing, charts when needed. */
(() => {
  "use strict";
  const { all, load, onContent, session } = window.labapp;
  const narrow = window.matchMedia("(max-width: 767.98px)");

  /** A table on a narrow screen becomes cards; each cell says its column. */
  const asCards = (frame) => {
    const table = frame.querySelector("table");
    if (!table || frame.dataset.table === "wide") return;
    if (narrow.matches && !table.dataset.labelled) {
      const labels = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
      for (const row of [...(table.tBodies[0]?.rows ?? []), ...(table.tFoot?.rows ?? [])]) {
        [...row.cells].forEach((cell, index) => labels[index] && cell.colSpan === 1 && cell.tagName === "TD" && (cell.dataset.label = labels[index]));
      }
      table.dataset.labelled = "1";
    }
    table.classList.toggle("table-cards", narrow.matches);
  };
  const allAsCards = (root) => all(root, "[data-table]").forEach(asCards);
  narrow.addEventListener("change", () => allAsCards(document));

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    const busy = event.target.closest("a, button, input, label, select, textarea, summary");
    if (!row || busy || event.defaultPrevented || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });

  /** Colours change at once; the choice is sent behind the page's back. */
  const NEXT = { light: "dark", dark: "auto", auto: "light" };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.themeForm === undefined) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const chosen = button.value;
    const body = new URLSearchParams(new FormData(form, button));
    fetch(form.getAttribute("action"), { method: "POST", body, headers: session.HEADERS }).catch(() => {});
    document.documentElement.dataset.theme = chosen;
    document.dispatchEvent(new CustomEvent("labapp:theme-chosen"));
    button.value = NEXT[chosen] ?? "light";
    button.title = form.dataset[`label${chosen[0].toUpperCase()}${chosen.slice(1)}`];
    button.ariaLabel = button.title;
  }, true);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) await navigator.clipboard?.writeText(button.dataset.copy).catch(() => {});
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches?.("[data-submit-on-change]")) target.form?.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const box = document.getElementById("search-box");
      if (box?.offsetParent) {
        event.preventDefault();
        box.focus();
      }
    }
  });

  /** One box that ticks all boxes of a name in its form; hidden where there is no script. */
  document.addEventListener("change", ({ target }) => {
    const name = target.dataset?.checkAll;
    if (name) all(target.form, `input[type="checkbox"][name="${name}"]`).forEach((box) => (box.checked = target.checked));
  });

  /** A long menu shows the entry of this page, a long list the row that is picked. */
  const showPlace = (frame) => {
    const here = frame.querySelector(".active, .picked");
    if (here) frame.scrollTop = Math.max(0, here.offsetTop - frame.clientHeight / 2);
  };

  onContent((root) => {
    allAsCards(root);
    all(root, ".side-body, .was-list").forEach(showPlace);
    all(root, "[data-check-all]").forEach((box) => (box.hidden = false));
    if (all(root, "canvas[data-chart]").length) load("chart").then(() => window.labapp.drawCharts(root)).catch(() => {});
    if (all(root, ".exam, .exam-outcomes, .exam-attempts, .exam-waiting").length) load("exam").then(() => window.labapp.drawExams(root)).catch(() => {});
    if (all(root, "textarea[data-editor]").length) load("editor").then(() => window.labapp.drawEditors(root)).catch(() => {});
    if (all(root, "[data-network]").length) load("network").then(() => window.labapp.drawNetworks(root)).catch(() => {});
  });
})();
