// Fetches pieces of a page again and again: <div data-poll="address" data-every="seconds">.
// With [data-key] children, only those that changed are replaced; a child in use (focus, something typed) is left alone.

const STALE_AFTER = 15_000;

for (const region of document.querySelectorAll("[data-poll]")) watch(region);

function watch(region) {
  const every = Number(region.dataset.every) * 1000;
  const fresh = document.querySelector(`[data-fresh="${region.id}"]`);
  const shown = new Map(keyed(region).map((row) => [row.dataset.key, row.outerHTML]));
  let etag = "";
  let heard = performance.now();
  let held = false;

  async function look() {
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const reply = await fetch(region.dataset.poll, { headers, cache: "no-store", redirect: "manual" });
      if (reply.type === "opaqueredirect") return location.reload();
      if (reply.status === 200) {
        etag = reply.headers.get("ETag") ?? "";
        held = !put(region, await reply.text(), shown);
        if (held) etag = "";
      }
      if (reply.ok || reply.status === 304) heard = performance.now();
    } catch {
      // The network is gone: the mark of freshness tells.
    }
    if (fresh) tell(fresh, performance.now() - heard, held);
    setTimeout(look, every * (0.9 + 0.2 * Math.random()));
  }
  setTimeout(look, every);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}

function keyed(root) {
  return [...root.querySelectorAll("[data-key]")];
}

// Whether everything could be shown; what was in use is tried again at the next look.
function put(region, html, shown) {
  const next = document.createElement("template");
  next.innerHTML = html;
  const news = keyed(next.content);
  if (!news.length && !shown.size) {
    if (inUse(region)) return false;
    keepFocus(region, () => region.replaceChildren(next.content));
    return true;
  }
  const olds = new Map(keyed(region).map((row) => [row.dataset.key, row]));
  if (olds.size !== news.length || news.some((row) => !olds.has(row.dataset.key))) {
    if (inUse(region)) return false;
    keepFocus(region, () => region.replaceChildren(next.content));
    shown.clear();
    for (const row of keyed(region)) shown.set(row.dataset.key, row.outerHTML);
    return true;
  }
  let whole = true;
  const parent = olds.values().next().value.parentElement;
  const order = news.map((row) => row.dataset.key).join() !== [...olds.keys()].join();
  for (const row of news) {
    const old = olds.get(row.dataset.key);
    const markup = row.outerHTML;
    if (withoutTokens(shown.get(row.dataset.key)) === withoutTokens(markup)) continue;
    if (inUse(old)) {
      whole = false;
      continue;
    }
    keepFocus(old, () => old.replaceWith(row), row);
    olds.set(row.dataset.key, row);
    shown.set(row.dataset.key, markup);
  }
  if (order && !inUse(region)) {
    keepFocus(region, () => news.forEach((row) => parent.append(olds.get(row.dataset.key))));
  } else if (order) whole = false;
  const outside = next.content.querySelector("[data-summary]");
  const summary = region.querySelector("[data-summary]");
  if (outside && summary && summary.textContent !== outside.textContent) summary.replaceWith(outside);
  return whole;
}

function withoutTokens(markup) {
  return markup?.replace(/name="csrf_token"[^>]*/g, "");
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

// Something is being filled in here: it must not be swept away.
function inUse(element) {
  const focused = document.activeElement;
  if (element.contains(focused) && /^(INPUT|SELECT|TEXTAREA)$/.test(focused.tagName)) return true;
  return [...element.querySelectorAll("input, select, textarea")].some((field) =>
    field.type === "checkbox" || field.type === "radio"
      ? field.checked !== field.defaultChecked
      : field.tagName !== "SELECT" && field.value !== field.defaultValue,
  );
}

function tell(fresh, age, held) {
  const stale = age > STALE_AFTER;
  fresh.classList.toggle("stale", stale);
  const current = held ? "À jour, sauf ce que vous êtes en train de remplir" : "À jour";
  const text = stale ? "Données figées depuis plus de 15 s : vérifiez votre connexion" : current;
  if (fresh.textContent !== text) fresh.textContent = text; // said once, not at every look
}
