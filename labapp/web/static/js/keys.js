/*
 * Going through work by the keyboard: an element with data-key is pressed by that key (j, k, …), Ctrl+Enter sends the
 * form one types in. Letters stay letters in fields of text; a field of figures (data-figures) lets them through.
 */
(() => {
  "use strict";
  const inText = (target) => target.closest("textarea, select, [contenteditable], input:not([data-figures], [type=checkbox], [type=radio])");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.metaKey || event.isComposing) return;
    if (event.ctrlKey) {
      const form = event.key === "Enter" && event.target.closest("form[data-keys]");
      if (form) form.requestSubmit();
      return;
    }
    if (inText(event.target)) return;
    const pressed = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase());
    if (!pressed) return;
    event.preventDefault();
    pressed.click();
  });

  /** In a text that is read line by line: where one stands is said, and a mistake's line is gone to. */
  const lineOf = (text, place) => text.slice(0, place).split("\n").length;
  const tellLine = ({ target }) => {
    const place = target.matches?.("textarea[data-lines]") && document.getElementById(target.dataset.lines);
    if (place) place.textContent = lineOf(target.value, target.selectionStart);
  };
  for (const type of ["keyup", "click", "input", "focusin"]) document.addEventListener(type, tellLine);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    const box = link && document.querySelector(link.getAttribute("href"));
    if (!box) return;
    event.preventDefault();
    const rows = box.value.split("\n");
    const row = Math.min(Number(link.dataset.line), rows.length) - 1;
    const start = rows.slice(0, row).join("\n").length + (row ? 1 : 0);
    box.focus();
    box.setSelectionRange(start, start + rows[row].length);
    box.scrollTop = (row - 4) * parseFloat(getComputedStyle(box).lineHeight);
    tellLine({ target: box });
  });
})();
