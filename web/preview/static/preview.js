// Reloads when a file has changed, fits the frame to its page, and lets the keyboard do everything.

const body = document.body;
const live = document.querySelector("[data-live]");
const frame = document.querySelector("[data-screen]");
const stage = document.querySelector("[data-stage]");
const phone = document.querySelector("[data-phone]");
const EVERY = 700;

// Is the page still what the files say?
async function look() {
  if (!document.hidden) {
    try {
      const said = await (await fetch(body.dataset.signAt)).json();
      if (said.sign !== body.dataset.sign) return location.reload();
      tell(true);
    } catch {
      tell(false);
    }
  }
  setTimeout(look, EVERY);
}

function tell(fresh) {
  const words = fresh ? "À jour" : "Aperçu arrêté : relancez palier bank preview";
  if (live.textContent === words) return;
  live.textContent = words;
  live.classList.toggle("stale", !fresh);
}

if (body.dataset.signAt) setTimeout(look, EVERY);

// The frame is as high as what stands in it.
function fit() {
  const inner = frame.contentDocument;
  if (!inner?.body) return;
  inner.documentElement.style.overflowY = "hidden";
  inner.body.style.minHeight = "0";
  const set = () => (frame.style.height = `${Math.max(320, inner.body.scrollHeight + 20)}px`);
  new ResizeObserver(set).observe(inner.body);
  set();
  inner.addEventListener("keydown", press);
}

if (frame) {
  frame.addEventListener("load", fit);
  if (frame.contentDocument?.readyState === "complete") fit();
  phone.hidden = false;
  phone.addEventListener("click", () => narrow(!stage.classList.contains("phone")));
  narrow(sessionStorage.getItem("palier-phone") === "yes");
}

function narrow(yes) {
  stage.classList.toggle("phone", yes);
  phone.setAttribute("aria-pressed", String(yes));
  sessionStorage.setItem("palier-phone", yes ? "yes" : "no");
}

// One key each, never while something is being written or chosen.
document.addEventListener("keydown", press);

function press(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest?.("input, select, textarea, .table-wrap, .source")) return;
  const to = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" }[event.key];
  const target = to ? document.querySelector(to) : document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (target?.matches("input")) {
    event.preventDefault();
    target.focus();
    target.select();
  } else if (target) {
    event.preventDefault();
    target.click();
  } else if (event.key.toLowerCase() === "t") {
    phone?.click();
  } else if (event.key.toLowerCase() === "c") {
    const card = document.querySelector("[data-key-card]");
    if (card) card.open = !card.open;
  }
}

// A menu of the list acts at once; a text waits for Enter.
document.querySelector("[data-filters]")?.addEventListener("change", (event) => {
  if (event.target.matches("select")) event.currentTarget.requestSubmit();
});
