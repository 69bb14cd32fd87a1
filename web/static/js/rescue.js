// A service worker with one task: where a page of the test cannot be fetched, as when somebody reloads it in a cut, show
// a page of ours that waits, instead of the browser's own that does not. Nothing else is cached or answered.

const CACHE = "palier-rescue-1";
const PAGE = "/candidat/hors-ligne";
const NEEDED = [
  PAGE,
  "/static/palier.css",
  "/static/js/waiting.js",
  "/static/vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-wght-normal.woff2",
];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(NEEDED)));
  skipWaiting();
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const wanted = request.mode === "navigate" ? PAGE : new URL(request.url).pathname;
  if (!NEEDED.includes(wanted)) return;
  event.respondWith(fetch(request).catch(async () => (await caches.match(wanted)) ?? Response.error()));
});
