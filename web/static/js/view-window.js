// The window that a candidate is seen through. It stays open beside the test, so that nothing stops from page to page.

import { Line, Peer } from "./view-line.js";

const CAMERA = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 10, max: 15 } };
const MICROPHONE = { channelCount: 1, noiseSuppression: false }; // a whisper is what a proctor listens for
const SCREEN = { displaySurface: "monitor", frameRate: { max: 5 }, width: { max: 1280 }, height: { max: 1280 } };
const FULL = {
  camera: { maxBitrate: 300_000, maxFramerate: 10, scaleResolutionDownBy: 1 },
  screen: { maxBitrate: 700_000, maxFramerate: 5, scaleResolutionDownBy: 1 },
};
const SMALL = {
  camera: { maxBitrate: 120_000, maxFramerate: 10, scaleResolutionDownBy: 1 },
  screen: { maxBitrate: 120_000, maxFramerate: 3, scaleResolutionDownBy: 2 },
  microphone: { maxBitrate: 24_000 },
};
const MOST_CONSOLES = 6;
const TOLD_EVERY = 2_000;

const root = document.querySelector("[data-view-window]");
const tracks = { camera: null, screen: null, microphone: null };
const calls = new Map(); // by the address of the console
const channel = new BroadcastChannel(`palier-view-${root.dataset.sitting}`);
const line = new Line(root, { state, onReply, onLetter, onTrouble });
let phase = "preparing"; // preparing → live ⇄ stopped; over at the end
let agreed = root.dataset.agreed === "yes";

part("camera-again").addEventListener("click", takeCamera);
part("choose-screen").addEventListener("click", takeScreen);
part("choose-again").addEventListener("click", takeScreen);
part("start").addEventListener("click", start);
part("stop").addEventListener("click", stop);
part("resume").addEventListener("click", resume);
part("close").addEventListener("click", () => close());
addEventListener("pagehide", leave);
addEventListener("beforeunload", (event) => phase === "live" && event.preventDefault());
navigator.mediaDevices?.addEventListener("devicechange", () => {
  if (phase !== "over" && phase !== "stopped" && !(alive("camera") && alive("microphone"))) takeCamera();
});
channel.addEventListener("message", ({ data }) => data === "ask" && tell());
setInterval(() => {
  render(); // some browsers end a track without saying so
  tell();
}, TOLD_EVERY);
setInterval(measure, 150);

if (!navigator.mediaDevices?.getUserMedia || !navigator.mediaDevices.getDisplayMedia || !window.RTCPeerConnection) {
  show("unsupported");
} else alone().then((only) => (only ? begin() : show("twice")));

