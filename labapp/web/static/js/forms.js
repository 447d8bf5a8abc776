/*
 * Sending forms. Every POST is guarded against a double click; a failure always opens it again.
 * Forms with data-draft are sent by fetch, so that an ended session or a lost network leaves the page,
 * and all that was typed, where it is.
 */
(() => {
  "use strict";
  const { ask, drafts, make, onContent, say, session, start } = window.labapp;
  const confirmed = new WeakSet();
  const renewed = new WeakSet();

  const free = (form) => {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
  };
  const occupy = (form) => {
    form.dataset.busy = "1";
    form.setAttribute("aria-busy", "true");
  };
  const isPost = (form, submitter) =>
    (submitter?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get").toLowerCase() === "post";

  const tell = (form, text) => {
    form.querySelector(":scope > .send-note")?.remove();
    const note = make("div", { class: "alert alert-danger send-note", role: "alert", tabindex: "-1" }, text);
    form.prepend(note);
    note.focus();
    note.scrollIntoView({ block: "nearest" });
  };

  /** A server that stops reading leaves no answer behind, so what it would not take is not sent. */
  const isTooLarge = (form) => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    return files.reduce((sum, file) => sum + file.size, 0) > Number(form.dataset.most ?? Infinity);
  };

  const request = (form, submitter) => {
    const data = new FormData(form, submitter);
    const files = form.enctype === "multipart/form-data";
    const action = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
    return fetch(action, {
      method: "POST",
      body: files ? data : new URLSearchParams(data),
      headers: session.HEADERS,
      credentials: "same-origin",
    });
  };

  const send = async (form, submitter) => {
    occupy(form);
    drafts.keep(form);
    try {
      await receive(form, submitter, await request(form, submitter));
    } catch {
      free(form);
      tell(form, say("no_connection"));
    }
  };

  const receive = async (form, submitter, reply) => {
    const target = reply.headers.get("X-Labapp-Location") ?? (reply.redirected ? reply.url : null);
    if (target) return saved(form, target);
    const answer = await read(reply);
    if (reply.status === 401 || answer.ended) return again(form, submitter);
    free(form);
    const twin = [...answer.dom.querySelectorAll("form[data-draft]")].some((other) => other.dataset.draft === form.dataset.draft);
    if (answer.dom.getElementById("page") && (reply.ok || twin)) return show(answer.dom, reply);
    return tell(form, answer.sentence || say("not_saved"));
  };

  /** An answer is a page, or JSON with the sentence of a refusal. */
  const read = async (reply) => {
    if ((reply.headers.get("Content-Type") ?? "").includes("json")) {
      const { error, reason, sentence } = await reply.json();
      return { dom: new Document(), sentence: sentence ?? (/^\d+$/.test(error) ? "" : error), ended: reason === "csrf" };
    }
    const dom = new DOMParser().parseFromString(await reply.text(), "text/html");
    const words = ["[data-error-sentence]", ".error-way"].map((name) => dom.querySelector(name)?.textContent.trim());
    return { dom, sentence: words.filter(Boolean).join(" "), ended: dom.body.dataset.error === "csrf" };
  };

  const again = async (form, submitter) => {
    const good = !renewed.has(form) && (await session.renew());
    free(form);
    if (!good) return tell(form, say("not_saved"));
    renewed.add(form);
    await send(form, submitter);
    renewed.delete(form);
    return null;
  };

  const saved = (form, target) => {
    drafts.forget(form);
    window.labapp.wrote?.();
    const url = new URL(target, location.href);
    const here = url.pathname + url.search === location.pathname + location.search;
    if (here && url.hash) {
      location.hash = url.hash;
      location.reload();
    } else location.assign(url);
  };

  /** Put the page of an answer in the place of this one: a form with its errors, a preview, a next step. */
  const show = (dom, reply) => {
    const page = document.adoptNode(dom.getElementById("page"));
    document.getElementById("page").replaceWith(page);
    document.title = dom.title;
    if (reply.url && reply.url !== location.href) history.pushState({ sent: true }, "", reply.url);
    for (const form of page.querySelectorAll("form[data-draft]")) form.dataset.restore = "no";
    window.htmx?.process(page);
    start(page);
    window.scrollTo(0, 0);
    (page.querySelector(".errors-summary") ?? page.querySelector("[autofocus]") ?? page.querySelector("main"))?.focus();
  };

  const question = async (form, submitter) => {
    const words = submitter?.dataset.confirm ?? form.dataset.confirm;
    const tone = [...(submitter?.classList ?? [])].some((name) => name.includes("danger")) ? "danger" : "primary";
    if (!(await ask(words, submitter?.textContent.trim() || submitter?.ariaLabel, tone))) return;
    confirmed.add(form);
    form.requestSubmit(submitter ?? undefined);
  };

  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.busy) {
      event.preventDefault();
      return;
    }
    const needsAnswer = (submitter?.dataset.confirm ?? form.dataset.confirm) !== undefined;
    if (needsAnswer && !confirmed.has(form)) {
      event.preventDefault();
      question(form, submitter);
      return;
    }
    confirmed.delete(form);
    if (!isPost(form, submitter)) return;
    if (isTooLarge(form)) {
      event.preventDefault();
      tell(form, say("too_large"));
      return;
    }
    if (form.dataset.draft !== undefined) {
      event.preventDefault();
      send(form, submitter);
    } else {
      occupy(form);
      setTimeout(() => free(form), 3000);
      if (form.dataset.signOut === undefined) window.labapp.willWrite?.();
    }
  });

  onContent((root) => window.labapp.all(root, "form[data-busy]").forEach(free));
  window.addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[data-busy]").forEach(free));
  window.addEventListener("popstate", (event) => {
    if (event.state?.sent || document.querySelector('form[data-restore="no"]')) location.reload();
  });
})();
