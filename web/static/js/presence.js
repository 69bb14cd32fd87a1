// Tells the server that this page is there, and follows what the server says of the test.

import { ask, page } from "./server.js";

const EVERY = 10_000;
const PATIENCE = 8000;
const state = document.querySelector("[data-state]")?.dataset.state ?? "";
const listeners = [];
const worriers = [];
const refused = [];
let last = 0; // the newest beat: what an older one says late is no news

export function onNews(listener) {
  listeners.push(listener);
}

// Called when a beat was not answered.
export function onSilence(listener) {
  worriers.push(listener);
}

// Called with the code when the server does not know this browser any more.
export function onRefusal(listener) {
  refused.push(listener);
}

// What the server says now, or null where it was not heard.
export async function beat() {
  const mine = ++last;
  const reply = await ask("/candidat/presence", page ? { page } : {}, { patience: PATIENCE });
  const news = reply?.ok && "seconds_left" in reply.said ? reply.said : null;
  if (news) document.dispatchEvent(new CustomEvent("palier:news", { detail: news }));
  if (mine !== last) return news;
  const code = reply && !reply.ok && reply.said.code;
  if (code) refused.forEach((listen) => listen(code));
  else if (!news) worriers.forEach((worry) => worry());
  else if (state === "paused" && news.state !== "paused") location.reload();
  else listeners.forEach((listen) => listen(news));
  return news;
}

try {
  const worker = new Worker(new URL("beat.js", import.meta.url));
  worker.onmessage = beat;
  worker.onerror = byTimer;
} catch {
  byTimer();
}

function byTimer() {
  setTimeout(beat, 500);
  setInterval(beat, EVERY);
}

document.addEventListener("visibilitychange", () => document.hidden || beat());
addEventListener("online", beat);
addEventListener("offline", () => worriers.forEach((worry) => worry()));
