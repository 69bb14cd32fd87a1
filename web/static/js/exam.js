// The page of an item: the countdown, the bell, the order of choices, one sending at a time.

import "./draft.js"; // before the order is made of the menus
import "./ordering.js";
import { onNews } from "./presence.js";

const form = document.getElementById("reply");
const bar = document.getElementById("bar");
const time = document.getElementById("time");
const announce = document.getElementById("announce");
const ANNOUNCED = [60, 30, 10, 5, 1]; // minutes

// Counted from a steady clock, never from the wall clock, which may be wrong or moved.
let anchor = performance.now();
let seconds = Number(time.dataset.seconds);
let told = ANNOUNCED.filter((minutes) => seconds <= minutes * 60);
let sent = false;

function left() {
  return Math.max(0, seconds - (performance.now() - anchor) / 1000);
}

function write(value) {
  const minutes = Math.ceil(value / 60);
  const hours = Math.floor(minutes / 60);
  if (value < 60) return `${Math.ceil(value)} s`;
  return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes} min`;
}

function tick() {
  const value = left();
  const text = write(value);
  const strong = time.querySelector("strong");
  if (strong.textContent !== text) strong.textContent = text;
  bar.classList.toggle("soon", value <= 300);
  for (const minutes of ANNOUNCED) {
    if (value <= minutes * 60 && !told.includes(minutes)) {
      told.push(minutes);
      announce.textContent = `Il reste ${minutes === 60 ? "une heure" : minutes === 1 ? "une minute" : `${minutes} minutes`}.`;
    }
  }
  if (value <= 0 && !sent) ring();
}

// What stands in the form is sent as it is; the server alone closes the test.
async function ring() {
  sent = true;
  announce.textContent = "Le temps est écoulé.";
  const data = new FormData(form);
  data.set("action", "valider");
  try {
    await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
  } catch {
    sent = false; // offline: the next tick tries again, within the grace
    return;
  }
  document.getElementById("bell").submit();
}

onNews((news) => {
  if (news.item !== form.dataset.item) return sent || location.reload();
  if (news.state !== "running") return location.reload();
  anchor = performance.now();
  seconds = news.seconds_left;
  told = told.filter((minutes) => seconds <= minutes * 60); // time was given: say it again when it comes
});

form.addEventListener("submit", (event) => {
  if (sent) return event.preventDefault();
  sent = true;
  // After this turn, so that the pressed button still travels with the form.
  setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

setInterval(tick, 500);
tick();
