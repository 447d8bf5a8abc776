/* A paper that is being sat: time left, questions answered, and the page anew when the time is over. */
(() => {
  "use strict";
  const { all } = window.labapp;
  const drawn = new WeakSet();

  const draw = (bar) => {
    drawn.add(bar);
    let ends = Date.now() + Number(bar.dataset.seconds) * 1000;
    const shown = bar.querySelector("[data-exam-left]");
    const done = bar.querySelector("[data-exam-done]");
    const meter = bar.querySelector("progress");
    const form = bar.closest("form");
    const warning = form.querySelector("[data-exam-warning]");
    const { confirm: sure } = form.dataset;
    bar.querySelector("[data-plain]").hidden = true;

    const count = () => {
      const names = new Set();
      all(form, ".exam-question input").forEach((input) => {
        if (input.type === "radio" || input.type === "checkbox" ? input.checked : input.value.trim()) names.add(input.name);
      });
      done.textContent = String(names.size);
      meter.value = names.size;
      const open = meter.max - names.size;
      form.dataset.confirm = open > 0 ? bar.dataset.open.replace("{count}", open).replace("{total}", meter.max) : sure;
    };

    let told = 0;
    const tick = () => {
      if (!bar.isConnected) return;
      const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
      shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      shown.parentElement.classList.toggle("is-short", seconds <= 300);
      const stage = seconds <= 60 ? 2 : seconds <= 300 ? 1 : 0;
      if (stage > told) {
        told = stage;
        warning.textContent = stage === 2 ? warning.dataset.one : warning.dataset.five;
      }
      if (seconds > 0) setTimeout(tick, 500);
      else setTimeout(() => location.reload(), 1200);
    };

    /* What could not be saved is sent again until it is: without network, or once one is signed in again. */
    const saver = form.querySelector("[data-exam-saver]");
    let again = 0;
    const saveAgain = () => {
      clearTimeout(again);
      again = setTimeout(() => (document.querySelector("dialog[open], .modal.show") ? saveAgain() : window.htmx.trigger(saver, "exam-save")), 4000);
    };
    const lost = () => {
      const state = form.querySelector(".exam-state");
      state.textContent = bar.dataset.lost;
      state.classList.add("exam-late");
      saveAgain();
    };
    saver.addEventListener("htmx:sendError", lost);
    saver.addEventListener("htmx:timeout", lost);
    saver.addEventListener("htmx:responseError", lost);
    saver.addEventListener("htmx:afterOnLoad", ({ detail }) => {
      if (detail.xhr.status >= 300) return;
      clearTimeout(again);
      const state = form.querySelector(".exam-state");
      state.classList.remove("exam-late");
      const left = state.querySelector("[data-seconds]"); /* minutes may have been given meanwhile */
      if (left) ends = Date.now() + Number(left.dataset.seconds) * 1000;
    });
    form.addEventListener("labapp:restored", () => { count(); window.htmx.trigger(saver, "exam-save"); });
    if (form.dataset.dirty === "1") window.htmx.trigger(saver, "exam-save");

    form.addEventListener("input", count);
    count();
    tick();
  };

  /* The server says UTC; the reader sees the time of the own clock. */
  const clocks = (root) => all(root, "time[data-clock]").forEach((time) => {
    const at = new Date(time.getAttribute("datetime"));
    if (!Number.isNaN(at.getTime())) time.textContent = at.toLocaleTimeString([], { hour12: false });
  });

  window.labapp.drawExams = (root) => {
    all(root, "[data-exam]").filter((bar) => !drawn.has(bar)).forEach(draw);
    clocks(root);
  };
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    clocks(detail.target ?? document);
    if (document.querySelector(".exam-state [data-reload]")) setTimeout(() => location.reload(), 2500);
  });
})();
