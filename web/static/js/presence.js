// Tells the server that this page is there, and follows what the server says of the test.

const EVERY = 10_000;
const token = document.querySelector('meta[name="csrf-token"]').content;
const page = document.querySelector("[data-state]")?.dataset.state ?? "";
const listeners = [];

export function onNews(listener) {
  listeners.push(listener);
}

async function beat() {
  try {
    const reply = await fetch("/candidat/presence", {
      method: "POST",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      cache: "no-store",
    });
    if (reply.ok && reply.headers.get("Content-Type")?.startsWith("application/json")) {
      const news = await reply.json();
      if (page === "paused" && news.state !== "paused") return location.reload();
      for (const listener of listeners) listener(news);
    }
  } catch {
    // Offline: nothing to do here, the next beat tries again.
  }
  setTimeout(beat, EVERY * (0.9 + 0.2 * Math.random()));
}

setTimeout(beat, 500);
document.addEventListener("visibilitychange", () => document.hidden || beatSoon());

let soon = 0;
function beatSoon() {
  clearTimeout(soon);
  soon = setTimeout(beatOnce, 200);
}

async function beatOnce() {
  await fetch("/candidat/presence", { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => {});
}
