// On the pages of the test: is the window that the candidate is seen through still there? A button opens it again.

const NAME = "palier-view";
const SHAPE = "popup,width=560,height=680";
const SILENT_AFTER = 6_000;

const root = document.querySelector("[data-view-watch]");
const channel = new BroadcastChannel(`palier-view-${root.dataset.sitting}`);
let heard = performance.now();
let alive = false;

channel.addEventListener("message", ({ data }) => {
  if (typeof data !== "object") return;
  heard = performance.now();
  alive = data.alive;
  show(data.alive, data.troubles ?? []);
  if (!data.alive && data.phase === undefined) {
    heard = -Infinity; // it was closed, or is being loaded again: then it speaks up in a moment
    setTimeout(() => heard === -Infinity && look(), 1_500);
  }
});
for (const button of root.querySelectorAll("[data-view-open]")) button.addEventListener("click", openWindow);
channel.postMessage("ask");
setInterval(() => performance.now() - heard > SILENT_AFTER && look(), 2_000);

// No word from the window: the server knows whether there should be one.
let looked = -Infinity;
async function look() {
  if (performance.now() - looked < 5_000) return;
  looked = performance.now();
  alive = false;
  try {
    const reply = await fetch(root.dataset.viewState, { headers: { Accept: "application/json" }, cache: "no-store" });
    const { wanted } = await reply.json();
    if (performance.now() - heard > SILENT_AFTER / 2) show(false, [], wanted);
  } catch {
    // Offline: other parts of the page say so.
  }
}

function openWindow() {
  const blocked = root.querySelector("[data-view-blocked]");
  // An open window is brought to the front as it is: opening its address again would stop what it shows.
  const made = alive ? open("", NAME, SHAPE) : open(root.dataset.viewWindow, NAME, SHAPE);
  made?.focus();
  if (blocked) blocked.hidden = Boolean(made);
}

function show(isAlive, troubles, wanted = false) {
  const now = isAlive ? (troubles.length ? "troubled" : "alive") : wanted ? "wanted" : "missing";
  root.dataset.view = now;
  for (const piece of root.querySelectorAll("[data-view-when]")) {
    piece.hidden = !piece.dataset.viewWhen.split(" ").includes(now);
  }
  const names = { camera: "la caméra", screen: "l'écran", microphone: "le micro" };
  const told = root.querySelector("[data-view-troubles]");
  if (told) told.textContent = troubles.map((one) => names[one]).join(", ");
}
