// Fetches pieces of a page again and again: <div id="x" data-poll="address" data-every="seconds">.
//
// With data-news="address" it looks when it is told that something changed, and otherwise when the server said that
// time alone may change what is shown; without news it asks by itself, more slowly where answers take long.
// In a piece, [data-list] holds children with a [data-key] each, and [data-part] is shown as one. Only what changed is
// replaced. What is being filled in is left alone, cell by cell; what is new appears beside it all the same.
// [data-fresh="x"] says whether the piece is up to date, [data-age="x"] how old it is.

import { feed } from "./news.js";

const STALE_AFTER = 10_000;
const GIVES_UP_AFTER = 8_000;
const AT_LEAST_EVERY = 25_000; // whatever the news are and the server says
const APART = 1_000;

for (const region of document.querySelectorAll("[data-poll]")) watch(region);

function watch(region) {
  const every = Number(region.dataset.every) * 1000;
  const news = region.dataset.news ? feed(region.dataset.news) : null;
  const fresh = document.querySelector(`[data-fresh="${region.id}"]`);
  const age = document.querySelector(`[data-age="${region.id}"]`);
  const shown = new WeakMap(); // of an element: the markup that it was made from
  let etag = "";
  let heard = performance.now();
  let held = false;
  let next = 0;
  let looking = false;
  let behind = false; // told of something that is not shown yet
  let began = -Infinity;
  let due = AT_LEAST_EVERY;
  remember(region, shown);

  async function look() {
    clearTimeout(next);
    if (looking) return;
    looking = true;
    began = performance.now();
    let seen = false;
    behind = false;
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const signal = AbortSignal.timeout(GIVES_UP_AFTER);
      const reply = await fetch(region.dataset.poll, { headers, signal, cache: "no-store", redirect: "manual" });
      if (reply.type === "opaqueredirect") return location.reload();
      if (reply.status === 200) {
        const html = await reply.text();
        etag = reply.headers.get("ETag") ?? "";
        held = !put(region, html, shown);
        if (held) etag = "";
        region.dispatchEvent(new CustomEvent("palier:shown", { bubbles: true }));
      }
      due = Math.min(1000 * (Number(reply.headers.get("Palier-Due")) || Infinity), AT_LEAST_EVERY);
      if (reply.ok || reply.status === 304) {
        heard = performance.now();
        seen = true;
      }
    } catch {
      // The network is gone: the mark of freshness tells.
    }
    looking = false;
    clearTimeout(next);
    next = setTimeout(look, pause(seen));
    if (!seen) behind = true;
  }

  // Milliseconds until the next look. A server that takes long is asked less often, by each of its consoles.
  function pause(seen) {
    const took = performance.now() - began;
    if (behind) return Math.max(0, APART - took);
    if (news?.isLive() && seen) return Math.max(due, APART) * (0.95 + 0.1 * Math.random());
    return Math.max(every, 2 * took) * (0.9 + 0.2 * Math.random());
  }

  function told() {
    behind = true;
    if (looking) return;
    clearTimeout(next);
    next = setTimeout(look, Math.max(0, APART - (performance.now() - began)));
  }

  news?.read(told);
  next = setTimeout(look, every);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("online", look);
  // Apart from the looking: a look that hangs tells nothing.
  if (fresh) setInterval(() => tell(region, fresh, age, performance.now() - known(), held), 500);

  // When what is shown was last known to be so: by a look, or by a stream that has nothing to tell.
  function known() {
    return behind || looking || !news ? heard : Math.max(heard, news.alive);
  }
}

function remember(root, shown) {
  for (const element of root.querySelectorAll("[data-key], [data-part]")) shown.set(element, plain(element));
  for (const row of root.querySelectorAll("[data-key]")) for (const cell of row.children) shown.set(cell, plain(cell));
}

// Markup without the tokens of its forms, which are new each time.
function plain(element) {
  return element.outerHTML.replace(/name="csrf_token"[^>]*/g, "");
}

// Whether everything could be shown; what was in use is tried again at the next look.
function put(region, html, shown) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const news = template.content;
  if (skeleton(news) !== skeleton(region)) {
    if (inUse(region)) return patch(region, news, shown) && false;
    keepFocus(region, () => region.replaceChildren(news));
    remember(region, shown);
    return true;
  }
  if (!skeleton(news)) {
    if (inUse(region)) return false;
    if (region.innerHTML !== html) keepFocus(region, () => region.replaceChildren(news));
    return true;
  }
  return patch(region, news, shown);
}

