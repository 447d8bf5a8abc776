/*
 * Nothing typed is lost: what stands in a form with data-draft is kept in the browser until it is saved.
 * A draft belongs to one membership. It goes when the form is saved, at sign-out, when another account
 * signs in (computers of a classroom are shared), and after two weeks.
 */
(() => {
  "use strict";
  const { all, account, make, member, onContent, say } = window.labapp;
  const PREFIX = "labapp.draft|";
  const KEPT_DAYS = 14;
  const timers = new WeakMap();
  const started = new WeakSet();
  let usable = true;

  const guarded = (act, otherwise = null) => {
    try {
      return act();
    } catch {
      usable = false;
      return otherwise;
    }
  };

  const place = (form) => {
    const target = new URL(form.getAttribute("action") || location.href, location.href);
    return `${form.dataset.draft}@${target.pathname}${target.search}`;
  };
  const keyOf = (form) => `${PREFIX}${account()}|${member()}|${place(form)}`;

  const KEPT_HIDDEN = new Set(["version"]);
  const isKept = (field) => {
    if (!field.name || field.name === "csrf_token" || field.dataset.noDraft !== undefined) return false;
    if (field.type === "hidden") return KEPT_HIDDEN.has(field.name);
    return !["password", "file", "submit", "button", "image", "reset", "fieldset", "output"].includes(field.type);
  };
  const fields = (form) => [...form.elements].filter(isKept);

  const options = (select) => [...select.selectedOptions].map((option) => ({ value: option.value, text: option.text }));
  const valueOf = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    return field.tagName === "SELECT" ? options(field) : field.value;
  };
  /** Names repeat (check boxes, rows of lines), so a field is named by name, its place among them, and choice. */
  const snapshot = (form) => {
    const seen = new Map();
    return fields(form).map((field) => {
      const choice = field.type === "checkbox" || field.type === "radio" ? field.value : "";
      const count = seen.get(field.name) ?? 0;
      seen.set(field.name, count + 1);
      return [`${field.name}|${choice || count}`, valueOf(field)];
    });
  };

  const choose = (select, chosen) => {
    for (const { value, text } of chosen) {
      if (![...select.options].some((option) => option.value === value)) select.add(new Option(text, value));
    }
    const values = new Set(chosen.map(({ value }) => value));
    for (const option of select.options) option.selected = values.has(option.value);
    select.tomselect?.sync();
  };
  const put = (field, value) => {
    if (field.type === "checkbox" || field.type === "radio") field.checked = value === true;
    else if (field.tagName === "SELECT") choose(field, value);
    else field.value = value;
  };

  const save = (form) => {
    clearTimeout(timers.get(form));
    timers.delete(form);
    if (form.dataset.draftStill !== undefined) return;
    const draft = { at: Date.now(), values: snapshot(form) };
    guarded(() => localStorage.setItem(keyOf(form), JSON.stringify(draft)));
  };
  const saveSoon = (form) => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 300));
  };
  const forget = (form) => {
    clearTimeout(timers.get(form));
    timers.delete(form);
    form.dataset.saved = "1";
    guarded(() => localStorage.removeItem(keyOf(form)));
  };

  const restore = (form) => {
    const draft = guarded(() => JSON.parse(localStorage.getItem(keyOf(form)) ?? "null"));
    if (!draft) return;
    const before = snapshot(form);
    if (JSON.stringify(before) === JSON.stringify(draft.values)) return;
    const values = new Map(draft.values);
    fields(form).forEach((field, index) => {
      const name = before[index][0];
      if (values.has(name)) put(field, values.get(name));
    });
    form.dataset.dirty = "1";
    form.dispatchEvent(new Event("labapp:restored", { bubbles: true }));
    announce(form, draft.at, before);
  };

  const announce = (form, at, before) => {
    const time = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    const discard = make("button", { type: "button", class: "btn btn-outline-secondary btn-sm" }, say("discard"));
    const note = make("div", { class: "alert alert-info draft-note", role: "status" }, say("restored", { time }), discard);
    discard.addEventListener("click", () => {
      forget(form);
      delete form.dataset.saved;
      delete form.dataset.dirty;
      fields(form).forEach((field, index) => put(field, before[index][1]));
      form.dispatchEvent(new Event("labapp:restored", { bubbles: true }));
      note.remove();
      form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
    form.before(note);
  };

  const drafts = () => guarded(() => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)), []) ?? [];
  const forgetAll = () => drafts().forEach((name) => guarded(() => localStorage.removeItem(name)));
  const isOld = (name) => {
    const draft = guarded(() => JSON.parse(localStorage.getItem(name) ?? "null"));
    return !draft || Date.now() - draft.at > KEPT_DAYS * 86400e3;
  };
  const tidy = () => {
    for (const name of drafts()) {
      const foreign = account() && !name.startsWith(`${PREFIX}${account()}|`);
      if (foreign || isOld(name)) guarded(() => localStorage.removeItem(name));
    }
  };

  const wouldLose = (form) => {
    if (form.dataset.dirty !== "1" || form.dataset.saved === "1" || form.dataset.busy) return false;
    const files = [...form.elements].some((field) => field.type === "file" && field.files.length > 0);
    return files || !usable || form.dataset.guard !== undefined;
  };

  onContent((root) => {
    for (const form of all(root, "form[data-draft]")) {
      if (started.has(form)) continue;
      started.add(form);
      if (!form.querySelector(".is-invalid") && form.dataset.restore !== "no" && form.dataset.draftStill === undefined) restore(form);
      for (const type of ["input", "change"]) {
        form.addEventListener(type, () => {
          form.dataset.dirty = "1";
          delete form.dataset.saved;
          saveSoon(form);
        });
      }
    }
  });

  const flush = () => document.querySelectorAll("form[data-draft]").forEach((form) => timers.has(form) && save(form));
  document.addEventListener("DOMContentLoaded", tidy);
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.hidden && flush());
  window.addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll("form[data-draft], form[data-guard]")].some(wouldLose)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.signOut !== undefined) {
      document.querySelectorAll("form[data-draft]").forEach(forget);
      forgetAll();
    }
  });
  document.addEventListener("input", ({ target }) => {
    if (target.form?.dataset.guard !== undefined) target.form.dataset.dirty = "1";
  });

  window.labapp.drafts = { keep: save, forget, place };
})();
