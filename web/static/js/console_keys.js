// The console by keyboard. Keys open and choose, they never decide; they can be turned off (WCAG 2.1.4).

const SETTING = "palier.console.keys";
const PLACES = { i: "incident", m: "message", p: "temps" };
const list = document.querySelector("[data-keys]");
const rows = document.querySelector("#board");
const find = document.querySelector("#find");

if (list) {
  const on = list.querySelector("[data-keys-on]");
  list.hidden = false;
  on.checked = localStorage.getItem(SETTING) !== "off";
  on.defaultChecked = on.checked;
  on.addEventListener("change", () => localStorage.setItem(SETTING, on.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (!on.checked || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (act(event.key)) event.preventDefault();
  });
}
if (find) {
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    find.value = "";
    filter();
    find.blur();
  });
  rows?.addEventListener("palier:shown", filter);
}
offerQuickKinds();
if (location.hash) goTo(location.hash.slice(1));

function isField(element) {
  return element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);
}

// Whether the key meant something here.
function act(key) {
  if (key === "?") return open(list);
  if (key === "/") return focus(find);
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "c") return follow(document.querySelector('[data-go="c"]'));
  if (/^[1-9]$/.test(key)) return choose(Number(key));
  const place = PLACES[key];
  if (!place) return false;
  if (goTo(place)) return true;
  const name = current()?.querySelector("a.name");
  if (!name) return false;
  location.assign(`${name.getAttribute("href")}#${place}`);
  return true;
}

// The part of the page of a candidate, its form open.
function goTo(place) {
  const here = Object.values(PLACES).includes(place) && document.getElementById(place);
  return Boolean(here) && open(here.querySelector("details"), here.querySelector("textarea, input:not([type=hidden])"), here);
}

function open(details, field, section) {
  if (!details && !section) return false;
  const places = section ?? details;
  if (details) details.open = true;
  // With an incident the digits come first: its heading takes the focus, not a field.
  (section?.id === "incident" ? section : (field ?? places)).focus();
  places.scrollIntoView({ block: "nearest" });
  return true;
}

function focus(field) {
  if (!field) return false;
  field.focus();
  field.select();
  return true;
}

function follow(link) {
  if (!link) return false;
  link.click();
  return true;
}

function visible() {
  return rows ? [...rows.querySelectorAll("tr[data-key]")].filter((row) => !row.hidden) : [];
}

function current() {
  return document.activeElement?.closest?.("tr[data-key]") ?? null;
}

function move(by) {
  const all = visible();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  next.querySelector("a.name").focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

// Names as they are typed; a row with an open alert stays whatever is sought.
function filter() {
  const sought = simple(find.value);
  for (const row of rows.querySelectorAll("tr[data-key]")) {
    row.hidden = !row.classList.contains("keep") && !simple(row.dataset.name).includes(sought);
  }
}

function simple(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

function offerQuickKinds() {
  const quick = document.querySelector("[data-quick]");
  if (!quick) return;
  quick.hidden = false;
  quick.addEventListener("click", (event) => {
    const button = event.target.closest("[data-kind]");
    if (button) take(button);
  });
}

function choose(number) {
  const button = document.querySelectorAll("[data-quick] [data-kind]")[number - 1];
  if (!button) return false;
  take(button);
  return true;
}

function take(button) {
  document.querySelector("#kind").value = button.dataset.kind;
  document.querySelector("#text").focus();
}
