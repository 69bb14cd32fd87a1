// The time left, counted from a steady clock and from what the server said last; never from the wall clock, which may be
// wrong or moved. It can be hidden, and is then still said aloud at 60, 30, 10, 5 minutes and 1 minute.

const bar = document.getElementById("bar");
const time = document.getElementById("time");
const announce = document.getElementById("announce");
const ANNOUNCED = [60, 30, 10, 5, 1]; // minutes

let anchor = performance.now();
let seconds = Number(time.dataset.seconds);
let told = ANNOUNCED.filter((minutes) => seconds <= minutes * 60);

export function left() {
  return Math.max(0, seconds - (performance.now() - anchor) / 1000);
}

export function setLeft(value) {
  anchor = performance.now();
  seconds = value;
  told = told.filter((minutes) => seconds <= minutes * 60); // time was given: say it again when it comes
}

export function say(words) {
  announce.textContent = words;
}

export function start(bell) {
  const tick = () => {
    const value = left();
    const words = write(value);
    const strong = time.querySelector("strong");
    if (strong.textContent !== words) strong.textContent = words;
    bar.classList.toggle("soon", value <= 300);
    const passed = ANNOUNCED.filter((minutes) => value <= minutes * 60 && !told.includes(minutes));
    if (passed.length) {
      told.push(...passed);
      say(`Il reste ${spoken(Math.min(...passed))}.`);
    }
    if (value <= 0) bell();
  };
  setInterval(tick, 500);
  tick();
}

function write(value) {
  const minutes = Math.ceil(value / 60);
  const hours = Math.floor(minutes / 60);
  if (value < 60) return `${Math.ceil(value)} s`;
  return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes} min`;
}

function spoken(minutes) {
  return minutes === 60 ? "une heure" : minutes === 1 ? "une minute" : `${minutes} minutes`;
}
