/* Choices one can search: <select data-remote="URL"> asks the server, data-search and data-tags do not. */
(() => {
  "use strict";
  const { all, load, make, onContent, say } = window.labapp;
  const WANTED = "select[data-remote], select[data-search], select[data-tags], input[data-tags]";

  const ask = (url) => async (words, done) => {
    const address = new URL(url, location.href);
    address.searchParams.set("q", words);
    try {
      const reply = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      done((await reply.json()).results ?? []);
    } catch {
      done();
    }
  };

  const settings = (field) => {
    const remote = field.dataset.remote;
    const tags = field.dataset.tags !== undefined;
    const many = field.multiple || field.tagName === "INPUT";
    return {
      valueField: remote ? "id" : "value",
      labelField: "text",
      searchField: remote ? [] : ["text"],
      create: tags && field.dataset.tags !== "closed",
      persist: false,
      maxOptions: 200,
      closeAfterSelect: !many,
      allowEmptyOption: false,
      placeholder: field.getAttribute("placeholder") ?? (remote ? say("search_hint") : ""),
      plugins: many ? { remove_button: { title: say("remove") } } : ["clear_button"],
      preload: remote ? "focus" : false,
      load: remote ? ask(remote) : null,
      render: {
        no_results: () => make("div", { class: "no-results" }, say("no_results")),
        option_create: (data) => make("div", { class: "create" }, `+ ${data.input}`),
      },
    };
  };

  const enhance = (field) => {
    if (field.tomselect) return;
    const config = settings(field);
    if (!config.load) delete config.load;
    const chosen = new window.TomSelect(field, config);
    if (config.load) chosen.settings.score = () => () => 1;
    field.setAttribute("aria-label", document.querySelector(`label[for="${field.id}-ts-control"], label[for="${field.id}"]`)?.textContent.trim() ?? field.name);
    const help = field.getAttribute("aria-describedby");
    if (help) chosen.control_input.setAttribute("aria-describedby", help);
    if (field.getAttribute("aria-invalid")) chosen.control_input.setAttribute("aria-invalid", "true");
  };

  onContent((root) => {
    const found = all(root, WANTED);
    if (found.length) load("select").then(() => found.forEach(enhance)).catch(() => {});
  });
  document.addEventListener("labapp:restored", (event) => {
    for (const field of event.target.elements) field.tomselect?.sync();
  });
})();
