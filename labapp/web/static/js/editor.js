/* Numbers the lines of [data-editor], and leads a link with data-line, or #L12 in the address, to its line. */
(() => {
  "use strict";
  const { all } = window.labapp;
  const drawn = new WeakSet();

  const draw = (box) => {
    drawn.add(box);
    const frame = document.createElement("div");
    frame.className = "editor";
    const lines = document.createElement("pre");
    lines.className = "editor-lines";
    lines.setAttribute("aria-hidden", "true");
    box.before(frame);
    frame.append(lines, box);
    const number = () => {
      const count = box.value.split("\n").length;
      if (lines.childElementCount === 0 && lines.dataset.count === String(count)) return;
      lines.dataset.count = String(count);
      lines.textContent = Array.from({ length: count }, (_, at) => at + 1).join("\n") + "\n\n";
    };
    const follow = () => {
      lines.style.height = `${box.offsetHeight}px`;
      lines.scrollTop = box.scrollTop;
    };
    box.addEventListener("input", () => { number(); follow(); });
    box.addEventListener("scroll", follow);
    new ResizeObserver(follow).observe(box);
    number();
    follow();
    const asked = /^#L(\d+)$/.exec(location.hash);
    if (asked) show(box, Number(asked[1]));
  };

  /** Puts the cursor on a line and shows it in the middle. */
  const show = (box, line) => {
    const rows = box.value.split("\n");
    const from = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
    box.focus();
    box.setSelectionRange(from, from + (rows[line - 1] || "").length);
    const height = parseFloat(getComputedStyle(box).lineHeight);
    box.scrollTop = Math.max(0, (line - 1) * height - box.clientHeight / 2);
    box.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    const box = link && document.querySelector("textarea[data-editor]");
    if (!box) return;
    event.preventDefault();
    show(box, Number(link.dataset.line));
  });

  window.labapp.drawEditors = (root) => all(root, "textarea[data-editor]").filter((box) => !drawn.has(box)).forEach(draw);
})();
