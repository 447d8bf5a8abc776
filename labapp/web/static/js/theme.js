/* Runs before the page is drawn, so that a dark page never flashes white. */
(() => {
  "use strict";
  const root = document.documentElement;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "dark" || (wanted !== "light" && night.matches) ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("labapp:theme"));
  };
  night.addEventListener("change", apply);
  document.addEventListener("labapp:theme-chosen", apply);
  apply();
})();
