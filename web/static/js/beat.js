// A worker that only counts: the timers of a page that is out of sight are slowed down to one a minute, a worker's are not.

const EVERY = 10_000;

function beat() {
  postMessage("beat");
  setTimeout(beat, EVERY * (0.9 + 0.2 * Math.random()));
}

setTimeout(beat, 500);
