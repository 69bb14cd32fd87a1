// The page that stands in for one that could not be fetched: it tries again and again, and goes on by itself.

const EVERY = 3000;

async function look() {
  try {
    const reply = await fetch("/static/palier.svg", { cache: "no-store", signal: AbortSignal.timeout(EVERY) });
    if (reply.ok && reply.headers.get("Content-Type")?.startsWith("image/svg+xml")) return location.reload();
  } catch {
    // Still cut off.
  }
  setTimeout(look, EVERY * (0.7 + 0.6 * Math.random()));
}

addEventListener("online", look);
look();
