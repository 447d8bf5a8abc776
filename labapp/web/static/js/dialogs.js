/* Questions before an act that cannot be taken back, in a <dialog>. */
(() => {
  "use strict";
  const { make, say } = window.labapp;

  /** Show a dialog built by `fill(dialog)`; the promise gives its return value ("" when dismissed). */
  const open = (title, fill) =>
    new Promise((answer) => {
      const heading = make("h2", { id: "dialog-title" }, title);
      const dialog = make("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, heading);
      fill(dialog);
      dialog.addEventListener("close", () => {
        answer(dialog.returnValue);
        dialog.remove();
      });
      document.body.append(dialog);
      dialog.showModal();
    });

  const button = (label, tone, attributes = {}) => make("button", { class: `btn btn-${tone}`, ...attributes }, label);

  /** Ask `question`; the promise gives true for yes. `label` and `tone` are those of the act itself. */
  const ask = async (question, label, tone) => {
    const answer = await open(say("confirm_title"), (dialog) => {
      const no = button(say("cancel"), "outline-secondary", { value: "", formnovalidate: "" });
      const yes = button(label || say("ok"), tone, { value: "yes", autofocus: "" });
      dialog.append(
        make("p", {}, question),
        make("form", { method: "dialog", class: "dialog-buttons" }, no, yes),
      );
    });
    return answer === "yes";
  };

  Object.assign(window.labapp, { openDialog: open, ask, dialogButton: button });
})();
