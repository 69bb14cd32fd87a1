// The wall: every candidate's camera, screen and sound, straight from their browsers. This page asks, theirs offer.

import { Line, Peer } from "./view-line.js";

const ANSWERED_WITHIN = 12_000;
const CUT_FOR = 4_000;
const FROZEN_AFTER = 5_000;
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const STALE_AFTER = 15_000;
const SEEN = ["camera", "screen", "microphone"]; // the order in which windows offer them

const root = document.querySelector("[data-wall]");
const line = new Line(root, { state: () => ({}), onReply, onLetter });
const fresh = document.querySelector("[data-wall-fresh]"); // the page of one candidate has none
const rates = document.querySelector("[data-wall-rate]");
const standings = JSON.parse(root.dataset.standings);
const troubleNames = JSON.parse(root.dataset.troubles);
let heard = performance.now();

class Tile {
  constructor(element) {
    this.element = element;
    this.id = element.dataset.tile;
    this.name = element.dataset.name;
    this.video = { camera: this.part("camera"), screen: this.part("screen") };
    this.streams = { camera: new MediaStream(), screen: new MediaStream() };
    this.view = { standing: element.dataset.standing, address: null, troubles: [] };
    this.part("listen").addEventListener("click", () => listenTo(this.isHeard ? null : this));
    for (const pane of element.querySelectorAll("[data-pane]")) {
      pane.addEventListener("click", () => enlarge(this, pane.dataset.pane));
    }
    this.forget();
    this.tries = 0;
    this.nextAt = 0;
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  get isConnected() {
    return this.peer?.connection.connectionState === "connected";
  }

  get isHeard() {
    return this.part("listen").getAttribute("aria-pressed") === "true";
  }

  follow(view) {
    if (view.address !== this.view.address) {
      this.peer?.close(); // that window is gone: nobody is there to be told
      this.forget();
      this.tries = this.nextAt = 0;
    }
    this.view = view;
    this.render();
  }

  // Looked after every second: ask, ask again after a while, hang up what is dead.
  tend(now) {
    if (!this.view.address) return;
    if (!this.call) {
      if (now >= this.nextAt) this.dial(now);
      return;
    }
    const state = this.peer?.connection.connectionState;
    if (state === "connected") this.cutAt = null;
    else if (state === "failed" || state === "closed") return this.again(now);
    else if (state === "disconnected") this.cutAt ??= now;
    const unanswered = state !== "connected" && this.cutAt === null && now - this.dialledAt > ANSWERED_WITHIN;
    if (unanswered || (this.cutAt !== null && now - this.cutAt > CUT_FOR)) return this.again(now);
    if (this.isFrozen(now, 2 * FROZEN_AFTER)) this.again(now);
  }

  dial(now) {
    this.call = crypto.randomUUID();
    this.dialledAt = now;
    line.send(this.view.address, { type: "hello", call: this.call });
    this.render();
  }

  again(now) {
    this.hangUp();
    this.nextAt = now + PAUSES[Math.min(this.tries, PAUSES.length - 1)] * (0.8 + 0.4 * Math.random());
    this.tries += 1;
    this.render();
  }

  hangUp() {
    if (this.call && this.view.address) line.send(this.view.address, { type: "bye", call: this.call });
    this.peer?.close();
    this.forget();
  }

  forget() {
    this.peer = null;
    this.call = null;
    this.cutAt = null;
    this.movedAt = performance.now();
    this.frames = 0;
    this.bytes = 0;
    this.receivers = {};
    for (const stream of Object.values(this.streams)) for (const track of stream.getTracks()) stream.removeTrack(track);
    this.element.dataset.frames = this.element.dataset.screenFrames = this.element.dataset.audioPackets = "0";
  }

  async hear(mail) {
    if (mail.call !== this.call) return;
    try {
      if (mail.type === "offer") await this.accept(mail.sdp);
      if (mail.type === "paths") for (const path of mail.paths) await this.peer?.reach(path);
      if (mail.type === "bye") this.again(performance.now());
    } catch {
      this.again(performance.now());
    }
  }

  async accept(sdp) {
    this.peer?.close();
    const peer = new Peer(line, this.view.address, this.call);
    this.peer = peer;
    const { connection } = peer;
    connection.addEventListener("track", ({ transceiver, track, receiver }) => {
      const what = SEEN[Number(transceiver.mid)];
      this.receivers[what] = receiver;
      this.streams[what === "screen" ? "screen" : "camera"].addTrack(track);
      for (const [name, video] of Object.entries(this.video)) {
        video.srcObject = this.streams[name];
        video.play().catch(() => {}); // hidden for now; it plays once it is seen
      }
    });
    connection.addEventListener("connectionstatechange", () => {
      if (this.peer !== peer) return;
      if (this.isConnected) this.movedAt = performance.now();
      this.render();
      if (this.isConnected && zoomed?.tile === this) this.wish(zoomed.what);
    });
    this.wishes = connection.createDataChannel("wishes", { negotiated: true, id: 0 });
    // The other side is gone without a farewell: this is heard long before the connection gives up.
    this.wishes.addEventListener("close", () => this.peer === peer && this.again(performance.now()));
    await peer.describe({ type: "offer", sdp });
    await connection.setLocalDescription();
    peer.write({ type: "answer", sdp: connection.localDescription.sdp });
  }

  wish(what) {
    const wishes = this.wishes;
    if (!wishes) return;
    if (wishes.readyState === "open") wishes.send(what);
    else if (wishes.readyState === "connecting") wishes.addEventListener("open", () => wishes.send(what), { once: true });
  }

  isFrozen(now, after = FROZEN_AFTER) {
    const expected = this.isConnected && !document.hidden && !this.view.troubles.includes("camera");
    return expected && now - this.movedAt > after;
  }

  // What has come in since the last look.
  async measure(now) {
    if (!this.isConnected) return 0;
    let bytes = 0;
    for (const [name, receiver] of Object.entries(this.receivers)) {
      for (const report of (await receiver.getStats()).values()) {
        if (report.type !== "inbound-rtp") continue;
        bytes += report.bytesReceived;
        if (name === "camera") {
          if (report.framesDecoded !== this.frames) this.movedAt = now;
          this.element.dataset.frames = this.frames = report.framesDecoded ?? 0;
        }
        if (name === "screen") this.element.dataset.screenFrames = report.framesDecoded ?? 0;
        if (name === "microphone") this.element.dataset.audioPackets = report.packetsReceived ?? 0;
      }
    }
    if (this.frames > 50) this.tries = 0; // it holds
    const come = Math.max(0, bytes - this.bytes);
    this.bytes = bytes;
    return come;
  }

  sound() {
    const level = this.isConnected ? (this.receivers.microphone?.getSynchronizationSources()[0]?.audioLevel ?? 0) : 0;
    const meter = this.part("level");
    meter.value = Math.max(level, meter.value * 0.7);
  }

  render() {
    const { standing, troubles } = this.view;
    let word = standings[standing];
    let tone = { undecided: "off", declined: "stop", closed: "stop", over: "off" }[standing];
    if (standing === "live") {
      const frozen = this.isFrozen(performance.now());
      word = this.isConnected ? (frozen ? "Image figée" : standings.live) : this.tries ? "Reconnexion…" : "Connexion…";
      tone = this.isConnected && !frozen ? "go" : "wait";
    }
    const state = this.part("standing");
    if (state.textContent !== word) state.textContent = word;
    state.className = `state ${tone}`;
    this.element.dataset.standing = standing;
    this.element.dataset.connected = this.isConnected ? "yes" : "no";
    for (const pane of this.element.querySelectorAll("[data-pane]")) pane.disabled = !this.isConnected;
    for (const name of ["camera", "screen"]) {
      const seen = this.isConnected && !troubles.includes(name);
      this.video[name].hidden = !seen;
      const note = this.part(`${name}-note`);
      const lost = standing === "live" && troubles.includes(name);
      note.textContent = seen ? "" : lost ? troubleNames[name] : name === "camera" ? word : "";
      note.hidden = seen;
    }
    const tags = troubles.map((name) => troubleNames[name]).join("|");
    const list = this.part("troubles");
    if (list.dataset.tags !== tags) {
      list.dataset.tags = tags;
      list.replaceChildren(
        ...troubles.map((name) => {
          const tag = document.createElement("span");
          tag.className = "tag alert";
          tag.textContent = troubleNames[name];
          return tag;
        }),
      );
    }
    this.part("listen").disabled = !this.isConnected || troubles.includes("microphone");
    if (zoomed?.tile === this) renderZoom();
  }
}

const tiles = [...root.querySelectorAll("[data-tile]")].map((element) => new Tile(element));

function onReply(reply) {
  heard = performance.now();
  for (const tile of tiles) if (reply.views[tile.id]) tile.follow(reply.views[tile.id]);
}

function onLetter({ from, mail }) {
  tiles.find((tile) => tile.view.address === from)?.hear(mail);
}

// One candidate is heard at a time.
function listenTo(chosen) {
  for (const tile of tiles) {
    const on = tile === chosen;
    tile.video.camera.muted = !on;
    tile.part("listen").setAttribute("aria-pressed", String(on));
    tile.part("listen-word").textContent = on ? "Couper" : "Écouter";
    tile.element.classList.toggle("heard", on);
  }
}

// --- one picture, large ---

const dialog = document.querySelector("[data-zoom]");
let zoomed = null;

function enlarge(tile, what) {
  zoomed?.tile.wish("");
  zoomed = { tile, what };
  tile.wish(what);
  renderZoom();
  if (!dialog.open) dialog.showModal();
}

function renderZoom() {
  const { tile, what } = zoomed;
  const video = dialog.querySelector("video");
  if (video.srcObject !== tile.streams[what]) video.srcObject = tile.streams[what];
  video.hidden = tile.video[what].hidden;
  dialog.querySelector("[data-zoom-note]").textContent = video.hidden
    ? tile.part(`${what}-note`).textContent || tile.part("standing").textContent
    : "";
  dialog.querySelector("[data-zoom-name]").textContent = tile.name;
  dialog.querySelector("[data-zoom-link]").href = tile.element.dataset.page;
  for (const button of dialog.querySelectorAll("[data-zoom-what]")) {
    button.setAttribute("aria-pressed", String(button.dataset.zoomWhat === what));
  }
  if (!video.hidden) video.play().catch(() => {});
}

function step(by) {
  const place = tiles.indexOf(zoomed.tile);
  enlarge(tiles[(place + by + tiles.length) % tiles.length], zoomed.what);
}

for (const button of dialog.querySelectorAll("[data-zoom-step]")) {
  button.addEventListener("click", () => step(Number(button.dataset.zoomStep)));
}
for (const button of dialog.querySelectorAll("[data-zoom-what]")) {
  button.addEventListener("click", () => enlarge(zoomed.tile, button.dataset.zoomWhat));
}
dialog.querySelector("[data-zoom-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
dialog.addEventListener("close", () => {
  zoomed?.tile.wish("");
  const back = zoomed?.tile.element.querySelector(`[data-pane="${zoomed.what}"]`);
  zoomed = null;
  back?.focus();
});

// --- the beat ---

setInterval(() => {
  const now = performance.now();
  for (const tile of tiles) tile.tend(now);
}, 1_000);
setInterval(() => tiles.forEach((tile) => tile.sound()), 250);

let measuredAt = performance.now();
setInterval(async () => {
  const now = performance.now();
  let bytes = 0;
  for (const tile of tiles) bytes += await tile.measure(now).catch(() => 0);
  for (const tile of tiles) tile.render();
  const rate = (8 * bytes) / (now - measuredAt) / 1000; // Mbit/s
  measuredAt = now;
  if (!fresh) return;
  const live = tiles.filter((tile) => tile.isConnected).length;
  const told = `${live} sur ${tiles.length} en direct`;
  const stale = now - heard > STALE_AFTER;
  fresh.classList.toggle("stale", stale);
  const text = stale ? "Serveur injoignable depuis plus de 15 s : vérifiez votre connexion" : told;
  if (fresh.textContent !== text) fresh.textContent = text;
  rates.textContent = `${rate.toFixed(1).replace(".", ",")} Mbit/s reçus`;
}, 2_000);

addEventListener("pagehide", () => {
  const open = tiles.filter((tile) => tile.call && tile.view.address);
  line.leave(open.map((tile) => ({ to: tile.view.address, mail: { type: "bye", call: tile.call } })));
});
addEventListener("pageshow", (event) => event.persisted && location.reload());
line.open();
