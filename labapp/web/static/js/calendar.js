/*
 * Draws [data-calendar] with FullCalendar. All times are lab time without a zone, so the calendar runs in UTC.
 * What is dragged or stretched is posted as an edit; a refusal puts it back and says why. The dialog of an entry
 * does the same by buttons.
 */
(() => {
  "use strict";
  const { all, make, openDialog, openQuick, session, token } = window.labapp;
  const VIEWS = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth", list: "listWeek" };
  const NAMES = Object.fromEntries(Object.entries(VIEWS).map(([name, view]) => [view, name]));
  const SMALL = 640;
  const minute = (text) => text.replace("Z", "").slice(0, 16);
  const shifted = (text, days) => new Date(Date.parse(`${minute(text)}Z`) + days * 86400000).toISOString().slice(0, 16);

  const start = (box) => {
    if (box.dataset.drawn) return;
    box.dataset.drawn = "1";
    const words = JSON.parse(box.dataset.words);
    const may = box.dataset.add === "1";
    const began = Date.now();
    let calendar = null;
    const labNow = () => new Date(Date.parse(`${box.dataset.now}Z`) + Date.now() - began).toISOString().slice(0, 19);

    const note = (text, tone) => {
      const place = document.getElementById("calendar-note");
      place.replaceChildren(...(text ? [make("div", { class: `alert alert-${tone}` }, text)] : []));
    };

    const ask = async (range) => {
      const address = new URL(box.dataset.feed, location.href);
      address.searchParams.set("start", range.startStr.slice(0, 10));
      address.searchParams.set("end", range.endStr.slice(0, 10));
      const reply = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (reply.status === 401 && (await session.renew())) return ask(range);
      if (!reply.ok) throw new Error(words.failed);
      const { events, capped } = await reply.json();
      if (capped) note(words.capped, "warning");
      return events.map(({ url, ...entry }) => ({ ...entry, address: url }));
    };

    /** Send a change of time. Gives the new version, or the sentence of the refusal. Busy until all is drawn anew. */
    const send = async (values) => {
      box.ariaBusy = "true";
      const body = new URLSearchParams({ csrf_token: token(), sandbox: box.dataset.sandbox, ...values });
      const post = () => fetch("/calendar/move", { method: "POST", body, headers: session.HEADERS, credentials: "same-origin" });
      try {
        let reply = await post();
        if (reply.status === 401 && (await session.renew())) {
          body.set("csrf_token", token());
          reply = await post();
        }
        const said = (reply.headers.get("Content-Type") ?? "").includes("json") ? await reply.json() : {};
        return reply.ok ? { version: said.version } : { sentence: said.error ?? window.labapp.say("not_saved") };
      } catch {
        return { sentence: window.labapp.say("no_connection") };
      }
    };

    const moved = async ({ event, revert }) => {
      const { record, version } = event.extendedProps;
      const end = event.end ? { end: minute(event.endStr) } : {};
      const values = { id: record, version, start: minute(event.startStr), all_day: event.allDay ? "1" : "", ...end };
      const answer = await send(values);
      if (answer.sentence) {
        revert();
        note(answer.sentence, "danger");
        return calendar.refetchEvents();
      }
      event.setExtendedProp("version", answer.version);
      note(words.moved.replace("{title}", event.title), "success");
      window.labapp.wrote?.();
      return calendar.refetchEvents();
    };

    const shift = async (event, days) => {
      const end = event.end ? { end: shifted(event.endStr, days) } : {};
      const { record, version } = event.extendedProps;
      const answer = await send({ id: record, version, start: shifted(event.startStr, days), all_day: event.allDay ? "1" : "", ...end });
      note(answer.sentence ?? words.moved.replace("{title}", event.title), answer.sentence ? "danger" : "success");
      if (!answer.sentence) window.labapp.wrote?.();
      calendar.refetchEvents();
    };

    const link = (label, href, tone) => make("a", { class: `btn btn-${tone}`, href }, label);
    const choice = (label, value, tone) => make("button", { class: `btn btn-${tone}`, value }, label);
    const fact = (label, value) => (value ? [make("dt", {}, label), make("dd", {}, value)] : []);

    const complete = (record) => {
      const form = make("form", { method: "post", action: "/calendar/complete" });
      const here = location.pathname + location.search;
      for (const [name, value] of Object.entries({ csrf_token: token(), sandbox: box.dataset.sandbox, id: record, next: here })) {
        form.append(make("input", { type: "hidden", name, value }));
      }
      document.body.append(form);
      form.requestSubmit();
    };

    /** The dialog of an entry: what a mouse does by dragging, by buttons. */
    const show = async (event) => {
      const own = event.extendedProps;
      const day = event.startStr.slice(0, 10);
      const facts = make("dl", { class: "entry-facts" },
        ...fact(own.label, `${day} ${own.when}`),
        ...fact(words.owner, own.owner),
        ...fact(words.about, own.about && make("a", { href: own.about_url }, own.about)));
      const changing = own.version !== null && own.version !== undefined;
      const answer = await openDialog(event.title, (dialog) => {
        const buttons = make("form", { method: "dialog", class: "dialog-buttons flex-wrap" });
        if (changing) buttons.append(choice(words.earlier, "-1", "outline-secondary"), choice(words.later, "1", "outline-secondary"), choice(words.complete, "done", "outline-secondary"));
        if (changing) buttons.append(link(words.edit, `${own.address}/edit`, "outline-secondary"));
        buttons.append(link(words.open, own.address, "primary"), choice(window.labapp.say("close"), "", "outline-secondary"));
        dialog.append(facts, buttons);
      });
      if (answer === "done") complete(own.record);
      else if (answer) shift(event, Number(answer));
    };

    const body = ({ event, timeText, isShort, view }) => {
      const own = event.extendedProps;
      const parts = [make("span", { class: "cal-title" }, event.title), make("span", { class: "cal-label" }, [own.label, own.owner, own.done && words.done].filter(Boolean).join(" · "))];
      if (timeText) parts.unshift(make("span", { class: "cal-time" }, timeText));
      const line = isShort || (event.allDay && view.type !== VIEWS.list);
      return { domNodes: [make("span", { class: line ? "cal-body cal-line" : "cal-body" }, ...parts)] };
    };

    const keepAddress = ({ view, startStr }) => {
      const address = new URL(box.dataset.here, location.href);
      address.searchParams.set("view", NAMES[view.type] ?? "week");
      address.searchParams.set("date", (view.currentStart?.toISOString() ?? startStr).slice(0, 10));
      history.replaceState(history.state, "", address);
    };

    /** For keyboards: what scrolls and holds nothing to reach is reached. For screen readers: heads say their name as text; a list of buttons is no list. */
    const mend = () => {
      for (const part of box.querySelectorAll('[style*="auto"]')) {
        const reached = part.scrollHeight <= part.clientHeight || part.querySelector("a[href], button, [tabindex]");
        if (!reached) (part.querySelector('[role="gridcell"], [role="row"]') ?? part).tabIndex = 0;
      }
      for (const list of box.querySelectorAll('[role="list"]')) {
        if (!list.querySelector('[role="listitem"]')) list.setAttribute("role", "group");
      }
      for (const head of box.querySelectorAll('[role="columnheader"][aria-label], [role="rowheader"][aria-label]')) {
        if (!head.querySelector(".head-name-text")) head.append(make("span", { class: "visually-hidden head-name-text" }));
        head.querySelector(".head-name-text").textContent = head.ariaLabel;
      }
    };
    /** What is read anew is drawn anew: who stood on an entry, by keyboard, stands on it still. */
    let held = null;
    box.addEventListener("focusin", ({ target }) => (held = target.closest("[data-entry]")));
    box.addEventListener("focusout", () => setTimeout(() => held?.isConnected && !box.contains(document.activeElement) && (held = null)));
    const settle = () => {
      mend();
      if (held && !held.isConnected && document.activeElement === document.body) box.querySelector(`[data-entry="${held.dataset.entry}"]`)?.focus();
      box.ariaBusy = "false";
    };
    const heightOf = (view) => (view.startsWith("timeGrid") ? 760 : "auto");
    const small = box.parentElement.clientWidth < SMALL;
    const wanted = VIEWS[box.dataset.view] ?? VIEWS.week;
    box.hidden = false;
    calendar = new window.FullCalendar.Calendar(box, {
      initialView: small && wanted !== VIEWS.day ? VIEWS.list : wanted,
      initialDate: box.dataset.date,
      locale: box.dataset.language,
      firstDay: 1,
      timeZone: "UTC",
      now: labNow,
      nowIndicator: true,
      height: heightOf(small ? VIEWS.list : wanted),
      fixedWeekCount: false,
      eventDisplay: "block",
      views: { list: { listItemEventBeforeClass: "cal-no-dot" } },
      scrollTime: "08:00:00",
      slotDuration: "00:30:00",
      slotHeaderFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      defaultTimedEventDuration: "00:30",
      navLinks: true,
      dayMaxEvents: 5,
      editable: may,
      selectable: may,
      longPressDelay: 350,
      headerToolbar: small
        ? { start: "prev,next", center: "title", end: "timeGridDay,listWeek" }
        : { start: "prev,today,next", center: "title", end: "timeGridDay,timeGridWeek,dayGridMonth,listWeek" },
      todayText: words.today,
      dayText: words.day,
      weekTextLong: words.week,
      monthText: words.month,
      listText: words.list,
      allDayText: words.all_day,
      noEventsText: words.empty,
      moreLinkText: (count) => words.more.replace("{count}", count),
      events: (range, good, bad) => ask(range).then(good, bad),
      loading: (begun) => (begun ? (box.ariaBusy = "true") : setTimeout(settle)),
      eventDidMount: ({ el, event }) => (el.dataset.entry = event.id),
      eventSourceFailure: () => note(words.failed, "danger"),
      eventContent: body,
      eventClick: ({ event, jsEvent }) => {
        jsEvent.preventDefault();
        show(event);
      },
      eventDrop: moved,
      eventResize: moved,
      select: ({ startStr, endStr, allDay }) => {
        if (!allDay) return openQuick("event", minute(startStr), minute(endStr));
        return openQuick("event", `${startStr.slice(0, 10)}T09:00`, `${shifted(`${endStr.slice(0, 10)}T10:00`, -1)}`);
      },
      eventMaxStack: 3,
      eventsSet: () => setTimeout(mend),
      datesSet: (range) => {
        keepAddress(range);
        setTimeout(mend);
        if (calendar?.getOption("height") !== heightOf(range.view.type)) calendar?.setOption("height", heightOf(range.view.type));
      },
    });
    calendar.render();
    mend();
    window.labapp.dayShown = () => {
      const today = labNow().slice(0, 10);
      const shown = calendar.view.currentStart.toISOString().slice(0, 10);
      const inside = shown <= today && today < calendar.view.currentEnd.toISOString().slice(0, 10);
      return `${inside ? today : shown}T09:00`;
    };
    all(document, "[data-plan]").forEach((plan) => (plan.hidden = true));
    box.labappCalendar = calendar;
  };

  window.labapp.drawCalendar = start;
})();
