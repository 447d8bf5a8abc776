/*
 * A board: dragging a card to another column sends the card's own form, the one the keyboard uses too.
 * [data-board] > [data-board-column=KEY] > [data-board-list] > [data-board-card] > form[data-board-move] with a select.
 */
(() => {
  "use strict";
  const { all, load, onContent } = window.labapp;
  const columnOf = (list) => list.closest("[data-board-column]")?.dataset.boardColumn;
  const choiceOf = (card) => card.querySelector("form[data-board-move] select");
  const optionFor = (card, key) => [...(choiceOf(card)?.options ?? [])].find((option) => option.value === key && !option.disabled);

  const move = ({ item: card, from, to, oldIndex }) => {
    if (from === to) return;
    const option = optionFor(card, columnOf(to));
    if (!option) {
      from.insertBefore(card, from.children[oldIndex] ?? null);
      return;
    }
    const select = choiceOf(card);
    select.value = option.value;
    if (option.dataset.action) select.form.setAttribute("action", option.dataset.action);
    select.form.requestSubmit();
  };

  const setUp = (board) => {
    for (const list of board.querySelectorAll("[data-board-list]")) {
      window.Sortable.create(list, {
        group: { name: "board", put: (to, _from, card) => Boolean(optionFor(card, columnOf(to.el))) },
        draggable: "[data-board-card]",
        filter: "a, button, select, input, label",
        preventOnFilter: false,
        ghostClass: "board-ghost",
        sort: false,
        animation: 120,
        delay: 150,
        delayOnTouchOnly: true,
        onEnd: move,
      });
    }
  };

  /** Without a drag: the option may belong to another verb, whose address it then carries. */
  document.addEventListener("change", ({ target }) => {
    const action = target.form?.dataset.boardMove !== undefined && target.selectedOptions?.[0]?.dataset.action;
    if (action) target.form.setAttribute("action", action);
  });

  onContent((root) => {
    const boards = all(root, "[data-board]");
    if (boards.length) load("board").then(() => boards.forEach(setUp)).catch(() => {});
  });
})();
