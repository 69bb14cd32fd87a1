// Talking to our server and to nobody else: a reply that is not the JSON we expect was not heard. A proxy or the
// page of a hotel's network may answer 200 to anything.

const LONGEST = 20_000;
const RENEW_EVERY = 30_000;
const token = document.querySelector('meta[name="csrf-token"]').content;

// { ok, said } where the server spoke, null where it was not heard.
export async function ask(address, fields, { patience = LONGEST, keepalive = false } = {}) {
  try {
    const reply = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json", "X-CSRFToken": token },
      cache: "no-store",
      redirect: "manual",
      keepalive,
      signal: AbortSignal.timeout(patience),
    });
    if (!reply.headers.get("Content-Type")?.startsWith("application/json")) return null;
    const said = await reply.json();
    if (said === null || typeof said !== "object" || reply.status >= 500) return null;
    if (reply.status === 400 && said.code === "") renew();
    return { ok: reply.ok, said };
  } catch {
    return null;
  }
}

// This page is older than the cookie of its browser, as when somebody identified again in another tab: a new one has a
// token that holds. Not again and again, should it not help.
function renew() {
  const before = Number(sessionStorage.getItem("palier:renewed"));
  if (Math.abs(Date.now() - before) < RENEW_EVERY) return;
  sessionStorage.setItem("palier:renewed", String(Date.now()));
  location.reload();
}

export const page = document.querySelector("input[name=page]")?.value ?? "";
