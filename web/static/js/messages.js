// Brings what the proctor writes to the page, says it politely, and sends “J'ai lu” without leaving. A page that gives signs
// of life is told with them whether there is anything new, within ten seconds; another asks every five.

const EVERY = 5000;
const TOLD_LATELY = 25_000;
const AT_LEAST_EVERY = 60_000; // "seen" goes away with time
const region = document.getElementById("said");
const status = document.getElementById("said-now");
let etag = "";
let timer = 0;
let looked = performance.now();
let heard = -Infinity; // when a sign of life last brought news
let said = region.dataset.said;
const told = new Set(ids(region));

async function look() {
  clearTimeout(timer);
  timer = setTimeout(turn, EVERY * (0.9 + 0.2 * Math.random()));
  looked = performance.now();
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const reply = await fetch(region.dataset.news, { headers, cache: "no-store", redirect: "manual" });
    if (reply.status === 403) return clearTimeout(timer); // nobody is known here any more
    if (reply.status === 200) {
      etag = reply.headers.get("ETag") ?? "";
      put(await reply.text());
    }
  } catch {
    said = ""; // offline: the next look tries again
  }
}

function turn() {
  const now = performance.now();
  if (now - heard > TOLD_LATELY || now - looked > AT_LEAST_EVERY) look();
  else timer = setTimeout(turn, EVERY);
}

document.addEventListener("palier:news", ({ detail }) => {
  heard = performance.now();
  if (String(detail.said) === said) return;
  said = String(detail.said);
  look();
});

function put(html) {
  const next = document.createElement("template");
  next.innerHTML = html;
  const fresh = [...next.content.querySelectorAll("[data-id]")].filter((said) => !told.has(said.dataset.id));
  const focused = region.contains(document.activeElement)
    ? document.activeElement.closest("[data-id]")?.dataset.id
    : null;
  region.replaceChildren(next.content);
  if (focused) region.querySelector(`[data-id="${CSS.escape(focused)}"] button`)?.focus({ preventScroll: true });
  if (!fresh.length) return;
  fresh.forEach((said) => told.add(said.dataset.id));
  status.textContent = fresh.map((said) => words(said)).join(" ");
}

function words(said) {
  return [...said.children].filter((part) => part.tagName !== "FORM").map((part) => part.textContent.trim()).join(" ");
}

function ids(root) {
  return [...root.querySelectorAll("[data-id]")].map((said) => said.dataset.id);
}

// The page stays: what is half typed in it is not touched.
region.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  form.querySelector("button").disabled = true;
  try {
    const reply = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (reply.type !== "opaqueredirect" && !reply.ok) throw new Error(String(reply.status));
    form.closest("[data-id]").remove();
    status.textContent = "Message lu.";
    (region.querySelector("button") ?? document.getElementById("contenu")).focus({ preventScroll: true });
    etag = "";
  } catch {
    form.querySelector("button").disabled = false;
  }
});

document.addEventListener("visibilitychange", () => document.hidden || look());
timer = setTimeout(turn, EVERY);