// One window in one browser; after a reload the one before may need a moment to let go.
async function alone() {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const only = await new Promise((resolve) => {
      navigator.locks.request(`palier-view-${root.dataset.sitting}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => {}); // held until the window goes
      });
    });
    if (only) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

async function begin() {
  show("preparing");
  await takeCamera();
  if (agreed && phase === "preparing") goLive();
}

// --- what is taken ---

async function takeCamera() {
  const wanted = { video: !alive("camera") && CAMERA, audio: !alive("microphone") && MICROPHONE };
  if (!wanted.video && !wanted.audio) return;
  let problem = "";
  // Together, so that the browser asks once; if one of them is missing, each for itself.
  const taken = await media(wanted).catch(async (both) => {
    problem = both.name;
    const alone = [];
    if (wanted.video && wanted.audio && both.name !== "NotAllowedError") {
      for (const one of [{ video: CAMERA }, { audio: MICROPHONE }]) {
        await media(one).then(
          (found) => alone.push(...found),
          () => {},
        );
      }
    }
    return alone;
  });
  for (const track of taken) put(track.kind === "audio" ? "microphone" : "camera", track);
  part("camera-problem").textContent = sentence(problem);
  part("camera-problem").hidden = !problem;
  render();
}

async function media(constraints) {
  return (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
}

function sentence(problem) {
  const missing = !alive("camera") && !alive("microphone") ? "La caméra et le micro" : alive("camera") ? "Le micro" : "La caméra";
  const plural = missing.includes(" et ");
  if (!problem) return "";
  if (problem === "NotAllowedError")
    return "Votre navigateur n'a pas le droit d'utiliser la caméra et le micro. Ouvrez les autorisations du site, à gauche de l'adresse, accordez-les, puis réessayez.";
  if (problem === "NotReadableError")
    return `${missing} ${plural ? "sont utilisés" : "est utilisé"} par un autre logiciel. Fermez-le, puis réessayez.`;
  return `${missing} ${plural ? "n'ont pas été trouvés" : "n'a pas été trouvé"}. Vérifiez le branchement, puis réessayez.`;
}

async function takeScreen() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({
      video: SCREEN,
      audio: false,
      monitorTypeSurfaces: "include",
      surfaceSwitching: "exclude",
    });
  } catch {
    return render(); // the choice was closed without choosing: what was shared stays
  }
  const before = tracks.screen;
  put("screen", stream.getVideoTracks()[0]);
  before?.stop();
  render();
}

function put(name, track) {
  tracks[name] = track;
  if (name === "screen") track.contentHint = "detail";
  for (const event of ["ended", "mute", "unmute"]) track.addEventListener(event, () => changed(name, track));
  if (name === "camera") part("camera").srcObject = new MediaStream([track]);
  if (name === "screen") part("screen").srcObject = new MediaStream([track]);
  if (name === "microphone") listen(track);
  for (const call of calls.values()) call.senders[name].replaceTrack(track).catch(() => {});
  line.quicken();
}

function changed(name, track) {
  if (tracks[name] !== track) return;
  // A camera that is muted for an instant is not lost; one that has ended is.
  setTimeout(() => {
    render();
    line.quicken();
  }, track.readyState === "ended" ? 0 : 1_500);
}

function alive(name) {
  const track = tracks[name];
  return Boolean(track && track.readyState === "live" && !track.muted);
}

function surface() {
  return alive("screen") ? (tracks.screen.getSettings().displaySurface ?? "unknown") : "";
}

let analyser = null;
let samples = null;
function listen(track) {
  const context = new AudioContext();
  analyser = context.createAnalyser();
  analyser.fftSize = 512;
  samples = new Uint8Array(analyser.fftSize);
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  document.addEventListener("click", () => context.resume(), { once: true });
}

function measure() {
  if (!analyser || !alive("microphone")) return (part("level").value = 0);
  analyser.getByteTimeDomainData(samples);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0) / 128;
  part("level").value = Math.max(peak, part("level").value * 0.85);
}

// --- what is sent ---

async function decide(decision) {
  const form = new FormData();
  form.set("decision", decision);
  form.set("csrf_token", line.token);
  await fetch(root.dataset.consent, { method: "POST", body: form, redirect: "manual" });
}

async function start() {
  part("start").disabled = true;
  try {
    await line.learn();
    await decide("agree");
    agreed = true;
    goLive();
  } catch {
    onTrouble(0, "");
  } finally {
    part("start").disabled = false;
  }
}

function goLive() {
  phase = "live";
  show("live");
  line.open();
  tell();
}

async function stop() {
  line.leave(goodbyes(), { closing: true });
  release();
  phase = "stopped";
  show("stopped");
  tell();
  await decide("decline").catch(() => {});
}

async function resume() {
  phase = "preparing";
  show("preparing");
  await takeCamera();
}

function end() {
  line.running = false;
  release();
  phase = "over";
  show("over");
  tell();
}

function leave() {
  if (phase !== "live") return;
  channel.postMessage({ alive: false });
  line.leave(goodbyes(), { closing: true });
}

function goodbyes() {
  return [...calls].map(([to, call]) => ({ to, mail: { type: "bye", call: call.peer.call } }));
}

function release() {
  for (const address of [...calls.keys()]) hangUp(address);
  for (const name of Object.keys(tracks)) {
    tracks[name]?.stop();
    tracks[name] = null;
  }
  part("camera").srcObject = part("screen").srcObject = null;
}

function state() {
  return { camera: alive("camera"), microphone: alive("microphone"), screen: surface() };
}

function onReply(reply) {
  part("network").hidden = true;
  if (reply.over) end();
}

function onTrouble(status, told) {
  part("network").hidden = false;
  part("network").textContent =
    told || "La connexion avec le serveur est coupée. Elle reprend toute seule ; votre test n'est pas touché.";
}

async function onLetter({ from, name, mail }) {
  if (mail.type === "hello") return call(from, name, mail.call);
  const found = calls.get(from);
  if (!found || found.peer.call !== mail.call) return;
  try {
    if (mail.type === "answer") await found.peer.describe({ type: "answer", sdp: mail.sdp });
    if (mail.type === "paths") for (const path of mail.paths) await found.peer.reach(path);
    if (mail.type === "bye") hangUp(from);
  } catch {
    hangUp(from); // the console asks again
  }
}

// A console asks: it gets an offer. One connection for each console; one that asks anew is served anew.
async function call(from, name, id) {
  hangUp(from);
  if (calls.size >= MOST_CONSOLES) hangUp(calls.keys().next().value);
  const peer = new Peer(line, from, id);
  const { connection } = peer;
  const senders = {};
  for (const [what, kind] of Object.entries({ camera: "video", screen: "video", microphone: "audio" })) {
    const encodings = { direction: "sendonly", sendEncodings: [{ ...SMALL[what] }] };
    senders[what] = connection.addTransceiver(alive(what) ? tracks[what] : kind, encodings).sender;
  }
  calls.set(from, { peer, name, senders });
  const wishes = connection.createDataChannel("wishes", { negotiated: true, id: 0 });
  wishes.addEventListener("message", ({ data }) => wish(senders, data));
  connection.addEventListener("connectionstatechange", () => {
    if (calls.get(from)?.peer !== peer) return;
    if (connection.connectionState === "failed") hangUp(from);
    render();
  });
  await connection.setLocalDescription();
  peer.write({ type: "offer", sdp: connection.localDescription.sdp });
}

// The proctor enlarges the camera or the screen: that one comes sharper, for that console only.
function wish(senders, what) {
  for (const name of ["camera", "screen"]) {
    const parameters = senders[name].getParameters();
    if (!parameters.encodings?.length) continue;
    Object.assign(parameters.encodings[0], name === what ? FULL[name] : SMALL[name]);
    senders[name].setParameters(parameters).catch(() => {});
  }
}

function hangUp(address) {
  calls.get(address)?.peer.close();
  calls.delete(address);
  render();
}

// --- what is shown ---

function part(name) {
  return root.querySelector(`[data-part="${name}"]`);
}

function show(name) {
  root.dataset.phase = name;
  for (const panel of root.querySelectorAll("[data-panel]")) {
    panel.hidden = !panel.dataset.panel.split(" ").includes(name);
  }
  render();
}

function render() {
  const shared = surface();
  part("camera-state").textContent = alive("camera") ? "Visible" : "Coupée";
  part("microphone-state").textContent = alive("microphone") ? "Audible" : "Coupé";
  const partial = shared === "window" || shared === "browser";
  part("screen-state").textContent = !shared ? "Non partagé" : partial ? "Partagé en partie" : "Visible";
  for (const [name, good] of [["camera", alive("camera")], ["microphone", alive("microphone")], ["screen", shared && !partial]]) {
    part(`${name}-state`).className = `state ${good ? "go" : "stop"}`;
  }
  part("camera").hidden = !alive("camera");
  part("no-camera").hidden = alive("camera");
  part("screen").hidden = !shared;
  part("no-screen").hidden = Boolean(shared);
  part("camera-again").hidden = alive("camera") && alive("microphone");
  part("choose-screen").hidden = Boolean(shared);
  part("choose-again").hidden = !partial;
  part("partial").hidden = !partial;
  part("start").className = shared && alive("camera") ? "" : "plain";
  const names = [...new Set([...calls.values()].filter(isConnected).map((one) => one.name))].filter(Boolean);
  const seen = names.length ? `${names.join(" et ")} vous voit en ce moment` : "Personne ne vous regarde en ce moment";
  part("seen").textContent = names.length > 1 ? seen.replace("vous voit", "vous voient") : seen;
}

function isConnected({ peer }) {
  return peer.connection.connectionState === "connected";
}

// The pages of the test hear every two seconds that this window is there.
function tell() {
  const troubles = [!alive("camera") && "camera", !surface() && "screen", !alive("microphone") && "microphone"];
  channel.postMessage({ alive: phase === "live", phase, troubles: troubles.filter(Boolean) });
}