// Which lists and parts there are.
function skeleton(root) {
  const those = root.querySelectorAll("[data-list], [data-part]");
  return [...those].map((element) => element.dataset.list ?? element.dataset.part).join();
}

function patch(region, news, shown) {
  let whole = true;
  for (const part of news.querySelectorAll("[data-part]")) {
    const old = region.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || shown.get(old) === plain(part)) continue;
    if (inUse(old)) whole = false;
    else swap(old, part, shown);
  }
  for (const list of news.querySelectorAll("[data-list]")) {
    const old = region.querySelector(`[data-list="${list.dataset.list}"]`);
    if (old) whole = patchList(old, list, shown) && whole;
  }
  return whole;
}

function patchList(old, list, shown) {
  let whole = true;
  const there = new Map([...old.children].map((row) => [row.dataset.key, row]));
  const wanted = [];
  for (const row of [...list.children]) {
    let mine = there.get(row.dataset.key);
    there.delete(row.dataset.key);
    if (!mine) {
      shown.set(row, plain(row));
      for (const cell of row.children) shown.set(cell, plain(cell));
      mine = row;
    } else if (shown.get(mine) !== plain(row)) {
      if (!inUse(mine)) mine = swap(mine, row, shown);
      else if (!patchCells(mine, row, shown)) whole = false;
    }
    wanted.push(mine);
  }
  for (const gone of there.values()) {
    if (!inUse(gone)) gone.remove();
    else {
      gone.classList.add("gone");
      whole = false;
    }
  }
  arrange(old, wanted);
  return whole;
}

// Around what has the focus, so that it keeps it.
function arrange(parent, wanted) {
  if ([...parent.children].filter((row) => wanted.includes(row)).every((row, n) => row === wanted[n]) &&
      wanted.every((row) => row.parentElement === parent)) return;
  const fixed = wanted.find((row) => row.contains(document.activeElement)) ?? null;
  let behind = !fixed;
  for (const row of wanted) {
    if (row === fixed) behind = true;
    else if (behind) parent.append(row);
    else parent.insertBefore(row, fixed);
  }
}

// The cells of a row in use that are not in use themselves, and the row's own look.
function patchCells(old, row, shown) {
  let whole = true;
  if (old.className !== row.className) old.className = row.className;
  if (old.children.length !== row.children.length) return false;
  [...row.children].forEach((cell, n) => {
    const mine = old.children[n];
    if (shown.get(mine) === plain(cell)) return;
    if (inUse(mine)) whole = false;
    else {
      const markup = plain(cell);
      keepFocus(mine, () => mine.replaceWith(cell), cell);
      shown.set(cell, markup);
    }
  });
  return whole;
}

function swap(old, fresh, shown) {
  shown.set(fresh, plain(fresh));
  for (const cell of fresh.children) shown.set(cell, plain(cell));
  keepFocus(old, () => old.replaceWith(fresh), fresh);
  return fresh;
}

// A link or button that had the focus has it again in what takes its place.
function keepFocus(from, change, to = from) {
  const focused = from.contains(document.activeElement) ? document.activeElement : null;
  const what = focused && `${focused.tagName} ${focused.getAttribute("href")} ${focused.textContent}`;
  change();
  if (!focused) return;
  const again = [...to.querySelectorAll("a, button")].find(
    (other) => `${other.tagName} ${other.getAttribute("href")} ${other.textContent}` === what,
  );
  again?.focus({ preventScroll: true });
}

// Something is being filled in here, or was opened to be: it must not be swept away.
function inUse(element) {
  const focused = document.activeElement;
  if (element.contains(focused) && /^(INPUT|SELECT|TEXTAREA)$/.test(focused.tagName)) return true;
  if ([...element.querySelectorAll("details[open]")].some((opened) => opened.querySelector("form"))) return true;
  return [...element.querySelectorAll("input, select, textarea")].some((field) =>
    field.type === "checkbox" || field.type === "radio"
      ? field.checked !== field.defaultChecked
      : field.tagName !== "SELECT" && field.value !== field.defaultValue,
  );
}

function tell(region, fresh, age, old, held) {
  const stale = old > STALE_AFTER;
  const seconds = Math.floor(old / 1000);
  fresh.classList.toggle("stale", stale);
  region.classList.toggle("stale", stale);
  const current = held ? "À jour, sauf ce que vous êtes en train de remplir" : "À jour";
  const text = stale ? "Données figées depuis plus de 10 s : vérifiez votre connexion" : current;
  if (fresh.textContent !== text) fresh.textContent = text; // said once, not at every look
  if (age) age.textContent = seconds < 2 ? "données de l'instant" : `données d'il y a ${seconds} s`;
}
