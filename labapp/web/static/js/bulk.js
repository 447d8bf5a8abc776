/* Choosing rows of a list for an act on many: one by one, the page, or all that match the filter. */
(() => {
  "use strict";
  const { all, onContent, say } = window.labapp;

  const setUp = (bar) => {
    const id = bar.dataset.bulk;
    const total = bar.dataset.total ?? "";
    const boxes = () => [...document.querySelectorAll(`input[name="ids"][form="${id}"]`)];
    const head = document.querySelector(`[data-bulk-all="${id}"]`);
    const everything = bar.querySelector("[data-bulk-everything]");
    const offer = bar.querySelector("[data-bulk-select-everything]");

    const draw = () => {
      const rows = boxes();
      const picked = rows.filter((box) => box.checked);
      if (picked.length < rows.length) everything.value = "";
      rows.forEach((box) => box.closest("tr, li")?.classList.toggle("picked", box.checked));
      bar.toggleAttribute("data-some", picked.length > 0);
      if (head) {
        head.checked = picked.length > 0 && picked.length === rows.length;
        head.indeterminate = picked.length > 0 && picked.length < rows.length;
      }
      if (offer) offer.hidden = everything.value === "1" || picked.length < rows.length || Number(total) === rows.length;
      const words = everything.value === "1" ? say("all_selected", { count: total }) : say("selected", { count: picked.length });
      bar.querySelector("[data-bulk-count]").textContent = picked.length ? words : "";
    };
    const pick = (value) => {
      boxes().forEach((box) => (box.checked = value));
      everything.value = "";
      draw();
    };

    bar.dataset.ready = "1";
    head?.addEventListener("change", () => pick(head.checked));
    boxes().forEach((box) => box.addEventListener("change", draw));
    bar.querySelector("[data-bulk-clear]")?.addEventListener("click", () => pick(false));
    offer?.addEventListener("click", () => {
      pick(true);
      everything.value = "1";
      draw();
    });
    draw();
  };

  /** The head of a table whose boxes go along with a form around it; without scripts it is hidden. */
  const checkAll = (head) => {
    head.hidden = false;
    const boxes = () => [...head.form.querySelectorAll(`input[type="checkbox"][name="${head.dataset.checkAll}"]`)];
    head.addEventListener("change", () => boxes().forEach((box) => (box.checked = head.checked)));
    head.form.addEventListener("change", () => {
      const picked = boxes().filter((box) => box.checked).length;
      head.checked = picked > 0 && picked === boxes().length;
      head.indeterminate = picked > 0 && picked < boxes().length;
    });
  };

  onContent((root) => {
    all(root, "form[data-bulk]:not([data-ready])").forEach(setUp);
    all(root, "input[data-check-all]").filter((head) => head.form).forEach(checkAll);
  });
})();
