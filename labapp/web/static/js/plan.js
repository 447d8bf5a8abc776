/* The calendar starts where a page has one; the short form for an event or a task opens as a dialog there. */
(() => {
  "use strict";
  const { all, load, onContent } = window.labapp;
  const dialog = () => document.getElementById("quick-dialog");
  const field = (form, name, value) => {
    if (form.elements[name]) form.elements[name].value = value;
  };
  const fit = (form) => {
    const until = form.elements.until?.closest(".field");
    if (until) until.hidden = form.elements.what.value === "task";
  };

  /** Open the dialog for an event or a task; `at` and `until` are texts like 2026-09-30T14:30. */
  const openQuick = (what, at = "", until = "") => {
    const box = dialog();
    const form = box?.querySelector("[data-quick]");
    if (!form) return;
    field(form, "what", what);
    field(form, "at", at);
    field(form, "until", until);
    fit(form);
    box.showModal();
    form.elements.subject.focus();
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-quick-open]");
    if (opener && dialog() && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      openQuick(opener.dataset.quickOpen, window.labapp.dayShown?.() ?? "");
    }
    if (event.target.closest("[data-quick-close]")) dialog()?.close();
  });
  document.addEventListener("change", ({ target }) => {
    if (target.name === "what" && target.form?.dataset.quick !== undefined) fit(target.form);
  });

  window.labapp.openQuick = openQuick;
  onContent((root) => {
    all(root, "[data-quick]").forEach(fit);
    const found = all(root, "[data-calendar]");
    if (found.length) load("calendar").then(() => found.forEach(window.labapp.drawCalendar)).catch(() => {});
  });
})();
