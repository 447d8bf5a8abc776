/* A session that ended while somebody typed: sign in on the spot, and the form is sent again. */
(() => {
  "use strict";
  const { account, dialogButton, make, openDialog, say, useToken } = window.labapp;
  const HEADERS = { "X-Requested-With": "labapp" };
  let running = null;

  const page = async (url, settings = {}) => {
    const reply = await fetch(url, { headers: HEADERS, credentials: "same-origin", ...settings });
    const dom = new DOMParser().parseFromString(await reply.text(), "text/html");
    return { reply, dom };
  };
  const tokenIn = (dom) => dom.querySelector('meta[name="csrf-token"]')?.content ?? "";

  /** Take over the token of a session that is there. Gives "same", "other" (account) or "none". */
  const refresh = async () => {
    let { dom } = await page(location.href);
    if (!tokenIn(dom)) ({ dom } = await page("/settings"));
    const signedIn = dom.body.dataset.account ?? "";
    if (!signedIn) return "none";
    if (signedIn !== account()) return "other";
    useToken(tokenIn(dom));
    return "same";
  };

  const signIn = async (login, password) => {
    const { dom } = await page("/login");
    const body = new URLSearchParams({ login, password, csrf_token: tokenIn(dom) });
    const answer = await page("/login", { method: "POST", body });
    if (answer.reply.headers.has("X-Labapp-Location")) return "";
    const words = answer.dom.querySelector(".alert-danger, .invalid-feedback, [data-error-sentence]");
    return words?.textContent.trim() || say("sign_in_failed");
  };

  const field = (id, label, attributes) =>
    make("div", { class: "field" },
      make("label", { class: "form-label", for: id }, label),
      make("input", { class: "form-control", id, required: "", ...attributes }));

  const fill = (dialog) => {
    const trouble = make("div", { class: "invalid-feedback d-block", role: "alert" });
    const cancel = dialogButton(say("cancel"), "outline-secondary", { type: "button" });
    const form = make("form", {},
      field("again-login", say("login"), { name: "login", autocomplete: "username", autofocus: "" }),
      field("again-password", say("password"), { name: "password", type: "password", autocomplete: "current-password" }),
      trouble,
      make("div", { class: "dialog-buttons" }, cancel, dialogButton(say("sign_in"), "primary")));
    cancel.addEventListener("click", () => dialog.close(""));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      try {
        trouble.textContent = await signIn(form.elements.login.value, form.elements.password.value);
      } catch {
        trouble.textContent = say("no_connection");
      }
      if (!trouble.textContent) dialog.close("yes");
    });
    dialog.append(make("p", {}, say("signed_out")), form);
  };

  const renewNow = async () => {
    let state = await refresh();
    if (state === "none" && (await openDialog(say("sign_in"), fill)) === "yes") state = await refresh();
    if (state === "other") {
      await window.labapp.ask(say("other_account"), say("ok"), "primary");
      location.assign("/");
    }
    return state === "same";
  };

  /** Make the session good again. Gives true when the same account is signed in and tokens are fresh. */
  const renew = () => {
    running ??= renewNow().catch(() => false).finally(() => (running = null));
    return running;
  };

  document.addEventListener("htmx:responseError", async ({ detail }) => {
    const polling = detail.requestConfig?.verb === "get";
    if (detail.xhr.status === 401 && !polling) await renew();
  });

  window.labapp.session = { renew, HEADERS };
})();
