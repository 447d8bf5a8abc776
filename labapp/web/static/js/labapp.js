/* What the other scripts share: messages, lazy bundles, starting parts of pages, who is signed in. */
(() => {
  "use strict";
  const meta = (name) => document.querySelector(`meta[name="${name}"]`);
  const read = (name) => {
    try {
      return JSON.parse(meta(name)?.content ?? "{}");
    } catch {
      return {};
    }
  };
  const messages = read("labapp-messages");
  const bundles = read("labapp-bundles");
  const starters = [];
  const loading = new Map();

  /** The sentence named `key`, with {name} filled in. */
  const say = (key, values = {}) => (messages[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  /** An element with attributes and children; texts become text nodes. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const fetchScript = (url) =>
    new Promise((done, failed) => {
      const script = make("script", { src: url });
      script.addEventListener("load", done);
      script.addEventListener("error", failed);
      document.head.append(script);
    });

  /** Fetch a bundle once; the promise is kept only when it arrived. */
  const load = (name) => {
    if (!loading.has(name)) {
      const { css, js } = bundles[name] ?? {};
      if (css) document.head.append(make("link", { rel: "stylesheet", href: css }));
      const arrived = js ? fetchScript(js) : Promise.resolve();
      arrived.catch(() => loading.delete(name));
      loading.set(name, arrived);
    }
    return loading.get(name);
  };

  /** Call `start(root)` for the page and for every part that comes later. */
  const onContent = (start) => {
    starters.push(start);
  };
  const start = (root) => starters.forEach((starter) => starter(root));

  /** Elements inside `root` that match, `root` itself among them. */
  const all = (root, selector) => {
    const inside = [...root.querySelectorAll(selector)];
    return root.matches?.(selector) ? [root, ...inside] : inside;
  };

  const token = () => meta("csrf-token")?.content ?? "";
  const useToken = (value) => {
    if (!value) return;
    meta("csrf-token")?.setAttribute("content", value);
    for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = value;
  };

  window.labapp = {
    say, make, load, onContent, start, all, token, useToken,
    account: () => document.body.dataset.account ?? "",
    member: () => document.body.dataset.member ?? "",
  };

  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) start(event.target);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
  });
})();
