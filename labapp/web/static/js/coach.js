/* The strip with the next task is renewed after every write, in this tab and in the others. */
(() => {
  "use strict";
  const { member } = window.labapp;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("labapp") : null;
  const MARK = "labapp.wrote";

  const refresh = () => window.htmx?.trigger(document.body, "coach-refresh");
  const tell = () => channel?.postMessage({ wrote: member() });
  const wrote = () => {
    tell();
    refresh();
  };
  /** A form that leaves the page: the next page tells. */
  const willWrite = () => {
    try {
      sessionStorage.setItem(MARK, "1");
    } catch {
      /* without storage, others hear of it when they ask next */
    }
  };
  const arrived = () => {
    try {
      const marked = sessionStorage.getItem(MARK) === "1";
      sessionStorage.removeItem(MARK);
      if (marked || document.body.dataset.wrote === "1") tell();
    } catch {
      if (document.body.dataset.wrote === "1") tell();
    }
  };

  channel?.addEventListener("message", ({ data }) => {
    if (data?.wrote && data.wrote === member()) refresh();
  });
  document.addEventListener("DOMContentLoaded", arrived);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if ((detail.xhr?.getResponseHeader("HX-Trigger") ?? "").includes("coach-refresh")) tell();
  });

  /** What an unchanged answer would draw is there already: hints stay open, the focus stays where it is. */
  const shown = new Map(); // the ETag of what each renewed part shows
  const opened = (root) => [...root.querySelectorAll("details[data-keep][open]")].map(({ dataset }) => dataset.keep);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, xhr } = detail;
    if (target?.dataset.coach === undefined && target?.id !== "coach-strip") return;
    const tag = xhr.getResponseHeader("ETag");
    if (xhr.status === 304 || (tag && tag === shown.get(target.id))) detail.shouldSwap = false;
    else {
      shown.set(target.id, tag);
      target.dataset.open = JSON.stringify(opened(target));
    }
  });
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    for (const name of JSON.parse(target?.dataset.open ?? "[]")) {
      const found = [...target.querySelectorAll("details[data-keep]")].find(({ dataset }) => dataset.keep === name);
      if (found) found.open = true;
    }
  });

  Object.assign(window.labapp, { wrote, willWrite });
})();
