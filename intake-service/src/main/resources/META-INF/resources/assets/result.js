// What the pages with results do better than without JavaScript.
(() => {
  "use strict";

  // The page loads itself again as soon as the result is there; when it cannot be told, after this long.
  const LOOK_AGAIN_MS = 5000;
  const waiting = document.querySelector("[data-events]");
  if (waiting) {
    const events = new EventSource(waiting.dataset.events);
    events.addEventListener("result", () => {
      events.close();
      location.reload();
    });
    events.addEventListener("error", () => {
      // The browser asks again by itself unless it was refused.
      if (events.readyState === EventSource.CLOSED) {
        setTimeout(() => location.reload(), LOOK_AGAIN_MS);
      }
    });
  }

  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  // On paper nothing can be opened.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((details) => {
      details.open = true;
    });
  });
})();
