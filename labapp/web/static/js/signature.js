/* A plan that becomes a mail gets the signature below its text, and loses it again if it becomes something else. */
(() => {
  "use strict";
  document.addEventListener("change", ({ target }) => {
    const text = target.name === "activity_type" && target.form?.querySelector("textarea[data-signature]");
    if (!text) return;
    const below = text.dataset.signature;
    const alone = text.value.endsWith(below) ? text.value.slice(0, -below.length) : text.value;
    text.value = target.value === "mail" ? alone + below : alone;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
