// One stream of news for a page: that something changed in its session, never what.
//
// feed(address) asks the address for a stream and holds it open; without one, whoever wants news asks by themselves.

const SILENT_AFTER = 12_000; // the service says every five seconds that it is there
const FIRST_RETRY = 2_000;
const LAST_RETRY = 60_000;

const feeds = new Map();

export function feed(address) {
  if (!feeds.has(address)) feeds.set(address, open(address));
  return feeds.get(address);
}

function open(address) {
  const readers = [];
  const state = { alive: -Infinity, isLive: () => performance.now() - state.alive < SILENT_AFTER, read: (reader) => readers.push(reader) };
  let source = null;
  let retry = FIRST_RETRY;

  const tell = () => readers.forEach((reader) => reader());

  function lost() {
    source?.close();
    source = null;
    const was = state.alive > -Infinity;
    state.alive = -Infinity;
    if (was) tell(); // what happened meanwhile is seen at once
    setTimeout(connect, retry * (0.5 + Math.random())); // not all consoles of the country at once
    retry = Math.min(2 * retry, LAST_RETRY);
  }

  async function connect() {
    try {
      const reply = await fetch(address, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(8_000) });
      if (!reply.ok) return lost();
      source = new EventSource((await reply.json()).stream);
    } catch {
      return lost();
    }
    source.addEventListener("alive", () => {
      const isNew = state.alive === -Infinity;
      state.alive = performance.now();
      retry = FIRST_RETRY;
      if (isNew) tell();
    });
    source.addEventListener("changed", () => {
      state.alive = performance.now();
      tell();
    });
    source.addEventListener("error", lost, { once: true });
  }

  setInterval(() => source && state.alive > -Infinity && !state.isLive() && lost(), 2_000);
  addEventListener("pagehide", () => source?.close());
  connect();
  return state;
}
