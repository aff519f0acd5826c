// What the clinicians' pages do better than without JavaScript.
(() => {
  "use strict";

  const LOOK_AGAIN_MS = 10_000;
  // Looking by itself must not keep the session of somebody who has left alive; that ends after 30 minutes without use.
  const REST_AFTER_MS = 15 * 60_000;
  const SHORTCUTS = "calciwatch-shortcuts";

  const byId = (id) => document.getElementById(id);
  const news = byId("news");

  const say = (text, isOld = false) => {
    if (news.textContent !== text) {
      news.textContent = text;
      news.classList.toggle("old", isOld);
    }
  };

  // New flags appear by themselves, but never under somebody's hands.
  if (news) {
    const idsIn = (root) => [...root.querySelectorAll("ol.flags > li")].map((row) => row.id);
    const announced = new Set();
    const isInUse = (list) => list.contains(document.activeElement) || list.matches(":hover");
    let lastUse = Date.now();
    let lastSeen = byId("flags").dataset.newest;
    for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) {
      addEventListener(kind, () => { lastUse = Date.now(); }, { passive: true });
    }
    setInterval(() => {
      if (document.hidden) {
        return;
      }
      if (Date.now() - lastUse > REST_AFTER_MS) {
        say(news.dataset.paused, true);
        return;
      }
      if (news.textContent === news.dataset.paused) {
        say("");
      }
      htmx.trigger("#flags", "look");
    }, LOOK_AGAIN_MS);

    document.addEventListener("htmx:beforeSwap", (event) => {
      const list = byId("flags");
      if (event.detail.xhr.status !== 200 || event.detail.target !== list) {
        return;
      }
      const shown = new Set(idsIn(list));
      const arrived = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
      const fresh = idsIn(arrived).filter((id) => !shown.has(id));
      // Ids grow with time. The newest flag may stand on a later page of the list, or not match what is looked for.
      const newest = arrived.getElementById("flags")?.dataset.newest ?? "";
      const isElsewhere = newest > lastSeen && !fresh.includes(`flag-${newest}`);
      if (newest > lastSeen) {
        lastSeen = newest;
      }
      if (fresh.some((id) => !announced.has(id))) {
        fresh.forEach((id) => announced.add(id));
        // Empty in between: the same words again would not be read out.
        say("");
        setTimeout(() => say(fresh.length === 1 ? news.dataset.one : `${fresh.length} ${news.dataset.many}`), 100);
      } else if (isElsewhere) {
        say("");
        setTimeout(() => say(news.dataset.elsewhere), 100);
      }
      if (isInUse(list)) {
        event.detail.shouldSwap = false;
        if (fresh.length === 0 && !isElsewhere) {
          say(news.dataset.changed);
        }
        byId("show-news").hidden = false;
      } else {
        byId("show-news").hidden = true;
      }
    });
    // A list that is old must not look as if it were not.
    const lost = () => say(news.dataset.lost, true);
    document.addEventListener("htmx:sendError", lost);
    document.addEventListener("htmx:responseError", lost);
    document.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && news.textContent === news.dataset.lost) {
        say("");
      }
    });
  }

  const help = byId("shortcuts");
  const use = byId("use-shortcuts");
  if (help && use) {
    help.hidden = false;
    use.checked = localStorage.getItem(SHORTCUTS) !== "off";
    use.addEventListener("change", () => localStorage.setItem(SHORTCUTS, use.checked ? "on" : "off"));
  }

  const links = () => [...document.querySelectorAll("ol.flags > li > a")];
  const move = (by) => {
    const all = links();
    const here = all.indexOf(document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by;
    all[next]?.focus();
  };
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    a: () => {
      const here = links().find((link) => link === document.activeElement);
      if (here) {
        location.assign(`${here.pathname}/acknowledge`);
      } else {
        byId("acknowledge-note")?.focus();
      }
    },
    "/": () => {
      const look = byId("q");
      if (look) {
        look.closest("details").open = true;
        look.focus();
      }
    },
    "?": () => {
      if (help) {
        help.open = !help.open;
        help.querySelector("summary").focus();
      }
    },
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
    const isOff = localStorage.getItem(SHORTCUTS) === "off";
    if (isTyping || isOff || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });

  // On paper nothing can be opened.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((details) => {
      details.open = true;
    });
  });
})();
