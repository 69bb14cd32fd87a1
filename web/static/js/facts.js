// Tells the server what happens to this page: left or back, a camera that stopped. Information, never a penalty.

const token = document.querySelector('meta[name="csrf-token"]').content;

// `kind` is one of the closed list of web/services/facts.py. Said when the page is about to go too.
export function tellFact(kind) {
  const body = new URLSearchParams({ kind, csrf_token: token });
  fetch("/candidat/fait", { method: "POST", body, keepalive: true, cache: "no-store" }).catch(() => {});
}

// A page that is turned in the same tab is hidden for an instant: only what lasts is told.
const LASTS = 1_500;
const LEFT = "palier.left"; // outlives a page that is loaded anew
let leaving = 0;

document.addEventListener("visibilitychange", () => {
  clearTimeout(leaving);
  if (document.hidden) leaving = setTimeout(leave, LASTS);
  else comeBack();
});
addEventListener("pagehide", () => clearTimeout(leaving));
if (!document.hidden) comeBack();

function leave() {
  sessionStorage.setItem(LEFT, "yes");
  tellFact("page_left");
}

function comeBack() {
  if (!sessionStorage.getItem(LEFT)) return;
  sessionStorage.removeItem(LEFT);
  tellFact("page_back");
}
