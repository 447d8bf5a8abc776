/* The class wall: what is ticked stays ticked when the rows are renewed; tick everybody, or those who are stuck. */
(() => {
  "use strict";
  const { say } = window.labapp;
  const wall = document.getElementById("wall");
  const form = document.getElementById("wall-hint");
  if (!wall) return;
  const boxes = () => [...wall.querySelectorAll('input[name="member"]')];
  const stuck = form?.querySelector("[data-wall-stuck]");
  let ticked = new Set();

  const draw = () => {
    const rows = boxes();
    ticked = new Set(rows.filter((box) => box.checked).map((box) => box.value));
    const head = wall.querySelector("[data-wall-all]");
    if (head) {
      head.checked = rows.length > 0 && ticked.size === rows.length;
      head.indeterminate = ticked.size > 0 && ticked.size < rows.length;
    }
    if (stuck) stuck.hidden = !rows.some((box) => "stuck" in box.dataset);
    const count = form?.querySelector("[data-wall-count]");
    if (count) count.textContent = ticked.size ? say("selected", { count: ticked.size }) : "";
  };
  const tick = (wanted) => {
    for (const box of boxes()) box.checked = wanted(box);
    draw();
  };

  wall.addEventListener("change", ({ target }) => {
    if (target.matches("[data-wall-all]")) tick(() => target.checked);
    else draw();
  });
  stuck?.addEventListener("click", () => tick((box) => "stuck" in box.dataset));
  wall.addEventListener("htmx:afterSwap", () => tick((box) => ticked.has(box.value)));
  draw();
})();
